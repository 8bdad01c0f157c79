#include <prover/zerocheck.hpp>

namespace strikefold
{
namespace
{
constexpr size_t BASE_BLOCK = 16;  ///< Vectors of rows evaluated together, over the base field.
constexpr size_t EXT_BLOCK = 4;    ///< And over the extension.

/// A sum over a graph's roots with extension coefficients, plus a constant.
struct Combination
{
    std::vector<Fp5> of_root;
    Fp5 constant{};
};

/// The value a slot contributes to the round polynomials before its own variables are reached.
struct LeafSums
{
    Fp5 p{};
    Fp5 q{};
};

/// eq(prefix of the block's address, leading coordinates): the weight of a message's block.
[[nodiscard]] Fp5 block_weight(size_t offset, uint32_t log_size, const std::vector<Fp5>& point)
{
    Fp5 weight = lift(1);
    for (size_t i = 0; i + log_size < point.size(); ++i)
    {
        const bool bit = ((offset >> (point.size() - 1 - i)) & 1) != 0;
        weight *= bit ? point[i] : lift(1) - point[i];
    }
    return weight;
}

/// sum over messages of weight_i * (times_i * p_scale + (c - fingerprint_i) * q_scale).
void add_messages(Combination& out, const Slot& slot, const std::vector<Fp5>& weights,
    const BusChallenges& buses, const Fp5& p_scale, const Fp5& q_scale)
{
    for (size_t m = 0; m < weights.size(); ++m)
    {
        const GraphMessage& message = slot.graph->messages[m];
        const Fp5 below = weights[m] * q_scale;
        out.of_root[message.times] += weights[m] * p_scale;
        out.constant += below * (buses.c - lift(message.bus_id));
        const std::vector<Fp5> powers = buses.powers(message.fields.size());
        for (size_t k = 0; k < message.fields.size(); ++k)
            out.of_root[message.fields[k]] -= below * powers[k];
    }
}

/// One chip in the sumcheck: its columns over the base field, from the first bound variable on over
/// the extension.
class Table
{
    const Slot& slot_;
    std::vector<ExtArray> bound_;

public:
    explicit Table(const Slot& slot) : slot_{slot} {}

    [[nodiscard]] const Slot& slot() const noexcept { return slot_; }

    void bind(const Fp5& x)
    {
        const uint32_t columns = slot_.graph->columns;
        if (!bound_.empty())
        {
            for (ExtArray& column : bound_)
                bind_first(column, x);
            return;
        }
        for (uint32_t c = 0; c < columns; ++c)
            bound_.push_back(bind_first(std::span{slot_.columns[c], slot_.rows()}, x));
    }

    [[nodiscard]] Fp5 opened(uint32_t c) const
    {
        return bound_.empty() ? lift(slot_.columns[c][0]) : bound_[c][0];
    }

    /// sum over rows of weight * combination, over the whole base-field table.
    [[nodiscard]] Fp5 weighted_sum(const ExtArray& weights, const Combination& sum) const
    {
        return total<1>(slot_.rows(), weights, sum, [&]<class F>(uint32_t c, size_t i, size_t) {
            return load<F>(slot_.columns[c] + i);
        })[0];
    }

    /// The round polynomial's values at 0, 2, 3, ..., degree: `at` lists these points.
    [[nodiscard]] std::vector<Fp5> round_values(
        const ExtArray& weights, const Combination& sum, uint32_t degree) const
    {
        std::vector<Fp5> values(degree + 1);
        const size_t half = (bound_.empty() ? slot_.rows() : bound_[0].size()) / 2;
        for (uint32_t x = 0; x <= degree; ++x)
        {
            if (x == 1)
                continue;
            const Fp at = Fp::from_canonical(x);
            values[x] = bound_.empty() ? base_value(weights, sum, half, at) :
                                         ext_value(weights, sum, half, at);
        }
        return values;
    }

private:
    [[nodiscard]] Fp5 base_value(
        const ExtArray& weights, const Combination& sum, size_t half, Fp x) const
    {
        return total<1>(half, weights, sum, [&]<class F>(uint32_t c, size_t i, size_t) {
            const F low = load<F>(slot_.columns[c] + i);
            return low + (load<F>(slot_.columns[c] + half + i) - low) * broadcast<F>(x);
        })[0];
    }

