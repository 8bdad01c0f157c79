#include <prover/buses.hpp>

namespace strikefold
{
namespace
{
constexpr size_t BLOCK = 8;  ///< Vectors of rows evaluated together: their fractions fit the cache.

/// Which message a root behind the equations belongs to, and as what: 0 for the multiplicity, k + 1 for field k.
struct RootUse
{
    size_t message;
    size_t part;
};

[[nodiscard]] std::vector<RootUse> root_uses(const Graph& graph)
{
    std::vector<RootUse> uses(graph.roots - graph.equations);
    for (size_t m = 0; m < graph.messages.size(); ++m)
    {
        const GraphMessage& message = graph.messages[m];
        uses[message.times - graph.equations] = {m, 0};
        for (size_t k = 0; k < message.fields.size(); ++k)
            uses[message.fields[k] - graph.equations] = {m, k + 1};
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
    std::vector<F> scratch(graph.message_parts.registers * BLOCK);
    std::vector<F> p(messages * BLOCK);
    std::vector<Ext<F>> q(messages * BLOCK);
    for (size_t row = begin; row < end; row += BLOCK * LANES<F>)
    {
        const size_t count = std::min(BLOCK, (end - row) / LANES<F>);
        for (const uint32_t c : graph.message_parts.columns)
        {
            for (size_t i = 0; i < count; ++i)
                cells[c * BLOCK + i] = load<F>(slot.columns[c] + row + i * LANES<F>);
        }
        for (size_t m = 0; m < messages; ++m)
            std::fill_n(q.data() + m * BLOCK, BLOCK,
                broadcast<F>(buses.c - lift(graph.messages[m].bus_id)));
        graph.message_parts.evaluate<BLOCK, F>([&](uint32_t c) { return cells.data() + c * BLOCK; },
            std::span<F>{scratch}, [&](uint32_t root, const auto& value) {
                const auto [m, part] = uses[root - graph.equations];
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

/// Numerator and denominator claimed of a layer at a point.
struct SumClaim
{
    std::vector<Fp5> point;
    Fp5 p;
    Fp5 q;
};

/// The entries at even and at odd places, of 2 j on.
template <class F>
[[nodiscard]] std::pair<Ext<F>, Ext<F>> load_pairs(const ExtArray& values, size_t j)
{
    std::pair pairs{values.load<F>(2 * j), values.load<F>(2 * j + LANES<F>)};
    unzip(pairs.first, pairs.second);
    return pairs;
}

/// A layer's sumcheck: on a q1 + p1 q0 with a = p0 + lambda q0, from the last variable on, so that
/// padding, which is all behind the entries, is never looked at.
///
/// Binding goes from one set of tables to another and back: the entry that a thread writes is one
/// that another still reads.
class Layer
{
    using Tables = std::array<ExtArray*, 4>;  ///< a, p1, q0, q1.
    using Sums = std::array<Fp5, 2>;          ///< h(0) and the leading coefficient of h.

    Tables now_;
    Tables next_;
    std::array<Fp5, 4> padding_;
    size_t size_;
    const Fp5& lambda_;

public:
    /// next: of at least half the size.
    Layer(Fractions& layer, Fractions& next, const Fp5& lambda)
      : now_{&layer.p0, &layer.p1, &layer.q0, &layer.q1},
        next_{&next.p0, &next.p1, &next.q0, &next.q1},
        padding_{lambda, Fp5{}, lift(1), lift(1)},
        size_{Fractions::pairs(layer.size)},
        lambda_{lambda}
    {}

    /// Turns p0 into a; then as bind_and_sum.
    [[nodiscard]] Sums first_sums(std::span<const Fp5> point)
    {
        parallel_vectors(size_, [&]<class F>(size_t j) {
            now_[0]->store(
                j, now_[0]->load<F>(j) + now_[2]->load<F>(j) * broadcast<F>(lambda_));
        });
        pad(2);
        return with_padding(point, [&]<class F>(size_t j) {
            std::array<std::pair<Ext<F>, Ext<F>>, 4> pairs;
            for (size_t t = 0; t < now_.size(); ++t)
                pairs[t] = load_pairs<F>(*now_[t], j);
            return pairs;
        });
    }

    /// Binds the last variable. The sums are over the pairs that the next one binds, weighted by
    /// eq(point, .).
    [[nodiscard]] Sums bind_and_sum(std::span<const Fp5> point, const Fp5& x)
    {
        pad(4);
        size_ = (size_ + 1) / 2;
        const Sums sums = with_padding(point, [&]<class F>(size_t j) {
            std::array<std::pair<Ext<F>, Ext<F>>, 4> pairs;
            for (size_t t = 0; t < now_.size(); ++t)
                pairs[t] = bind_pairs<F>(t, j, broadcast<F>(x));
            return pairs;
        });
        std::swap(now_, next_);
        return sums;
    }

    /// Binds the only variable left: a, p1, q0, q1.
    [[nodiscard]] std::array<Fp5, 4> last(const Fp5& x)
    {
        pad(2);
        std::array<Fp5, 4> values;
        for (size_t t = 0; t < now_.size(); ++t)
            values[t] = line((*now_[t])[0], (*now_[t])[1], x);
        return values;
    }

private:
    /// Writes padding up to a multiple of `multiple`, which is within a block of the arrays.
    void pad(size_t multiple)
    {
        for (size_t j = size_; j % multiple != 0; ++j)
        {
            for (size_t t = 0; t < now_.size(); ++t)
                now_[t]->set(j, padding_[t]);
        }
    }

    /// Binds and stores the pairs j .. of table t.
    template <class F>
    [[nodiscard]] std::pair<Ext<F>, Ext<F>> bind_pairs(size_t t, size_t j, const Ext<F>& x)
    {
        const auto bound = [&](size_t k) {
            const auto [low, high] = load_pairs<F>(*now_[t], k);
            return low + (high - low) * x;
        };
        std::pair pairs{bound(2 * j), bound(2 * j + LANES<F>)};
        next_[t]->store(2 * j, pairs.first);
        next_[t]->store(2 * j + LANES<F>, pairs.second);
        unzip(pairs.first, pairs.second);
        return pairs;
    }

    /// pairs(j): the tables' pairs j .., those of padding left out: lambda each, and no slope.
    template <class Pairs>
    [[nodiscard]] Sums with_padding(std::span<const Fp5> point, const Pairs& pairs)
    {
        const size_t count = (size_ + 1) / 2;
        Sums sums = weighted_sums<2>(EqTensor{point}, count, [&]<class F>(size_t j) {
            const auto [a, p1, q0, q1] = pairs.template operator()<F>(j);
            return std::array{a.first * q1.first + p1.first * q0.first,
                (a.second - a.first) * (q1.second - q1.first) +
                    (p1.second - p1.first) * (q0.second - q0.first)};
        });
        sums[0] += lambda_ * (lift(1) - eq_below(point, count));
        return sums;
    }
};

/// From the claim on a layer's parents to the claim on the layer, one variable longer. Leaves neither
/// the layer nor `scratch`, of half its size, as they were.
[[nodiscard]] SumClaim prove_layer(
    Channel& channel, Fractions& fractions, Fractions& scratch, const SumClaim& parents)
{
    const Fp5 lambda = channel.sample();
    Fp5 claim = parents.p + lambda * parents.q;
    Layer layer{fractions, scratch, lambda};
    const std::span<const Fp5> point = parents.point;
    std::vector<Fp5> challenges;
    std::array sums = layer.first_sums(point.first(point.size() - 1));
    for (size_t left = point.size(); left-- > 0;)
    {
        const auto& [low, leading] = sums;
        const Fp5& z = point[left];
        const Fp5 linear = (claim - low) * inverse(z) - leading;  // claim = h(0) + z (h(1) - h(0))
        channel.say(linear);
        channel.say(leading);
        const Fp5 x = channel.sample();
        claim = low + x * (linear + x * leading);
        challenges.push_back(x);
        if (left != 0)
            sums = layer.bind_and_sum(point.first(left - 1), x);
    }
    const auto [a, p1, q0, q1] = layer.last(challenges.back());
    const Fp5 p0 = a - lambda * q0;
    for (const Fp5& value : {p0, p1, q0, q1})
        channel.say(value);
    std::ranges::reverse(challenges);
    const Fp5 last = channel.sample();
    challenges.push_back(last);
    return {std::move(challenges), line(p0, p1, last), line(q0, q1, last)};
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
    Fractions scratch{layers.empty() ? 1 : Fractions::pairs(layers.front().size)};
    for (; !layers.empty(); layers.pop_back())
        claim = prove_layer(channel, layers.back(), scratch, claim);
    return claim.point;
}
}  // namespace strikefold
