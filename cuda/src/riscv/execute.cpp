#include <bit>
#include <riscv/calls.hpp>
#include <riscv/checkpoint.hpp>
#include <riscv/execute.hpp>
#include <riscv/meter.hpp>

namespace strikefold::riscv
{
namespace
{
/// Rows of a chip's tables that hold so many: as node/recursion/riscv/machine.py splits them.
[[nodiscard]] uint64_t padded(uint64_t rows, uint32_t instances) noexcept
{
    const uint64_t full = std::bit_floor(rows);
    if (rows == full)
        return full;
    const uint64_t rest = instances > 1 ? padded(rows - full, instances - 1) : full;
    return rest < full ? full + rest : 2 * full;
}

/// Instructions that may run before the next look at the area.
struct Budget
{
    uint64_t instructions;
    uint64_t leaves;  ///< Touched ones.
};

class Executor
{
    static constexpr uint32_t LONGEST = 16;
    static constexpr uint64_t INSTRUCTIONS_PER_LEAF = 16;

    const Limits& limits_;
    const std::optional<Areas>& areas_;
    Machine machine_;
    std::optional<Tree> tree_;
    Meter meter_;
    Interpreter<Meter> interpreter_;
    Execution out_{};
    uint32_t start_pc_;
    uint64_t start_hints_ = 0;
    uint64_t start_cycles_ = 0;
    uint32_t log_budget_ = LONGEST;

public:
    Executor(const Program& program, std::span<const uint8_t> input, const Limits& limits,
        const std::optional<Areas>& areas)
      : limits_{limits},
        areas_{areas},
        machine_{program, InputStream{input}},
        meter_{machine_, areas.has_value(), limits.pages},
        interpreter_{program, meter_, machine_.words.data(), program.entry()},
        start_pc_{program.entry()}
    {
        for (size_t i = 0; i < program.indices().size(); ++i)
            machine_.put_leaf(program.indices()[i], program.leaves()[i]);
        if (areas)
            tree_.emplace().update(program.indices(), program.leaves());
    }

    [[nodiscard]] Execution run()
    {
        while (out_.stop == Stop::NONE)
            out_.stop = advance();
        out_.pc = out_.stop == Stop::HALTED ? 0 : interpreter_.pc();
        if (out_.cycles != start_cycles_)
            cut(out_.pc);
        out_.exit_code = machine_.exit_code;
        out_.output = machine_.output;
        return std::move(out_);
    }

private:
    /// Runs until something is to be decided, and decides it.
    [[nodiscard]] Stop advance()
    {
        if (out_.cycles >= limits_.cycles)
            return Stop::CYCLE_LIMIT;
        const Budget budget = next_budget();
        if (budget.instructions == 0)
            return cut_within();
        meter_.pause_after(budget.leaves);
        const auto [ran, stop] = interpreter_.run(budget.instructions);
        out_.cycles += ran;
        if (meter_.exceeds_memory())
            return Stop::MEMORY_LIMIT;
        return stop == Stop::CALL ? call() : stop;
    }

    [[nodiscard]] Stop call()
    {
        if (out_.cycles >= limits_.cycles)
            return Stop::CYCLE_LIMIT;
        if (areas_ && (out_.cycles - start_cycles_ >= MAX_CYCLES || !fits_call()))
            return cut_within();
        Caller<Meter> caller{machine_, meter_, 0};
        const Stop stop = caller.perform(interpreter_.pc());
        if (meter_.exceeds_memory())
            return Stop::MEMORY_LIMIT;
        if (stop != Stop::NONE && stop != Stop::HALTED)
            return stop;
        ++out_.cycles;
        if (stop == Stop::NONE)
            interpreter_.pass();
        return stop;
    }

    [[nodiscard]] Budget next_budget()
    {
        const uint64_t cycles = limits_.cycles - out_.cycles;
        if (!areas_)
            return {cycles, UINT64_MAX / 2};
        const uint64_t most = std::min(cycles, MAX_CYCLES - (out_.cycles - start_cycles_));
        const Rows rows = meter_.rows();
        for (log_budget_ = std::min(LONGEST, log_budget_ + 2);; --log_budget_)
        {
            const uint64_t count = uint64_t{1} << log_budget_;
            const uint64_t leaves = count / INSTRUCTIONS_PER_LEAF + 1;
            if (fits(rows, count, leaves, DEPTH * leaves))
                return {std::min(most, count), leaves};
            if (log_budget_ == 0)
                return {0, 0};
        }
    }

    /// Whether so many more rows of every family, and places in the tree, fit into the segment.
    [[nodiscard]] bool fits(Rows rows, uint64_t instructions, uint64_t leaves, uint64_t nodes) const
    {
        for (size_t i = 0; i < FAMILIES; ++i)
            rows[i] += instructions;
        rows[LEAF_ROWS] += leaves;
        rows[NODE_ROWS] += nodes;
        return areas_->area(rows) <= areas_->limit;
    }

    [[nodiscard]] bool fits_call()
    {
        const Call call = call_of(machine_.words[A7]);
        if (call == Call::ECALL)
            return true;
        Rows rows = meter_.rows();
        ++rows[FAMILIES + static_cast<size_t>(Call::ECALL)];
        ++rows[FAMILIES + static_cast<size_t>(call)];
        return fits(rows, 0, CALL_LEAVES, CALL_NODES);
    }

    [[nodiscard]] Stop cut_within()
    {
        if (out_.cycles == start_cycles_)
            throw std::invalid_argument{"the area limit holds no instruction"};
        cut(interpreter_.pc());
        return Stop::NONE;
    }

    /// Ends the segment; the next starts at pc.
    void cut(uint32_t pc)
    {
        const Rows rows = meter_.rows();
        for (size_t i = 0; i < rows.size(); ++i)
            out_.rows[i] += rows[i];
        if (areas_)
            leave_checkpoint();
        meter_.begin_segment();
        start_pc_ = pc;
        start_hints_ = machine_.hints;
        start_cycles_ = out_.cycles;
        log_budget_ = LONGEST;
    }

    void leave_checkpoint()
    {
        Checkpoint checkpoint{start_pc_, static_cast<uint32_t>(out_.cycles - start_cycles_),
            start_hints_, {}, {}, {}, tree_->root()};
        std::vector<uint32_t> changed;
        std::vector<Leaf> contents;
        for (const auto& [index, before] : meter_.leaves())
        {
            checkpoint.indices.push_back(index);
            checkpoint.leaves.push_back(before);
            const Leaf after = machine_.leaf(index);
            if (after == before)
                continue;
            changed.push_back(index);
            contents.push_back(after);
        }
        ascend(
            checkpoint.indices,
            [&](const Parent& parent) {
                if (!parent.left || !parent.right)
                    checkpoint.siblings.push_back(
                        tree_->get(parent.level - 1, 2 * parent.index + (parent.left ? 1 : 0)));
            },
            [](uint32_t) {});
        out_.checkpoints.push_back(checkpoint.encode());
        tree_->update(changed, contents);
    }
};
}  // namespace

uint64_t Areas::area(const Rows& rows) const noexcept
{
    uint64_t cells = fixed;
    for (const ChipArea& chip : chips)
    {
        uint64_t height = 0;
        for (const auto& [row, times] : chip.rows)
            height += rows[row] * times;
        cells += chip.cells * padded(height, chip.instances);
    }
    return cells;
}

Execution execute(const Program& program, std::span<const uint8_t> input, const Limits& limits,
    const std::optional<Areas>& areas)
{
    return Executor{program, input, limits, areas}.run();
}
}  // namespace strikefold::riscv