    [[nodiscard]] Fp5 ext_value(
        const ExtArray& weights, const Combination& sum, size_t half, Fp x) const
    {
        return total<0>(half, weights, sum, [&]<class F>(uint32_t c, size_t i, size_t) {
            const Ext<F> low = bound_[c].load<F>(i);
            return low + (bound_[c].load<F>(half + i) - low) * broadcast<F>(x);
        })[0];
    }

    /// sum over rows of weight * (constant + sum over roots); cell gives a column's vector at i.
    /// BASE: cells are of the base field.
    template <int BASE, class Cell>
    [[nodiscard]] std::array<Fp5, 1> total(
        size_t rows, const ExtArray& weights, const Combination& sum, const Cell& cell) const
    {
        std::vector<Fp5> totals(thread_count());
        parallel(rows, 512, [&](size_t begin, size_t end, size_t part) {
            const size_t whole = begin + (end - begin) / LANES<Packed> * LANES<Packed>;
            totals[part] = rows_sum<BASE, Packed>(begin, whole, weights, sum, cell) +
                           rows_sum<BASE, Fp>(whole, end, weights, sum, cell);
        });
        Fp5 result{};
        for (const Fp5& value : totals)
            result += value;
        return {result};
    }

    template <int BASE, class F, class Cell>
    [[nodiscard]] Fp5 rows_sum(size_t begin, size_t end, const ExtArray& weights,
        const Combination& sum, const Cell& cell) const
    {
        using Value = std::conditional_t<BASE == 1, F, Ext<F>>;
        constexpr size_t BLOCK = BASE == 1 ? BASE_BLOCK : EXT_BLOCK;
        if (begin == end)
            return {};
        const Graph& graph = *slot_.graph;
        std::vector<Value> cells(graph.columns * BLOCK);
        std::vector<Value> scratch(graph.registers * BLOCK);
        Ext<F> result{};
        for (size_t row = begin; row < end; row += BLOCK * LANES<F>)
        {
            const size_t count = std::min(BLOCK, (end - row) / LANES<F>);
            for (uint32_t c = 0; c < graph.columns; ++c)
            {
                for (size_t i = 0; i < count; ++i)
                    cells[c * BLOCK + i] =
                        cell.template operator()<F>(c, row + i * LANES<F>, count);
            }
            Ext<F> sums[BLOCK];
            std::fill_n(sums, BLOCK, broadcast<F>(sum.constant));
            graph.evaluate<BLOCK, Value>([&](uint32_t c) { return cells.data() + c * BLOCK; },
                std::span<Value>{scratch}, [&](uint32_t root, const auto& value) {
                    const Ext<F> coefficient = broadcast<F>(sum.of_root[root]);
                    for (size_t i = 0; i < count; ++i)
                        sums[i] += coefficient * value(i);
                });
            for (size_t i = 0; i < count; ++i)
                result += sums[i] * weights.load<F>(row + i * LANES<F>);
        }
        return reduce(result);
    }
};

/// The slots' leaf sums, said; absent slots' are zero.
[[nodiscard]] std::vector<LeafSums> say_leaf_sums(Channel& channel, std::span<const Slot> slots,
    const std::vector<std::vector<Fp5>>& weights, const BusChallenges& buses,
    const std::vector<Fp5>& point)
{
    std::vector<LeafSums> sums(slots.size());
    for (size_t s = 0; s < slots.size(); ++s)
    {
        const Slot& slot = slots[s];
        if (slot.present && !slot.graph->messages.empty())
        {
            const ExtArray rows =
                eq_table(std::span{point}.subspan(point.size() - slot.log_height), lift(1));
            for (const bool numerator : {true, false})
            {
                Combination sum{std::vector<Fp5>(slot.graph->roots), Fp5{}};
                add_messages(sum, slot, weights[s], buses, lift(numerator ? 1U : 0U),
                    lift(numerator ? 0U : 1U));
                (numerator ? sums[s].p : sums[s].q) = Table{slot}.weighted_sum(rows, sum);
            }
        }
        channel.say(sums[s].p);
        channel.say(sums[s].q);
    }
    return sums;
}
}  // namespace

Openings prove_zerocheck(Channel& channel, const KeyParameters& key,
    std::span<const Slot> slots, const BusChallenges& buses, const std::vector<Fp5>& point)
{
    std::vector<std::vector<Fp5>> weights(slots.size());
    for (size_t s = 0; s < slots.size(); ++s)
    {
        for (const size_t offset : slots[s].message_offsets)
            weights[s].push_back(block_weight(offset, slots[s].log_height, point));
    }
    const std::vector<LeafSums> leaves = say_leaf_sums(channel, slots, weights, buses, point);
    const Fp5 alpha = channel.sample();
    const Fp5 eta = channel.sample();

    std::vector<Combination> sums;
    std::vector<Table> tables;
    std::vector<Fp5> scales;
    std::vector<Fp5> constants;
    Fp5 claim{};
    Fp5 scale = lift(1);
    for (size_t s = 0; s < slots.size(); ++s, scale *= eta)
    {
        const Slot& slot = slots[s];
        Combination sum{std::vector<Fp5>(slot.graph->roots), Fp5{}};
        Fp5 power = alpha * alpha;
        for (uint32_t j = 0; j < slot.graph->equations; ++j, power *= alpha)
            sum.of_root[j] = power;
        add_messages(sum, slot, weights[s], buses, lift(1), alpha);
        sums.push_back(std::move(sum));
        tables.emplace_back(slot);
        scales.push_back(scale);
        constants.push_back(leaves[s].p + alpha * leaves[s].q);
        claim += scale * constants.back();
    }

    const uint32_t n = key.log_height;
    const std::span<const Fp5> tail = std::span{point}.subspan(point.size() - n);
    ExtArray eq = eq_table(tail.subspan(std::min<size_t>(1, n)), lift(1));
    std::vector<Fp5> challenges;
    for (uint32_t i = 0; i < n; ++i)
    {
        std::vector<Fp5> values(key.degree + 1);
        for (size_t s = 0; s < slots.size(); ++s)
        {
            const bool active = slots[s].present && i + slots[s].log_height >= n;
            const std::vector<Fp5> own =
                active ? tables[s].round_values(eq, sums[s], key.degree) :
                         std::vector<Fp5>(key.degree + 1, constants[s]);
            for (uint32_t x = 0; x <= key.degree; ++x)
                values[x] += scales[s] * own[x];
        }
        challenges.push_back(bare_round(channel, values, tail[i], claim));
        for (size_t s = 0; s < slots.size(); ++s)
        {
            if (slots[s].present && i + slots[s].log_height >= n)
                tables[s].bind(challenges.back());
        }
        if (i + 1 < n)
            drop_first(eq);
    }
    Openings openings{std::move(challenges), {}};
    for (size_t s = 0; s < slots.size(); ++s)
    {
        const Graph& graph = *slots[s].graph;
        for (uint32_t c = 0; c < graph.committed + graph.preprocessed; ++c)
        {
            openings.values.push_back(slots[s].present ? tables[s].opened(c) : Fp5{});
            if (slots[s].present)
                channel.say(openings.values.back());
            else
                channel.imply(openings.values.back());
        }
    }
    return openings;
}
}  // namespace strikefold
