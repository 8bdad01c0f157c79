#include <bit>
#include <prover/whir.hpp>

namespace strikefold
{
namespace
{
/// (x^(2^(variables-1)), ..., x^2, x).
template <class X>
[[nodiscard]] std::vector<X> power_point(X x, size_t variables)
{
    std::vector<X> point(variables);
    for (size_t i = variables; i-- > 0; x = x * x)
        point[i] = x;
    return point;
}

/// The log2 of a power of two.
[[nodiscard]] size_t log_size(size_t size)
{
    return static_cast<size_t>(std::countr_zero(size));
}

/// A polynomial at the power point of x; values(j) gives an array of its j-th value,
/// of the base field or the extension.
template <class Values>
[[nodiscard]] Fp5 evaluate_at_powers(size_t size, const Fp5& x, const Values& values)
{
    const EqTensor eq{power_point(x, log_size(size))};
    return weighted_sums<1>(eq, size, values)[0];
}

[[nodiscard]] Fp5 evaluate_powers(const ExtArray& values, const Fp5& x)
{
    return evaluate_at_powers(values.size(), x,
        [&]<class F>(size_t j) { return std::array{values.load<F>(j)}; });
}

/// weights += scale * eq(point, .).
void add_eq(ExtArray& weights, std::span<const Fp5> point, const Fp5& scale)
{
    const EqTensor eq{point, scale};
    const size_t rows = eq.low.size();
    parallel_items(eq.high.size(), [&](size_t i, size_t) {
        const Fp5 factor = eq.high[i];
        vectors(0, rows, [&]<class F>(size_t j) {
            const size_t at = i * rows + j;
            weights.store(at, weights.load<F>(at) + eq.low.load<F>(j) * broadcast<F>(factor));
        });
    });
}

/// eq(point, b) for every b, over the base field.
[[nodiscard]] Array<Fp> base_eq_table(std::span<const Fp> point)
{
    Array<Fp> table{size_t{1} << point.size()};
    table[0] = Fp::from_canonical(1);
    size_t size = 1;
    for (size_t i = point.size(); i-- > 0; size *= 2)
    {
        vectors(0, size, [&]<class F>(size_t j) {
            const F value = load<F>(table.data() + j);
            const F high = value * broadcast<F>(point[i]);
            store(table.data() + j, value - high);
            store(table.data() + size + j, high);
        });
    }
    return table;
}

/// weights += sum of scales[k] * eq(power point of xs[k], .): the queried points, all of the base
/// field. A point's table is the product of one over the leading and one over the last variables.
void add_base_points(
    ExtArray& weights, const std::vector<Fp>& xs, const std::vector<Fp5>& scales, size_t variables)
{
    const size_t low_variables = variables / 2;
    std::vector<Array<Fp>> low;
    std::vector<ExtArray> high;
    for (size_t k = 0; k < xs.size(); ++k)
    {
        const std::vector<Fp> point = power_point(xs[k], variables);
        low.push_back(base_eq_table(std::span{point}.subspan(variables - low_variables)));
        const Array<Fp> top = base_eq_table(std::span{point}.first(variables - low_variables));
        ExtArray scaled{top.size()};
        for (size_t j = 0; j < top.size(); ++j)
            scaled.set(j, scales[k] * top[j]);
        high.push_back(std::move(scaled));
    }
    const size_t rows = size_t{1} << low_variables;
    parallel_items(
        size_t{1} << (variables - low_variables),
        [&](size_t block, size_t) {
            vectors(0, rows, [&]<class F>(size_t j) {
                Ext<F> sum = weights.load<F>(block * rows + j);
                for (size_t k = 0; k < xs.size(); ++k)
                    sum += broadcast<F>(high[k][block]) * load<F>(low[k].data() + j);
                weights.store(block * rows + j, sum);
            });
        },
        8);
}

/// The polynomial, its weights, and the claim that their inner product is `sum`.
class Opening
{
    Channel& channel_;
    Array<Fp> base_;  ///< Until the first variable is bound.
    ExtArray values_;
    ExtArray weights_;
    Fp5 sum_{};

public:
    Opening(Channel& channel, Array<Fp> stack)
      : channel_{channel}, base_{std::move(stack)}, weights_{base_.size()}
    {
        // by all threads: most of the time goes into the pages' first faults
        parallel_vectors(weights_.size(), [&]<class F>(size_t j) { weights_.store(j, Ext<F>{}); });
    }

