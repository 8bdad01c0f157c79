#include <optional>
#include <prover/buses.hpp>

namespace strikefold
{
namespace
{
constexpr size_t BLOCK = 8;  ///< Vectors of rows evaluated together: their fractions fit the cache.

/// Which message a root belongs to, and as what: 0 for the multiplicity, k + 1 for field k.
struct RootUse
{
    size_t message;
    size_t part;
};

[[nodiscard]] std::vector<std::optional<RootUse>> root_uses(const Graph& graph)
{
    std::vector<std::optional<RootUse>> uses(graph.roots);
    for (size_t m = 0; m < graph.messages.size(); ++m)
    {
        const GraphMessage& message = graph.messages[m];
        uses[message.times] = {m, 0};
        for (size_t k = 0; k < message.fields.size(); ++k)
            uses[message.fields[k]] = {m, k + 1};
    }
    return uses;
}

/// Vectors x, y of consecutive fractions' parts, from place on: to their halves of the layer.
template <class F>
void store_pair(ExtArray& even, ExtArray& odd, size_t place, Ext<F> x, Ext<F> y) noexcept
{
    unzip(x, y);
    even.store(place / 2, x);
    odd.store(place / 2, y);
}

/// Turns one slot's rows begin .. end into fractions; their number is a multiple of 2 LANES<F>.
template <class F>
void slot_fractions(const Slot& slot, size_t begin, size_t end, const BusChallenges& buses,
    Fractions& out)
{
    const Graph& graph = *slot.graph;
    const size_t messages = graph.messages.size();
    const auto uses = root_uses(graph);
    const std::vector<Fp5> powers = buses.powers(graph.roots);
    std::vector<F> cells(graph.columns * BLOCK);
    std::vector<F> scratch(graph.registers * BLOCK);
    std::vector<F> p(messages * BLOCK);
    std::vector<Ext<F>> q(messages * BLOCK);
    for (size_t row = begin; row < end; row += BLOCK * LANES<F>)
    {
        const size_t count = std::min(BLOCK, (end - row) / LANES<F>);
        for (size_t c = 0; c < graph.columns; ++c)
        {
            for (size_t i = 0; i < count; ++i)
                cells[c * BLOCK + i] = load<F>(slot.columns[c] + row + i * LANES<F>);
        }
        for (size_t m = 0; m < messages; ++m)
            std::fill_n(q.data() + m * BLOCK, BLOCK,
                broadcast<F>(buses.c - lift(graph.messages[m].bus_id)));
        graph.evaluate<BLOCK, F>([&](uint32_t c) { return cells.data() + c * BLOCK; },
            std::span<F>{scratch}, [&](uint32_t root, const auto& value) {
                if (!uses[root])
                    return;
                const auto [m, part] = *uses[root];
                for (size_t i = 0; i < BLOCK; ++i)
                {
                    if (part == 0)
                        p[m * BLOCK + i] = value(i);
                    else
                        q[m * BLOCK + i] -= broadcast<F>(powers[part - 1]) * value(i);
                }
            });
        for (size_t m = 0; m < messages; ++m)
        {
            for (size_t i = 0; i < count; i += 2)
            {
                const size_t place = slot.message_offsets[m] + row + i * LANES<F>;
                const size_t at = m * BLOCK + i;
                store_pair(out.p0, out.p1, place, Ext<F>{{p[at]}}, Ext<F>{{p[at + 1]}});
                store_pair(out.q0, out.q1, place, q[at], q[at + 1]);
            }
        }
    }
}

/// A slot of one row, whose messages may lie at odd places: computed as two equal rows.
void row_fractions(const Slot& slot, const BusChallenges& buses, Fractions& out)
{
    const size_t messages = slot.message_offsets.size();
    Slot twice = slot;
    std::vector<Array<Fp>> columns;
    for (const Fp*& column : twice.columns)
        column = columns.emplace_back(2, *column).data();
    for (size_t m = 0; m < messages; ++m)
        twice.message_offsets[m] = 2 * m;
    Fractions pairs{2 * messages};
    slot_fractions<Fp>(twice, 0, 2, buses, pairs);
    for (size_t m = 0; m < messages; ++m)
    {
        const size_t place = slot.message_offsets[m];
        (place % 2 == 0 ? out.p0 : out.p1).set(place / 2, pairs.p0[m]);
        (place % 2 == 0 ? out.q0 : out.q1).set(place / 2, pairs.q0[m]);
    }
}

/// The parents: (p0 q1 + p1 q0) / (q0 q1).
[[nodiscard]] Fractions parents(const Fractions& below)
{
    Fractions out{Fractions::pairs(below.size)};
    const auto parent = [&]<class F>(size_t j) {
        const Ext<F> q0 = below.q0.load<F>(j);
        const Ext<F> q1 = below.q1.load<F>(j);
        return std::pair{below.p0.load<F>(j) * q1 + below.p1.load<F>(j) * q0, q0 * q1};
    };
    parallel_vectors(out.size / 2, [&]<class F>(size_t i) {
        const auto [p0, q0] = parent.template operator()<F>(2 * i);
        const auto [p1, q1] = parent.template operator()<F>(2 * i + LANES<F>);
        store_pair(out.p0, out.p1, 2 * i, p0, p1);
        store_pair(out.q0, out.q1, 2 * i, q0, q1);
    });
    if (out.size % 2 != 0)
    {
        const auto [p, q] = parent.operator()<Fp>(out.size - 1);
        out.p0.set(out.size / 2, p);
        out.q0.set(out.size / 2, q);
    }
    return out;
}

/// A table of a layer's sumcheck: entries from its size on are `padding`.
struct Padded
{
    ExtArray& values;
    Fp5 padding;

