#include <prover/root_sums.hpp>
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

/// What a round of the sumcheck is about: its variable's coordinate of the point, the next one's,
/// and eq of the coordinates behind each of the two.
struct Round
{
    const Fp5& z;
    const Fp5& next_z;
    const ExtArray& eq;
    const ExtArray& next_eq;
};

/// One chip in the sumcheck, with its part of the claim.
///
/// Its first two variables are bound together: before, what is summed is known on the grid of both,
/// from the base field alone; afterwards columns are over the extension, of a quarter of the rows.
class Table
{
    const Slot& slot_;
    Combination sum_;
    uint32_t degree_;
    Fp5 claim_;
    ExtArray linear_;                ///< The linear part of the sum, a row each.
    std::vector<Fp5> grid_;          ///< By first variable, then second; by the second once one is bound.
    Fp5 first_challenge_{};
    std::vector<ExtArray> bound_;

public:
    /// degree: of the round polynomials; the chip's own may be lower.
    Table(const Slot& slot, Combination sum, uint32_t degree, const Fp5& claim)
      : slot_{slot},
        sum_{std::move(sum)},
        degree_{std::min(slot.graph->degree, degree)},
        claim_{claim}
    {
        if (!slot.present)
            return;
        linear_ = linear_rows();
        if (slot.log_height < 2)
            bind_columns(std::array{lift(1)});
    }

    /// The round polynomial's values at 0, 1, ..., degree.
    [[nodiscard]] std::vector<Fp5> round_values(const Round& round, uint32_t degree)
    {
        std::vector<Fp5> values = bound_.empty() ? grid_values(round) : bound_values(round);
        const std::vector<Fp5> coefficients = interpolate(values);
        for (uint32_t x = degree_ + 1; x <= degree; ++x)
            values.push_back(horner(coefficients, lift(x)));
        return values;
    }

    void bind(std::span<const Fp5> values, const Fp5& x)
    {
        claim_ = horner(interpolate(values), x);
        bind_first(linear_, x);
        if (!bound_.empty())
        {
            parallel_items(bound_.size(), [&](size_t c, size_t) { bind_first(bound_[c], x); });
        }
        else if (grid_.size() > side())
        {
            bind_grid(x);
            first_challenge_ = x;
        }
        else
        {
            const Fp5 high = first_challenge_ * x;
            bind_columns(std::array{
                lift(1) - first_challenge_ - x + high, x - high, first_challenge_ - high, high});
        }
    }

    [[nodiscard]] const Fp5& claim() const noexcept { return claim_; }
    [[nodiscard]] Fp5 opened(uint32_t c) const { return bound_[c][0]; }

private:
    [[nodiscard]] uint32_t side() const noexcept { return degree_ + 1; }

    [[nodiscard]] std::vector<Fp5> grid_values(const Round& round)
    {
        if (!grid_.empty())
            return grid_;
        sum_grid(round.next_eq);
        std::vector<Fp5> values;
        for (uint32_t x = 0; x < side(); ++x)
            values.push_back(line(grid_[x * side()], grid_[x * side() + 1], round.next_z));
        return values;
    }

    /// The value at 1 follows from the claim.
    [[nodiscard]] std::vector<Fp5> bound_values(const Round& round) const
    {
        const size_t half = linear_.size() / 2;
        const auto [low, high] = parallel_sums<2>(half, [&]<class F>(size_t i, auto& sums) {
            const Ext<F> weight = round.eq.load<F>(i);
            sums[0] += weight * linear_.load<F>(i);
            sums[1] += weight * linear_.load<F>(half + i);
        });
        std::vector<BoundCells> points;
        for (uint32_t x = 0; x <= degree_; ++x)
        {
            if (x != 1)
                points.push_back({bound_, x});
        }
        const RootSums<1> roots{slot_.graph->nonlinear, slot_.graph->columns, {&sum_.of_root}};
        const auto sums = roots.over(half, round.eq, points);
        std::vector<Fp5> values(side());
        for (size_t p = 0; p < points.size(); ++p)
            values[points[p].x] = line(low, high, points[p].x) + sums[p][0];
        values[1] = (claim_ - values[0] + round.z * values[0]) * inverse(round.z);
        return values;
    }

