#include <prover/zerocheck.hpp>

namespace strikefold
{
namespace
{
/// A sum over a graph's roots with extension coefficients: what is linear in the columns, and the
/// other roots.
struct Combination
{
    std::vector<Fp5> of_column;
    Fp5 constant{};
    std::vector<Fp5> of_root;  ///< Zero for linear roots.

    explicit Combination(const Graph& graph) : of_column(graph.columns), of_root(graph.roots) {}

    /// Adds scale times a root.
    void add(const Graph& graph, uint32_t root, const Fp5& scale)
    {
        const auto& form = graph.linear[root];
        if (!form)
        {
            of_root[root] += scale;
            return;
        }
        for (const auto& [column, factor] : form->terms)
            of_column[column] += scale * factor;
        constant += scale * form->constant;
    }
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
        out.add(*slot.graph, message.times, weights[m] * p_scale);
        out.constant += below * (buses.c - lift(message.bus_id));
        const std::vector<Fp5> powers = buses.powers(message.fields.size());
        for (size_t k = 0; k < message.fields.size(); ++k)
            out.add(*slot.graph, message.fields[k], Fp5{} - below * powers[k]);
    }
}

/// Cells of the base field, as the table has them.
struct RowCells
{
    static constexpr size_t BLOCK = 16;  ///< Vectors of rows evaluated together.
    template <class F>
    using Value = F;

    const Slot& slot;

    template <class F>
    [[nodiscard]] F load(uint32_t c, size_t i) const noexcept
    {
        return strikefold::load<F>(slot.columns[c] + i);
    }
};

/// The lines through the table's halves, at x.
struct BaseCells
{
    static constexpr size_t BLOCK = 16;
    template <class F>
    using Value = F;

    const Slot& slot;
    Fp x;

    template <class F>
    [[nodiscard]] F load(uint32_t c, size_t i) const noexcept
    {
        const Fp* from = slot.columns[c] + i;
        const F low = strikefold::load<F>(from);
        return low + (strikefold::load<F>(from + slot.rows() / 2) - low) * broadcast<F>(x);
    }
};

/// The same of columns with bound variables.
struct BoundCells
{
    static constexpr size_t BLOCK = 4;
    template <class F>
    using Value = Ext<F>;

    const std::vector<ExtArray>& columns;
    Fp x;

    template <class F>
    [[nodiscard]] Ext<F> load(uint32_t c, size_t i) const noexcept
    {
        const Ext<F> low = columns[c].load<F>(i);
        return low + (columns[c].load<F>(columns[c].size() / 2 + i) - low) * broadcast<F>(x);
    }
};

/// What is summed: a program's roots, each with N coefficients.
template <size_t N>
struct RootSums
{
    const GraphProgram& program;
    uint32_t columns;
    std::array<const std::vector<Fp5>*, N> of_root;

    /// The N sums over rows of their weight times all coefficients times roots.
    template <class Cells>
    [[nodiscard]] std::array<Fp5, N> over(
        size_t rows, const ExtArray& weights, const Cells& cells) const
    {
        std::vector<std::array<Fp5, N>> totals(thread_count());
        if (program.instructions.empty())  // then it has no outputs: what needs none is linear
            return {};
        // wide chips are low: their rows are worth sharing out long before others' are
        const size_t grain = std::clamp<size_t>((1 << 17) / program.instructions.size(), 64, 512);
        parallel(rows, grain, [&](size_t begin, size_t end, size_t part) {
            const size_t whole = begin + (end - begin) / LANES<Packed> * LANES<Packed>;
            const auto wide = range<Packed>(begin, whole, weights, cells);
            const auto narrow = range<Fp>(whole, end, weights, cells);
            for (size_t k = 0; k < N; ++k)
                totals[part][k] = wide[k] + narrow[k];
        });
        return column_sums<N>(totals);
    }

private:
    template <class F, class Cells>
    [[nodiscard]] std::array<Fp5, N> range(
        size_t begin, size_t end, const ExtArray& weights, const Cells& cells) const
    {
        using Value = typename Cells::template Value<F>;
        constexpr size_t BLOCK = Cells::BLOCK;
        std::array<Ext<F>, N> result{};
        if (begin == end)
            return {};
        std::vector<Value> loaded(columns * BLOCK);
        std::vector<Value> scratch(program.registers * BLOCK);
        for (size_t row = begin; row < end; row += BLOCK * LANES<F>)
        {
            const size_t count = std::min(BLOCK, (end - row) / LANES<F>);
            for (const uint32_t c : program.columns)
            {
                for (size_t i = 0; i < count; ++i)
                    loaded[c * BLOCK + i] = cells.template load<F>(c, row + i * LANES<F>);
            }
            Ext<F> sums[N][BLOCK]{};
            program.evaluate<BLOCK, Value>([&](uint32_t c) { return loaded.data() + c * BLOCK; },
                std::span<Value>{scratch}, [&](uint32_t root, const auto& value) {
                    for (size_t k = 0; k < N; ++k)
                    {
                        const Ext<F> coefficient = broadcast<F>((*of_root[k])[root]);
                        for (size_t i = 0; i < count; ++i)
                            sums[k][i] += coefficient * value(i);
                    }
                });
            for (size_t i = 0; i < count; ++i)
            {
                const Ext<F> weight = weights.load<F>(row + i * LANES<F>);
                for (size_t k = 0; k < N; ++k)
                    result[k] += sums[k][i] * weight;
            }
        }
        std::array<Fp5, N> reduced;
        for (size_t k = 0; k < N; ++k)
            reduced[k] = reduce(result[k]);
        return reduced;
    }
};

/// One chip in the sumcheck: its columns over the base field, from the first bound variable on over
/// the extension; its part of the claim.
class Table
{
    const Slot& slot_;
    Combination sum_;
    uint32_t degree_;
    Fp5 claim_;
    ExtArray linear_;  ///< The linear part of the sum, a row each.
    std::vector<ExtArray> bound_;

public:
    /// degree: of the round polynomials; the chip's own may be lower.
    Table(const Slot& slot, Combination sum, uint32_t degree, const Fp5& claim)
      : slot_{slot},
        sum_{std::move(sum)},
        degree_{std::min(slot.graph->degree, degree)},
        claim_{claim}
    {
        if (slot.present)
            linear_ = linear_rows();
    }

