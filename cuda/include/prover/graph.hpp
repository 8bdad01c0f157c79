// A chip's constraint graph, and the interpreter that evaluates it over blocks of rows.
//
// The bytes come from node/recursion/air/graph.py, which documents them. Nodes become instructions
// on a small set of registers; a register is a block of values, so that one instruction's overhead
// is shared by a whole block.
#pragma once

#include <cstdint>
#include <optional>
#include <prover/arrays.hpp>
#include <span>
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

class Graph
{
public:
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

    /// nullopt for bytes that are no graph.
    [[nodiscard]] static std::optional<Graph> parse(std::span<const uint32_t> words);

    uint32_t columns = 0;
    uint32_t committed = 0;
    uint32_t preprocessed = 0;
    uint32_t equations = 0;  ///< Roots 0 .. equations; then the messages' parts in order.
    uint32_t roots = 0;
    uint32_t registers = 0;
    std::vector<Fp> constants;
    std::vector<Instruction> instructions;
    std::vector<Output> outputs;
    std::vector<GraphMessage> messages;

    /// Evaluates all roots on BLOCK vectors of F.
    ///
    /// column(c) points to the block's values of a column; scratch has registers * BLOCK entries;
    /// root(r, value) is called once for each root, value(i) being its i-th vector.
    template <size_t BLOCK, class F, class Column, class Root>
    void evaluate(const Column& column, std::span<F> scratch, const Root& root) const
    {
        const auto with = [&](Operand operand, const auto& use) {
            if (operand.kind == Kind::constant)
            {
                const F constant = constant_of<F>(constants[operand.index]);
                use([constant](size_t) { return constant; });
            }
            else
            {
                const F* block = operand.kind == Kind::column ?
                                     column(operand.index) :
                                     scratch.data() + operand.index * BLOCK;
                use([block](size_t i) { return block[i]; });
            }
        };
        auto output = outputs.begin();
        for (size_t position = 0; position <= instructions.size(); ++position)
        {
            for (; output != outputs.end() && output->position == position; ++output)
                with(output->value, [&](const auto& value) { root(output->root, value); });
            if (position == instructions.size())
                break;
            const Instruction& step = instructions[position];
            F* target = scratch.data() + step.target * BLOCK;
            with(step.a, [&](const auto& a) {
                with(step.b, [&](const auto& b) {
                    switch (step.op)
                    {
                    case Op::add:
                        for (size_t i = 0; i < BLOCK; ++i)
                            target[i] = a(i) + b(i);
                        break;
                    case Op::sub:
                        for (size_t i = 0; i < BLOCK; ++i)
                            target[i] = a(i) - b(i);
                        break;
                    case Op::mul:
                        for (size_t i = 0; i < BLOCK; ++i)
                            target[i] = a(i) * b(i);
                        break;
                    }
                });
            });
        }
    }

private:
    template <class F>
    [[nodiscard]] static F constant_of(Fp x) noexcept
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
};
}  // namespace strikefold
