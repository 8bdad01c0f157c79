// The fractional sum over all messages (LogUp with GKR): leaves, layers, and the way down.
#pragma once

#include <prover/segment.hpp>
#include <prover/sumcheck.hpp>
#include <span>
#include <vector>

namespace strikefold
{
/// The challenges of the buses: a tuple's fingerprint is c - (id + sum of alpha^(j+1) field_j).
struct BusChallenges
{
    Fp5 alpha;
    Fp5 c;

    /// alpha^(j+1) for the fields of a message.
    [[nodiscard]] std::vector<Fp5> powers(size_t count) const;
};

/// A layer: the first entries' numerators and denominators; all after them are 0 / 1.
struct Fractions
{
    ExtArray p;
    ExtArray q;
    [[nodiscard]] size_t size() const noexcept { return p.size(); }
};

/// All messages of all slots as fractions times / fingerprint.
[[nodiscard]] Fractions message_fractions(
    std::span<const Slot> slots, size_t messages, const BusChallenges& buses);

/// Proves the sum; returns the point at which the leaves are claimed.
[[nodiscard]] std::vector<Fp5> prove_sum(
    Channel& channel, Fractions leaves, uint32_t log_messages);
}  // namespace strikefold
