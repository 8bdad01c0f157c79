#include <array>
#include <prover/sumcheck.hpp>

namespace strikefold
{
ExtArray eq_table(std::span<const Fp5> point, const Fp5& scale)
{
    ExtArray table{size_t{1} << point.size()};
    table.set(0, scale);
    // a coordinate splits every entry in two, from the last to the first: the first is the top bit
    size_t size = 1;
    for (size_t i = point.size(); i-- > 0; size *= 2)
    {
        const Fp5 coordinate = point[i];
        parallel_vectors(size, [&, size]<class F>(size_t j) {
            const Ext<F> value = table.load<F>(j);
            const Ext<F> high = value * broadcast<F>(coordinate);
            table.store(j, value - high);
            table.store(size + j, high);
        });
    }
    return table;
}

EqTensor::EqTensor(std::span<const Fp5> point, const Fp5& scale)
  : high{eq_table(point.first(point.size() - std::min(LOW_VARIABLES, point.size())), scale)},
    low{eq_table(point.last(std::min(LOW_VARIABLES, point.size())), lift(1))}
{}

Fp5 eq_below(std::span<const Fp5> point, size_t count)
{
    if (count >> point.size() != 0)
        return lift(1);
    Fp5 sum{};
    Fp5 prefix = lift(1);  // of count's own bits
    for (size_t i = 0; i < point.size(); ++i)
    {
        const Fp5 one = prefix * point[i];
        const bool bit = ((count >> (point.size() - 1 - i)) & 1) != 0;
        if (bit)
            sum += prefix - one;
        prefix = bit ? one : prefix - one;
    }
    return sum;
}

ExtArray sum_halves(const ExtArray& table)
{
    ExtArray sums{table.size() / 2};
    parallel_vectors(sums.size(), [&]<class F>(size_t j) {
        sums.store(j, table.load<F>(j) + table.load<F>(sums.size() + j));
    });
    return sums;
}

void bind_first(ExtArray& values, const Fp5& x)
{
    const size_t half = values.size() / 2;
    parallel_vectors(half, [&]<class F>(size_t j) {
        const Ext<F> low = values.load<F>(j);
        values.store(j, low + (values.load<F>(half + j) - low) * broadcast<F>(x));
    });
    values.shrink(half);
}

ExtArray bind_first(std::span<const Fp> values, const Fp5& x)
{
    const size_t half = values.size() / 2;
    ExtArray out{half};
    parallel_vectors(half, [&]<class F>(size_t j) {
        const F low = load<F>(values.data() + j);
        const F difference = load<F>(values.data() + half + j) - low;
        out.store(j, broadcast<F>(x) * difference + low);
    });
    return out;
}

ExtArray sum_parts(std::span<const Fp> values, std::span<const Fp5> weights)
{
    ExtArray out{values.size() / weights.size()};
    parallel_vectors(out.size(), [&]<class F>(size_t j) {
        Ext<F> sum{};
        for (size_t k = 0; k < weights.size(); ++k)
            sum += broadcast<F>(weights[k]) * load<F>(values.data() + k * out.size() + j);
        out.store(j, sum);
    });
    return out;
}

std::vector<Fp5> interpolate(std::span<const Fp5> values)
{
    std::vector<Fp5> total(values.size());
    for (size_t i = 0; i < values.size(); ++i)
    {
        std::vector<Fp> basis{Fp::from_canonical(1)};
        Fp scale = Fp::from_canonical(1);
        const Fp here = Fp::from_canonical(static_cast<uint32_t>(i));
        for (size_t j = 0; j < values.size(); ++j)
        {
            if (j == i)
                continue;
            const Fp there = Fp::from_canonical(static_cast<uint32_t>(j));
            basis.insert(basis.begin(), Fp{});
            for (size_t k = 0; k + 1 < basis.size(); ++k)
                basis[k] -= there * basis[k + 1];
            scale *= here - there;
        }
        const Fp inverse = scale.inverse();
        for (size_t k = 0; k < values.size(); ++k)
            total[k] += values[i] * (basis[k] * inverse);
    }
    return total;
}

Fp5 horner(std::span<const Fp5> coefficients, const Fp5& x)
{
    Fp5 result{};
    for (size_t k = coefficients.size(); k-- > 0;)
        result = result * x + coefficients[k];
    return result;
}

Fp5 bare_round(Channel& channel, std::vector<Fp5>& values, const Fp5& z, Fp5& claim)
{
    values[1] = (claim - values[0] + z * values[0]) * inverse(z);
    const std::vector<Fp5> coefficients = interpolate(values);
    for (size_t k = 1; k < coefficients.size(); ++k)
        channel.say(coefficients[k]);
    const Fp5 challenge = channel.sample();
    claim = horner(coefficients, challenge);
    return challenge;
}
}  // namespace strikefold
