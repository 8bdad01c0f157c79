#include <prover/buses.hpp>

namespace strikefold
{
namespace
{
constexpr size_t BLOCK = 16;  ///< Vectors of rows evaluated together.

/// Turns one slot's rows begin .. end into fractions.
template <class F>
void slot_fractions(const Slot& slot, size_t begin, size_t end, const BusChallenges& buses,
    Fractions& out)
{
    const Graph& graph = *slot.graph;
    std::vector<F> cells(graph.columns * BLOCK);
    std::vector<F> scratch(graph.registers * BLOCK);
    std::vector<int> message_of(graph.roots, -1);
    std::vector<size_t> field_of(graph.roots, 0);
    size_t arity = 0;
    for (size_t m = 0; m < graph.messages.size(); ++m)
    {
        const GraphMessage& message = graph.messages[m];
        message_of[message.times] = static_cast<int>(m);
        for (size_t k = 0; k < message.fields.size(); ++k)
        {
            message_of[message.fields[k]] = static_cast<int>(m);
            field_of[message.fields[k]] = k + 1;
        }
        arity = std::max(arity, message.fields.size());
    }
    const std::vector<Fp5> powers = buses.powers(arity);
    const size_t step = BLOCK * LANES<F>;
    for (size_t row = begin; row < end; row += step)
    {
        const size_t count = std::min(BLOCK, (end - row) / LANES<F>);
        for (size_t c = 0; c < graph.columns; ++c)
        {
            for (size_t i = 0; i < count; ++i)
                cells[c * BLOCK + i] = load<F>(slot.columns[c] + row + i * LANES<F>);
        }
        for (size_t m = 0; m < graph.messages.size(); ++m)
        {
            const Fp5 start = buses.c - lift(graph.messages[m].bus_id);
            for (size_t i = 0; i < count; ++i)
                out.q.store(slot.message_offsets[m] + row + i * LANES<F>, broadcast<F>(start));
        }
        graph.evaluate<BLOCK, F>([&](uint32_t c) { return cells.data() + c * BLOCK; },
            std::span<F>{scratch}, [&](uint32_t root, const auto& value) {
                if (message_of[root] < 0)
                    return;
                const size_t at = slot.message_offsets[static_cast<size_t>(message_of[root])] + row;
                for (size_t i = 0; i < count; ++i)
                {
                    const size_t place = at + i * LANES<F>;
                    if (field_of[root] == 0)
                        out.p.store(place, Ext<F>{{value(i), F{}, F{}, F{}, F{}}});
                    else
                        out.q.store(place, out.q.load<F>(place) -
                                               broadcast<F>(powers[field_of[root] - 1]) * value(i));
                }
            });
    }
}

/// The parents: (p0 q1 + p1 q0) / (q0 q1) of neighbours.
[[nodiscard]] Fractions parents(const Fractions& below)
{
    const size_t size = (below.size() + 1) / 2;
    Fractions out{ExtArray{size}, ExtArray{size}};
    const auto at = [&](size_t i) {
        return i < below.size() ? std::pair{below.p[i], below.q[i]} : std::pair{Fp5{}, lift(1)};
    };
    const size_t whole = below.size() / 2;
    parallel_vectors(whole, [&]<class F>(size_t j) {
        Ext<F> p[2];
        Ext<F> q[2];
        for (size_t side = 0; side < 2; ++side)
        {
            for (int k = 0; k < Fp5::DEGREE; ++k)
            {
                p[side].c[k] = load_strided<F>(below.p.plane(k) + 2 * j + side, 2);
                q[side].c[k] = load_strided<F>(below.q.plane(k) + 2 * j + side, 2);
            }
        }
        out.p.store(j, p[0] * q[1] + p[1] * q[0]);
        out.q.store(j, q[0] * q[1]);
    });
    for (size_t j = whole; j < size; ++j)
    {
        const auto [p0, q0] = at(2 * j);
        const auto [p1, q1] = at(2 * j + 1);
        out.p.set(j, p0 * q1 + p1 * q0);
        out.q.set(j, q0 * q1);
    }
    return out;
}

/// The four tables of a layer's sumcheck: even and odd numerators and denominators; entries from
/// `active` on are padding, 0 / 1.
struct Layer
{
    ExtArray p0, p1, q0, q1;
    size_t active;
};

[[nodiscard]] Layer split(const Fractions& layer)
{
    const size_t active = (layer.size() + 1) / 2;
    Layer out{ExtArray{active}, ExtArray{active}, ExtArray{active}, ExtArray{active}, active};
    const size_t whole = layer.size() / 2;
    parallel_vectors(whole, [&]<class F>(size_t j) {
        for (int k = 0; k < Fp5::DEGREE; ++k)
        {
            store(out.p0.plane(k) + j, load_strided<F>(layer.p.plane(k) + 2 * j, 2));
            store(out.p1.plane(k) + j, load_strided<F>(layer.p.plane(k) + 2 * j + 1, 2));
            store(out.q0.plane(k) + j, load_strided<F>(layer.q.plane(k) + 2 * j, 2));
            store(out.q1.plane(k) + j, load_strided<F>(layer.q.plane(k) + 2 * j + 1, 2));
        }
    });
    if (whole < active)
    {
        out.p0.set(whole, layer.p[2 * whole]);
        out.q0.set(whole, layer.q[2 * whole]);
        out.p1.set(whole, Fp5{});
        out.q1.set(whole, lift(1));
    }
    return out;
}

/// h(0), the leading coefficient of h, and the weight of the entries that are not padding only.
[[nodiscard]] std::array<Fp5, 3> round_sums(
    const Layer& layer, const ExtArray& weights, size_t half, const Fp5& lambda)
{
    const size_t pairs = layer.active > half ? layer.active - half : 0;
    const size_t singles = std::min(layer.active, half);
    std::array<Fp5, 3> total = parallel_sums<3>(pairs, [&]<class F>(size_t j, auto& sums) {
        const Ext<F> l = broadcast<F>(lambda);
        const Ext<F> p0 = layer.p0.load<F>(j);
        const Ext<F> p1 = layer.p1.load<F>(j);
        const Ext<F> q0 = layer.q0.load<F>(j);
        const Ext<F> q1 = layer.q1.load<F>(j);
        const Ext<F> dp0 = layer.p0.load<F>(half + j) - p0;
        const Ext<F> dp1 = layer.p1.load<F>(half + j) - p1;
        const Ext<F> dq0 = layer.q0.load<F>(half + j) - q0;
        const Ext<F> dq1 = layer.q1.load<F>(half + j) - q1;
        const Ext<F> w = weights.load<F>(j);
        sums[0] += w * ((p0 + l * q0) * q1 + p1 * q0);
        sums[1] += w * ((dp0 + l * dq0) * dq1 + dp1 * dq0);
        sums[2] += w;
    });
    for (size_t j = pairs; j < singles; ++j)
    {
        // the upper half is padding: 0 / 1
        const Fp5 p0 = layer.p0[j];
        const Fp5 p1 = layer.p1[j];
        const Fp5 q0 = layer.q0[j];
        const Fp5 q1 = layer.q1[j];
        const Fp5 dq0 = lift(1) - q0;
        const Fp5 dq1 = lift(1) - q1;
        const Fp5 w = weights[j];
        total[0] += w * ((p0 + lambda * q0) * q1 + p1 * q0);
        total[1] += w * ((lambda * dq0 - p0) * dq1 - p1 * dq0);
        total[2] += w;
    }
    return total;
}

/// Binds the top variable of a table whose entries from `active` on are `padding`.
void bind_padded(ExtArray& table, size_t active, size_t half, const Fp5& padding, const Fp5& x)
{
    const size_t pairs = active > half ? active - half : 0;
    parallel_vectors(pairs, [&]<class F>(size_t j) {
        const Ext<F> low = table.load<F>(j);
        table.store(j, low + (table.load<F>(half + j) - low) * broadcast<F>(x));
    });
    const size_t singles = std::min(active, half);
    parallel(singles - pairs, 4096, [&](size_t begin, size_t end, size_t) {
        for (size_t j = pairs + begin; j < pairs + end; ++j)
            table.set(j, table[j] + (padding - table[j]) * x);
    });
    table.shrink(singles);
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

/// From the claim on a layer's parents to the claim on the layer, one variable longer.
[[nodiscard]] SumClaim prove_layer(
    Channel& channel, const Fractions& fractions, const SumClaim& parents)
{
    const Fp5 lambda = channel.sample();
    Fp5 claim = parents.p + lambda * parents.q;
    Layer layer = split(fractions);
    ExtArray weights = eq_table(std::span{parents.point}.subspan(1), lift(1));
    SumClaim out;
    for (size_t i = 0; i < parents.point.size(); ++i)
    {
        const size_t half = size_t{1} << (parents.point.size() - 1 - i);
        auto [low, leading, covered] = round_sums(layer, weights, half, lambda);
        low += lambda * (lift(1) - covered);
        const Fp5 z = parents.point[i];
        const Fp5 linear = (claim - low) * inverse(z) - leading;  // claim = h(0) + z (h(1) - h(0))
        channel.say(linear);
        channel.say(leading);
        const Fp5 x = channel.sample();
        claim = low + x * (linear + x * leading);
        out.point.push_back(x);
        bind_padded(layer.p0, layer.active, half, Fp5{}, x);
        bind_padded(layer.p1, layer.active, half, Fp5{}, x);
        bind_padded(layer.q0, layer.active, half, lift(1), x);
        bind_padded(layer.q1, layer.active, half, lift(1), x);
        layer.active = std::min(layer.active, half);
        if (i + 1 < parents.point.size())
            drop_first(weights);
    }
    for (const ExtArray* values : {&layer.p0, &layer.p1, &layer.q0, &layer.q1})
        channel.say((*values)[0]);
    const Fp5 last = channel.sample();
    out.p = line(layer.p0[0], layer.p1[0], last);
    out.q = line(layer.q0[0], layer.q1[0], last);
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
    Fractions out{ExtArray{std::max<size_t>(messages, 1)}, ExtArray{std::max<size_t>(messages, 1)}};
    out.p.set(0, Fp5{});
    out.q.set(0, lift(1));
    for (const Slot& slot : slots)
    {
        if (!slot.present || slot.graph->messages.empty())
            continue;
        parallel(slot.rows(), 256, [&](size_t begin, size_t end, size_t) {
            const size_t whole = begin + (end - begin) / LANES<Packed> * LANES<Packed>;
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
    const auto entry = [&](const ExtArray& values, size_t i, const Fp5& padding) {
        return i < values.size() ? values[i] : padding;
    };
    const Fractions& top = layers.back();
    const Fp5 p0 = top.p[0];
    const Fp5 p1 = entry(top.p, 1, Fp5{});
    const Fp5 q0 = top.q[0];
    const Fp5 q1 = entry(top.q, 1, lift(1));
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