    [[nodiscard]] const ExtArray& values() const noexcept { return values_; }

    void add_columns(std::span<const OodSample> ood, std::span<const Slot> slots,
        const std::vector<Fp5>& point, std::span<const Fp5> opened)
    {
        const Fp5 gamma = channel_.sample();
        Fp5 power = lift(1);
        const size_t variables = log_size(base_.size());
        for (const OodSample& sample : ood)
        {
            power *= gamma;
            sum_ += power * sample.value;
            add_eq(weights_, power_point(sample.x, variables), power);
        }
        size_t next = 0;
        for (const Slot& slot : slots)
        {
            const size_t columns = slot.graph->committed + slot.graph->preprocessed;
            const ExtArray rows =
                slot.present ? eq_table(std::span{point}.subspan(point.size() - slot.log_height),
                                   lift(1)) :
                               ExtArray{};
            std::vector<Fp5> powers;
            for (size_t c = 0; c < columns; ++c, ++next)
            {
                power *= gamma;
                sum_ += power * opened[next];
                powers.push_back(power);
            }
            parallel_items(slot.present ? columns : 0, [&](size_t c, size_t) {
                vectors(0, rows.size(), [&]<class F>(size_t j) {
                    const size_t at = slot.column_offsets[c] + j;
                    weights_.store(
                        at, weights_.load<F>(at) + rows.load<F>(j) * broadcast<F>(powers[c]));
                });
            });
        }
    }

    void add_samples(std::span<const OodSample> ood, const std::vector<Fp>& queried,
        const std::vector<Fp5>& answers)
    {
        const Fp5 gamma = channel_.sample();
        Fp5 power = lift(1);
        const size_t variables = log_size(weights_.size());
        for (const OodSample& sample : ood)
        {
            power *= gamma;
            sum_ += power * sample.value;
            add_eq(weights_, power_point(sample.x, variables), power);
        }
        std::vector<Fp5> scales;
        for (const Fp5& answer : answers)
        {
            power *= gamma;
            sum_ += power * answer;
            scales.push_back(power);
        }
        add_base_points(weights_, queried, scales, variables);
    }