    /// The entries j .. of the upper half: there up to `pairs`, padding after it.
    template <class F, bool PRESENT>
    [[nodiscard]] Ext<F> upper(size_t j) const noexcept
    {
        if constexpr (PRESENT)
            return values.load<F>(j);
        else
            return broadcast<F>(padding);
    }
};

/// The tables of a layer's sumcheck; a is p0 + lambda q0, so that the summand is a q1 + p1 q0.
struct Layer
{
    Padded a, p1, q0, q1;

    [[nodiscard]] size_t active() const noexcept { return a.values.size(); }
};

/// h(0), the leading coefficient of h, and the weights' sum, over the entries begin .. end.
template <bool PRESENT>
[[nodiscard]] std::array<Fp5, 3> range_sums(
    const Layer& layer, const ExtArray& weights, size_t half, size_t begin, size_t end)
{
    return parallel_sums<3>(end - begin, [&]<class F>(size_t k, auto& sums) {
        const size_t j = begin + k;
        const auto both = [&](const Padded& table) {
            const Ext<F> low = table.values.load<F>(j);
            return std::pair{low, table.upper<F, PRESENT>(half + j) - low};
        };
        const auto [a, da] = both(layer.a);
        const auto [p1, dp1] = both(layer.p1);
        const auto [q0, dq0] = both(layer.q0);
        const auto [q1, dq1] = both(layer.q1);
        const Ext<F> w = weights.load<F>(j);
        sums[0] += w * (a * q1 + p1 * q0);
        sums[1] += w * (da * dq1 + dp1 * dq0);
        sums[2] += w;
    });
}

/// The same over all entries that are not padding only.
[[nodiscard]] std::array<Fp5, 3> round_sums(
    const Layer& layer, const ExtArray& weights, size_t half)
{
    const size_t pairs = layer.active() > half ? layer.active() - half : 0;
    auto total = range_sums<true>(layer, weights, half, 0, pairs);
    const auto rest =
        range_sums<false>(layer, weights, half, pairs, std::min(layer.active(), half));
    for (size_t k = 0; k < total.size(); ++k)
        total[k] += rest[k];
    return total;
}

/// Binds the top variable.
void bind_padded(const Padded& table, size_t half, const Fp5& x)
{
    ExtArray& values = table.values;
    const size_t pairs = values.size() > half ? values.size() - half : 0;
    const size_t singles = std::min(values.size(), half);
    parallel_vectors(pairs, [&]<class F>(size_t j) {
        const Ext<F> low = values.load<F>(j);
        values.store(j, low + (values.load<F>(half + j) - low) * broadcast<F>(x));
    });
    parallel_vectors(singles - pairs, [&]<class F>(size_t k) {
        const Ext<F> low = values.load<F>(pairs + k);
        values.store(pairs + k, low + (broadcast<F>(table.padding) - low) * broadcast<F>(x));
    });
    values.shrink(singles);
}

[[nodiscard]] Fp5 line(const Fp5& low, const Fp5& high, const Fp5& x)
{
    return low + x * (high - low);
}

/// Numerator and denominator claimed of a layer at a point.
struct SumClaim
{
    std::vector<Fp5> point;
    Fp5 p;
    Fp5 q;
};

/// From the claim on a layer's parents to the claim on the layer, one variable longer. Binds the
/// layer in place.
[[nodiscard]] SumClaim prove_layer(Channel& channel, Fractions& fractions, const SumClaim& parents)
{
    const Fp5 lambda = channel.sample();
    Fp5 claim = parents.p + lambda * parents.q;
    parallel_vectors(fractions.p0.size(), [&]<class F>(size_t j) {
        fractions.p0.store(
            j, fractions.p0.load<F>(j) + fractions.q0.load<F>(j) * broadcast<F>(lambda));
    });
    const Layer layer{{fractions.p0, lambda}, {fractions.p1, Fp5{}}, {fractions.q0, lift(1)},
        {fractions.q1, lift(1)}};
    ExtArray weights = eq_table(std::span{parents.point}.subspan(1), lift(1));
    SumClaim out;
    for (size_t i = 0; i < parents.point.size(); ++i)
    {
        const size_t half = size_t{1} << (parents.point.size() - 1 - i);
        auto [low, leading, covered] = round_sums(layer, weights, half);
        low += lambda * (lift(1) - covered);
        const Fp5 z = parents.point[i];
        const Fp5 linear = (claim - low) * inverse(z) - leading;  // claim = h(0) + z (h(1) - h(0))
        channel.say(linear);
        channel.say(leading);
        const Fp5 x = channel.sample();
        claim = low + x * (linear + x * leading);
        out.point.push_back(x);
        for (const Padded& table : {layer.a, layer.p1, layer.q0, layer.q1})
            bind_padded(table, half, x);
        if (i + 1 < parents.point.size())
            drop_first(weights);
    }
    const Fp5 q0 = fractions.q0[0];
    const Fp5 q1 = fractions.q1[0];
    const Fp5 p0 = fractions.p0[0] - lambda * q0;
    const Fp5 p1 = fractions.p1[0];
    for (const Fp5& value : {p0, p1, q0, q1})
        channel.say(value);
    const Fp5 last = channel.sample();
    out.p = line(p0, p1, last);
    out.q = line(q0, q1, last);
    out.point.push_back(last);
    return out;
}
}  // namespace

std::vector<Fp5> BusChallenges::powers(size_t count) const
{
    std::vector<Fp5> out;
    Fp5 power = alpha;
    for (size_t j = 0; j < count; ++j, power *= alpha)
        out.push_back(power);
    return out;
}

Fractions message_fractions(
    std::span<const Slot> slots, size_t messages, const BusChallenges& buses)
{
    Fractions out{std::max<size_t>(messages, 1)};
    if (messages == 0)
    {
        out.p0.set(0, Fp5{});
        out.q0.set(0, lift(1));
    }
    for (const Slot& slot : slots)
    {
        if (!slot.present || slot.graph->messages.empty())
            continue;
        if (slot.rows() == 1)
        {
            row_fractions(slot, buses, out);
            continue;
        }
        parallel(slot.rows(), 256, [&](size_t begin, size_t end, size_t) {
            constexpr size_t STEP = 2 * LANES<Packed>;
            const size_t whole = begin + (end - begin) / STEP * STEP;
            slot_fractions<Packed>(slot, begin, whole, buses, out);
            slot_fractions<Fp>(slot, whole, end, buses, out);
        });
    }
    return out;
}

std::vector<Fp5> prove_sum(Channel& channel, Fractions leaves, uint32_t log_messages)
{
    std::vector<Fractions> layers;
    layers.push_back(std::move(leaves));
    for (uint32_t k = 1; k < log_messages; ++k)
        layers.push_back(parents(layers.back()));
    const Fp5 p0 = layers.back().p0[0];
    const Fp5 p1 = layers.back().p1[0];
    const Fp5 q0 = layers.back().q0[0];
    const Fp5 q1 = layers.back().q1[0];
    for (const Fp5& value : {p0, p1, q0, q1})
        channel.say(value);
    const Fp5 first = channel.sample();
    SumClaim claim{{first}, line(p0, p1, first), line(q0, q1, first)};
    layers.pop_back();
    for (; !layers.empty(); layers.pop_back())
        claim = prove_layer(channel, layers.back(), claim);
    return claim.point;
}
}  // namespace strikefold