    /// The round polynomial's values at 0, 1, ..., degree; the one at 1 follows from the claim.
    [[nodiscard]] std::vector<Fp5> round_values(
        const ExtArray& weights, uint32_t degree, const Fp5& z, const Fp5& inverse_of_z) const
    {
        std::vector<Fp5> values(degree_ + 1);
        const size_t half = linear_.size() / 2;
        const auto [low, high] = parallel_sums<2>(half, [&]<class F>(size_t i, auto& sums) {
            const Ext<F> weight = weights.load<F>(i);
            sums[0] += weight * linear_.load<F>(i);
            sums[1] += weight * linear_.load<F>(half + i);
        });
        const RootSums<1> roots{slot_.graph->nonlinear, slot_.graph->columns, {&sum_.of_root}};
        for (uint32_t x = 0; x <= degree_; ++x)
        {
            if (x == 1)
                continue;
            const Fp at = Fp::from_canonical(x);
            values[x] = low + (high - low) * at;
            values[x] += bound_.empty() ? roots.over(half, weights, BaseCells{slot_, at})[0] :
                                          roots.over(half, weights, BoundCells{bound_, at})[0];
        }
        values[1] = (claim_ - values[0] + z * values[0]) * inverse_of_z;
        const std::vector<Fp5> coefficients = interpolate(values);
        for (uint32_t x = degree_ + 1; x <= degree; ++x)
            values.push_back(horner(coefficients, lift(x)));
        return values;
    }

    void bind(std::span<const Fp5> values, const Fp5& x)
    {
        claim_ = horner(interpolate(values), x);
        bind_first(linear_, x);
        const bool is_first = bound_.empty();
        bound_.resize(slot_.graph->columns);
        parallel_items(bound_.size(), [&](size_t c, size_t) {
            if (is_first)
                bound_[c] = bind_first(std::span{slot_.columns[c], slot_.rows()}, x);
            else
                bind_first(bound_[c], x);
        });
    }