    /// Sumcheck rounds that bind the most significant variables; returns the challenges.
    [[nodiscard]] std::vector<Fp5> fold(uint32_t rounds, uint32_t grinding)
    {
        std::vector<Fp5> challenges;
        for (uint32_t i = 0; i < rounds; ++i)
        {
            const auto [constant, square] = base_.size() != 0 ? base_sums() : ext_sums();
            const Fp5 linear = sum_ - constant - constant - square;
            channel_.say(linear);
            channel_.say(square);
            channel_.grind(grinding);
            const Fp5 x = channel_.sample();
            sum_ = constant + x * (linear + x * square);
            challenges.push_back(x);
            if (base_.size() != 0)
            {
                values_ = bind_first(base_, x);
                base_ = Array<Fp>{};
            }
            else
                bind_first(values_, x);
            bind_first(weights_, x);
        }
        return challenges;
    }

private:
    [[nodiscard]] std::array<Fp5, 2> base_sums() const
    {
        const size_t half = base_.size() / 2;
        return parallel_sums<2>(half, [&]<class F>(size_t j, auto& sums) {
            const F low = load<F>(base_.data() + j);
            const F high = load<F>(base_.data() + half + j);
            const Ext<F> weight = weights_.load<F>(j);
            sums[0] += weight * low;
            sums[1] += (weights_.load<F>(half + j) - weight) * (high - low);
        });
    }
    [[nodiscard]] std::array<Fp5, 2> ext_sums() const
    {
        const size_t half = values_.size() / 2;
        return parallel_sums<2>(half, [&]<class F>(size_t j, auto& sums) {
            const Ext<F> low = values_.load<F>(j);
            const Ext<F> weight = weights_.load<F>(j);
            sums[0] += weight * low;
            sums[1] +=
                (weights_.load<F>(half + j) - weight) * (values_.load<F>(half + j) - low);
        });
    }
};

/// The columns of the matrix over a folded polynomial: five coefficients of each.
[[nodiscard]] std::vector<Column> extension_columns(
    const ExtArray& values, uint32_t fold, uint32_t log_rows)
{
    std::vector<Column> columns;
    for (size_t c = 0; c < (size_t{1} << fold); ++c)
    {
        for (size_t k = 0; k < Fp5::DEGREE; ++k)
            columns.push_back(
                {values.at(c << log_rows) + k * ExtArray::BLOCK, ExtArray::BLOCK_CELLS});
    }
    return columns;
}

/// Samples and opens leaves; returns their indices.
[[nodiscard]] std::vector<uint32_t> query(Channel& channel, const OracleParameters& oracle,
    const std::vector<const Commitment*>& trees)
{
    channel.grind(oracle.query_grinding);
    std::vector<uint32_t> indices;
    for (uint32_t i = 0; i < oracle.queries; ++i)
        indices.push_back(channel.transcript.sample_index(oracle.log_leaves()));
    for (const Commitment* commitment : trees)
        commitment->tree.open(channel, commitment->codewords, indices);
    return indices;
}

/// A folded polynomial at the power point of a base element.
[[nodiscard]] Fp5 evaluate_base_power(const ExtArray& values, Fp x, size_t variables)
{
    const Array<Fp> weights = base_eq_table(power_point(x, variables));
    Ext<Packed> wide{};
    Fp5 narrow{};
    vectors(0, values.size(), [&]<class F>(size_t j) {
        const Ext<F> term = values.load<F>(j) * load<F>(weights.data() + j);
        if constexpr (std::is_same_v<F, Packed>)
            wide += term;
        else
            narrow += term;
    });
    return narrow + reduce(wide);
}
}  // namespace

Fp5 evaluate_powers(std::span<const Fp> values, const Fp5& x)
{
    return evaluate_at_powers(values.size(), x,
        [&]<class F>(size_t j) { return std::array{load<F>(values.data() + j)}; });
}

void prove_opening(Channel& channel, const KeyParameters& key, Array<Fp> stack,
    std::vector<const Commitment*> trees, std::span<const OodSample> ood,
    std::span<const Slot> slots, const std::vector<Fp5>& point, std::span<const Fp5> opened)
{
    Opening opening{channel, std::move(stack)};
    opening.add_columns(ood, slots, point, opened);
    Commitment current;
    for (size_t number = 0; number < key.oracles.size(); ++number)
    {
        const OracleParameters& oracle = key.oracles[number];
        (void)opening.fold(oracle.fold, oracle.fold_grinding);
        const ExtArray& values = opening.values();
        if (number + 1 == key.oracles.size())
        {
            for (size_t j = 0; j < values.size(); ++j)
                channel.say(values[j]);
            (void)query(channel, oracle, trees);
            (void)opening.fold(oracle.log_rows(), 0);
            return;
        }
        const OracleParameters& next = key.oracles[number + 1];
        Commitment following{extension_columns(values, next.fold, next.log_rows()),
            next.log_rows(), next.log_leaves()};
        channel.say(following.tree.root());
        std::vector<OodSample> samples;
        for (uint32_t i = 0; i < next.ood_samples; ++i)
            samples.push_back({channel.sample(), {}});
        for (OodSample& sample : samples)
        {
            sample.value = evaluate_powers(values, sample.x);
            channel.say(sample.value);
        }
        const std::vector<uint32_t> indices = query(channel, oracle, trees);
        const Fp root = Fp::root_of_unity(oracle.log_leaves());
        std::vector<Fp> xs(indices.size());
        std::vector<Fp5> answers(indices.size());
        parallel_items(indices.size(), [&](size_t k, size_t) {
            xs[k] = root.power(indices[k]);
            answers[k] = evaluate_base_power(values, xs[k], oracle.log_rows());
        });
        opening.add_samples(samples, xs, answers);
        current = std::move(following);
        trees = {&current};
    }
}
}  // namespace strikefold
