// A chip's constraint graph, and the interpreter that evaluates it over blocks of rows.
//
// The bytes come from node/recursion/air/graph.py, which documents them. Nodes become instructions
// on a small set of registers. On a CPU a register is a block of vectors, so that one instruction's
// overhead is shared by a whole block; on a GPU a thread has a row.
#pragma once

#include <cstdint>
#include <optional>
#include <prover/arrays.hpp>
#include <span>
#include <utility>
#include <vector>

namespace strikefold
{
/// A message's place among the graph's roots.
struct GraphMessage
{
    uint32_t bus_id;
    uint32_t times;                ///< Root.
    std::vector<uint32_t> fields;  ///< Roots.
};

/// A graph's program as plain arrays, on whichever side it runs.
struct GraphCode
{
    enum class Op : uint8_t { add, sub, mul };
    enum class Kind : uint8_t { constant, column, reg };

    struct Operand
    {
        Kind kind;
        uint32_t index;
    };
    struct Instruction
    {
        Op op;
        Operand a;
        Operand b;
        uint32_t target;  ///< Register.
    };
    /// After `position` instructions, `value` is the value of `root`.
    struct Output
    {
        size_t position;
        Operand value;
        uint32_t root;
    };

    const Instruction* instructions;
    size_t instruction_count;
    const Output* outputs;
    size_t output_count;
    const Fp* constants;
};

/// A constant of the base field as an F: element or extension element, or a vector of either.
template <class F>
[[nodiscard]] STRIKEFOLD_HD F graph_constant(Fp x) noexcept
{
    if constexpr (requires { F::DEGREE; })
    {
        F out{};
        out.c[0] = decltype(out.c[0] + out.c[0]){x};
        return out;
    }
    else
        return F{x};
}

/// Runs a graph on BLOCK values of type F at once: the one interpreter of both backends.
///
/// column(c) and reg(r) point to the block's values of a column and of a register; root(r, value) is
/// called once for each root, value(i) being its i-th value.
template <size_t BLOCK, class F, class Column, class Register, class Root>
STRIKEFOLD_HD void run_graph(
    const GraphCode& code, const Column& column, const Register& reg, const Root& root)
{
    const auto with = [&](GraphCode::Operand operand, const auto& use) {
        if (operand.kind == GraphCode::Kind::constant)
        {
            const F constant = graph_constant<F>(code.constants[operand.index]);
            use([constant](size_t) { return constant; });
        }
        else
        {
            const F* block = operand.kind == GraphCode::Kind::column ? column(operand.index) :
                                                                       reg(operand.index);
            use([block](size_t i) { return block[i]; });
        }
    };
    const GraphCode::Output* output = code.outputs;
    const GraphCode::Output* const last = code.outputs + code.output_count;
    for (size_t position = 0; position <= code.instruction_count; ++position)
    {
        for (; output != last && output->position == position; ++output)
            with(output->value, [&](const auto& value) { root(output->root, value); });
        if (position == code.instruction_count)
            break;
        const GraphCode::Instruction& step = code.instructions[position];
        F* target = reg(step.target);
        with(step.a, [&](const auto& a) {
            with(step.b, [&](const auto& b) {
                switch (step.op)
                {
                case GraphCode::Op::add:
                    for (size_t i = 0; i < BLOCK; ++i)
                        target[i] = a(i) + b(i);
                    break;
                case GraphCode::Op::sub:
                    for (size_t i = 0; i < BLOCK; ++i)
                        target[i] = a(i) - b(i);
                    break;
                case GraphCode::Op::mul:
                    for (size_t i = 0; i < BLOCK; ++i)
                        target[i] = a(i) * b(i);
                    break;
                }
            });
        });
    }
}

/// What evaluates some of a graph's roots.
struct GraphProgram
{
    uint32_t registers = 0;
    std::vector<Fp> constants;
    std::vector<GraphCode::Instruction> instructions;
    std::vector<GraphCode::Output> outputs;
    std::vector<uint32_t> columns;  ///< Those that it reads, ascending.

    [[nodiscard]] GraphCode code() const noexcept
    {
        return {instructions.data(), instructions.size(), outputs.data(), outputs.size(),
            constants.data()};
    }

    /// Evaluates the roots on BLOCK vectors of F. scratch has registers * BLOCK entries; column and
    /// root are run_graph's.
    template <size_t BLOCK, class F, class Column, class Root>
    void evaluate(const Column& column, std::span<F> scratch, const Root& root) const
    {
        run_graph<BLOCK, F>(
            code(), column, [&](uint32_t r) { return scratch.data() + r * BLOCK; }, root);
    }
};

/// A root that is a constant plus multiples of columns.
struct LinearForm
{
    std::vector<std::pair<uint32_t, Fp>> terms;  ///< Columns, ascending, and their factors.
    Fp constant;
};

class Graph
{
public:
    /// nullopt for bytes that are no graph.
    [[nodiscard]] static std::optional<Graph> parse(std::span<const uint32_t> words);

    uint32_t columns = 0;
    uint32_t committed = 0;
    uint32_t preprocessed = 0;
    uint32_t equations = 0;  ///< Roots 0 .. equations; then the messages' parts in order.
    uint32_t roots = 0;
    uint32_t degree = 1;  ///< The highest of all roots.
    std::vector<GraphMessage> messages;
    std::vector<std::optional<LinearForm>> linear;  ///< One a root.
    GraphProgram message_parts;                     ///< All roots but the equations.
    GraphProgram nonlinear_parts;                   ///< Those of them that are not linear.
    GraphProgram nonlinear;                         ///< All roots that are not linear.
};
}  // namespace strikefold