    [[nodiscard]] const Fp5& claim() const noexcept { return claim_; }
    [[nodiscard]] Fp5 opened(uint32_t c) const
    {
        return bound_.empty() ? lift(slot_.columns[c][0]) : bound_[c][0];
    }

private:
    [[nodiscard]] ExtArray linear_rows() const
    {
        std::vector<uint32_t> used;
        for (uint32_t c = 0; c < sum_.of_column.size(); ++c)
        {
            if (!(sum_.of_column[c] == Fp5{}))
                used.push_back(c);
        }
        ExtArray rows{slot_.rows()};
        parallel_vectors(rows.size(), [&]<class F>(size_t i) {
            Ext<F> total = broadcast<F>(sum_.constant);
            for (const uint32_t c : used)
                total += broadcast<F>(sum_.of_column[c]) * load<F>(slot_.columns[c] + i);
            rows.store(i, total);
        });
        return rows;
    }
};

/// Numerator and denominator of the slot's messages at the leaves' point.
[[nodiscard]] LeafSums leaf_sums(const Slot& slot, const std::vector<Fp5>& weights,
    const BusChallenges& buses, const std::vector<Fp5>& point)
{
    const Graph& graph = *slot.graph;
    Combination p{graph};
    Combination q{graph};
    add_messages(p, slot, weights, buses, lift(1), Fp5{});
    add_messages(q, slot, weights, buses, Fp5{}, lift(1));
    const auto row_point = std::span{point}.last(slot.log_height);
    LeafSums sums{p.constant, q.constant};
    if (!graph.nonlinear_parts.outputs.empty())
    {
        const RootSums<2> roots{graph.nonlinear_parts, graph.columns, {&p.of_root, &q.of_root}};
        const auto found = roots.over(slot.rows(), eq_table(row_point, lift(1)), RowCells{slot});
        sums.p += found[0];
        sums.q += found[1];
    }
    const EqTensor eq{row_point};
    for (uint32_t c = 0; c < graph.columns; ++c)
    {
        if (p.of_column[c] == Fp5{} && q.of_column[c] == Fp5{})
            continue;
        const Fp5 opened = weighted_sums<1>(eq, slot.rows(),
            [&]<class F>(size_t i) { return std::array{load<F>(slot.columns[c] + i)}; })[0];
        sums.p += p.of_column[c] * opened;
        sums.q += q.of_column[c] * opened;
    }
    return sums;
}

/// The slots' leaf sums, said; absent slots' are zero.
[[nodiscard]] std::vector<LeafSums> say_leaf_sums(Channel& channel, std::span<const Slot> slots,
    const std::vector<std::vector<Fp5>>& weights, const BusChallenges& buses,
    const std::vector<Fp5>& point)
{
    std::vector<LeafSums> sums(slots.size());
    for (size_t s = 0; s < slots.size(); ++s)
    {
        if (slots[s].present && !slots[s].graph->messages.empty())
            sums[s] = leaf_sums(slots[s], weights[s], buses, point);
        channel.say(sums[s].p);
        channel.say(sums[s].q);
    }
    return sums;
}

/// The slots' tables with what is summed over them, and the scales of their claims.
[[nodiscard]] std::vector<Table> make_tables(std::span<const Slot> slots, uint32_t degree,
    const std::vector<std::vector<Fp5>>& weights, const std::vector<LeafSums>& leaves,
    const BusChallenges& buses, const Fp5& alpha)
{
    std::vector<Table> tables;
    for (size_t s = 0; s < slots.size(); ++s)
    {
        const Graph& graph = *slots[s].graph;
        Combination sum{graph};
        Fp5 power = alpha * alpha;
        for (uint32_t j = 0; j < graph.equations; ++j, power *= alpha)
            sum.add(graph, j, power);
        add_messages(sum, slots[s], weights[s], buses, lift(1), alpha);
        tables.emplace_back(
            slots[s], std::move(sum), degree, leaves[s].p + alpha * leaves[s].q);
    }
    return tables;
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
    std::vector<Table> tables = make_tables(slots, key.degree, weights, leaves, buses, alpha);
    std::vector<Fp5> claims;
    for (const Table& table : tables)
        claims.push_back(table.claim());
    Fp5 claim = horner(claims, eta);

    const uint32_t n = key.log_height;
    const std::span<const Fp5> tail = std::span{point}.subspan(point.size() - n);
    ExtArray eq = eq_table(tail.subspan(std::min<size_t>(1, n)), lift(1));
    std::vector<Fp5> challenges;
    for (uint32_t i = 0; i < n; ++i)
    {
        const auto active = [&](size_t s) {
            return slots[s].present && i + slots[s].log_height >= n;
        };
        const Fp5 inverse_of_z = inverse(tail[i]);
        std::vector<Fp5> values(key.degree + 1);
        std::vector<std::vector<Fp5>> own(slots.size());
        Fp5 scale = lift(1);
        for (size_t s = 0; s < slots.size(); ++s, scale *= eta)
        {
            own[s] = active(s) ? tables[s].round_values(eq, key.degree, tail[i], inverse_of_z) :
                                 std::vector<Fp5>(key.degree + 1, tables[s].claim());
            for (uint32_t x = 0; x <= key.degree; ++x)
                values[x] += scale * own[s][x];
        }
        challenges.push_back(bare_round(channel, values, tail[i], claim));
        for (size_t s = 0; s < slots.size(); ++s)
        {
            if (active(s))
                tables[s].bind(own[s], challenges.back());
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
