// The zerocheck: constraints and message claims of all chips in one sumcheck.
#pragma once

#include <prover/buses.hpp>
#include <prover/segment.hpp>
#include <prover/sumcheck.hpp>
#include <vector>

namespace strikefold
{
/// Columns' values at the point where the zerocheck opened them: those of absent slots are zero.
struct Openings
{
    std::vector<Fp5> point;
    std::vector<Fp5> values;
};

/// Says the leaf sums, the round polynomials and the openings of all columns.
[[nodiscard]] Openings prove_zerocheck(Channel& channel, const KeyParameters& key,
    std::span<const Slot> slots, const BusChallenges& buses, const std::vector<Fp5>& point);
}  // namespace strikefold
