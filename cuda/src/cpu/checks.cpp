// What is checked before a prover trusts numbers that came from outside.
#include <prover/prover.hpp>

namespace strikefold
{
namespace
{
constexpr uint32_t MOST_VARIABLES = 40;
constexpr uint32_t MOST_DEGREE = 64;

[[nodiscard]] const char* oracle_problem(const OracleParameters& oracle) noexcept
{
    if (oracle.fold == 0 || oracle.fold > oracle.variables || oracle.variables > MOST_VARIABLES)
        return "an oracle folds more variables than it has";
    if (oracle.log_inv_rate > Fp::TWO_ADICITY || oracle.log_leaves() > Fp::TWO_ADICITY)
        return "an oracle's codewords are longer than the field's two-adic subgroup";
    if (oracle.fold_grinding > Fp::TWO_ADICITY || oracle.query_grinding > Fp::TWO_ADICITY)
        return "an oracle asks for more than 24 bits of work";
    return nullptr;
}

[[nodiscard]] bool fits(const std::vector<size_t>& offsets, size_t rows, size_t limit) noexcept
{
    return std::ranges::all_of(
        offsets, [&](size_t offset) { return offset <= limit && rows <= limit - offset; });
}

[[nodiscard]] bool canonical(std::span<const uint32_t> values) noexcept
{
    return std::ranges::all_of(values, [](uint32_t value) { return value < Fp::P; });
}

[[nodiscard]] const char* slot_problem(const KeyParameters& key, const Graph& graph,
    const std::vector<Array<Fp>>& fixed, const SegmentInput::SlotInput& slot, size_t messages)
{
    if (slot.log_height > key.log_height)
        return "a table is taller than the key allows";
    const size_t rows = size_t{1} << slot.log_height;
    if (slot.column_offsets.size() != graph.committed + graph.preprocessed ||
        slot.message_offsets.size() != graph.messages.size())
        return "a slot has the wrong number of offsets";
    if (!std::ranges::all_of(fixed, [&](const auto& column) { return column.size() == rows; }))
        return "a table is not as tall as its fixed columns";
    if (!fits(slot.column_offsets, rows, size_t{1} << key.oracles[0].variables))
        return "a column lies outside the stack";
    if (!fits(slot.message_offsets, rows, messages))
        return "messages lie outside the leaves";
    return nullptr;
}
}  // namespace

const char* problem_with(const KeyParameters& key) noexcept
{
    if (key.oracles.empty())
        return "a key has an oracle";
    for (size_t i = 0; i < key.oracles.size(); ++i)
    {
        if (const char* problem = oracle_problem(key.oracles[i]))
            return problem;
        if (i != 0 && key.oracles[i].variables != key.oracles[i - 1].log_rows())
            return "an oracle does not start where the one before it ends";
    }
    const OracleParameters& first = key.oracles[0];
    if (first.log_rows() != key.log_rows || key.width == 0 ||
        uint64_t{key.width} + key.preprocessed_width > uint64_t{1} << first.fold)
        return "the matrix does not fit the first oracle";
    if (key.log_messages == 0 || key.log_messages > MOST_VARIABLES ||
        key.log_height > key.log_messages || key.log_height > first.variables)
        return "heights and messages do not fit the key";
    if (key.degree == 0 || key.degree > MOST_DEGREE || key.bus_grinding > Fp::TWO_ADICITY)
        return "the key's degree or work is out of range";
    return nullptr;
}

const char* ProvingKey::problem_with(const SegmentInput& input) const
{
    if (input.slots.size() != slots())
        return "the segment has the wrong number of slots";
    if (!canonical(input.public_values) || !canonical(input.heights) ||
        !canonical(parameters_.digest))
        return "a public value, height or digest element is not below p";
    if (input.messages > size_t{1} << parameters_.log_messages)
        return "more messages than the key allows";
    for (size_t s = 0; s < slots(); ++s)
    {
        if (!input.slots[s].present)
            continue;
        if (const char* problem = slot_problem(
                parameters_, graphs_[s], fixed_[s], input.slots[s], input.messages))
            return problem;
    }
    return nullptr;
}
}  // namespace strikefold
