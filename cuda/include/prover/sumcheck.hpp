// What the sumchecks share: equality tables, binding of the most significant variable, rounds.
#pragma once

#include <prover/arrays.hpp>
#include <prover/transcript.hpp>
#include <vector>

namespace strikefold
{
/// eq(point, b) * scale for every b of the cube, in the order of their numbers.
[[nodiscard]] ExtArray eq_table(std::span<const Fp5> point, const Fp5& scale);

/// From eq(z, .) over k variables to eq(z without its first coordinate, .): the sum of the halves.
void drop_first(ExtArray& table);

/// Binds the most significant variable: values[j] + x (values[j + half] - values[j]).
void bind_first(ExtArray& values, const Fp5& x);
[[nodiscard]] ExtArray bind_first(std::span<const Fp> values, const Fp5& x);

/// The coefficients of the polynomial through (0, values[0]), (1, values[1]), ...
[[nodiscard]] std::vector<Fp5> interpolate(std::span<const Fp5> values);

/// A polynomial's value, constant coefficient first.
[[nodiscard]] Fp5 horner(std::span<const Fp5> coefficients, const Fp5& x);

/// One round in bare form, where (1 - z) h(0) + z h(1) = claim: fills in values[1] from the others,
/// says all coefficients but the constant one, samples the challenge and moves the claim there.
[[nodiscard]] Fp5 bare_round(
    Channel& channel, std::vector<Fp5>& values, const Fp5& z, Fp5& claim);
}  // namespace strikefold