    void sum_grid(const ExtArray& weights)
    {
        const size_t quarter = weights.size();
        const auto corners = parallel_sums<4>(quarter, [&]<class F>(size_t i, auto& sums) {
            const Ext<F> weight = weights.load<F>(i);
            for (size_t part = 0; part < 4; ++part)
                sums[part] += weight * linear_.load<F>(part * quarter + i);
        });
        std::vector<GridCells> at_rows;
        std::vector<GridCells> between;
        for (uint32_t x = 0; x < side(); ++x)
        {
            for (uint32_t y = 0; y < side(); ++y)
            {
                grid_.push_back(line(
                    line(corners[0], corners[2], x), line(corners[1], corners[3], x), y));
                (x < 2 && y < 2 ? at_rows : between).push_back({slot_, x, y});
            }
        }
        // equations are zero on every row: at the corners there is nothing of them to sum
        add_roots(slot_.graph->nonlinear_parts, weights, at_rows);
        add_roots(slot_.graph->nonlinear, weights, between);
    }

    void add_roots(const GraphProgram& program, const ExtArray& weights,
        const std::vector<GridCells>& points)
    {
        const RootSums<1> roots{program, slot_.graph->columns, {&sum_.of_root}};
        const auto sums = roots.over(weights.size(), weights, points);
        for (size_t p = 0; p < points.size(); ++p)
            grid_[points[p].x * side() + points[p].y] += sums[p][0];
    }

    void bind_grid(const Fp5& x)
    {
        std::vector<Fp5> bound;
        for (uint32_t y = 0; y < side(); ++y)
        {
            std::vector<Fp5> along;
            for (size_t i = y; i < grid_.size(); i += side())
                along.push_back(grid_[i]);
            bound.push_back(horner(interpolate(along), x));
        }
        grid_ = std::move(bound);
    }

    /// weights: of the table's parts.
    void bind_columns(std::span<const Fp5> weights)
    {
        bound_.resize(slot_.graph->columns);
        parallel_items(bound_.size(), [&](size_t c, size_t) {
            bound_[c] = sum_parts(std::span{slot_.columns[c], slot_.rows()}, weights);
        });
    }

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
        const ExtArray eq = eq_table(row_point, lift(1));
        const auto found = roots.over(slot.rows(), eq, std::vector{RowCells{slot}}).front();
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
    std::vector<Fp5> z{point.end() - n, point.end()};
    ExtArray eq = eq_table(std::span{z}.subspan(std::min(1U, n)), lift(1));
    z.emplace_back();  // none is behind the last
    std::vector<Fp5> challenges;
    for (uint32_t i = 0; i < n; ++i)
    {
        const auto active = [&](size_t s) {
            return slots[s].present && i + slots[s].log_height >= n;
        };
        ExtArray next_eq = sum_halves(eq);
        const Round round{z[i], z[i + 1], eq, next_eq};
        std::vector<Fp5> values(key.degree + 1);
        std::vector<std::vector<Fp5>> own(slots.size());
        Fp5 scale = lift(1);
        for (size_t s = 0; s < slots.size(); ++s, scale *= eta)
        {
            own[s] = active(s) ? tables[s].round_values(round, key.degree) :
                                 std::vector<Fp5>(key.degree + 1, tables[s].claim());
            for (uint32_t x = 0; x <= key.degree; ++x)
                values[x] += scale * own[s][x];
        }
        challenges.push_back(bare_round(channel, values, z[i], claim));
        for (size_t s = 0; s < slots.size(); ++s)
        {
            if (active(s))
                tables[s].bind(own[s], challenges.back());
        }
        eq = std::move(next_eq);
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
