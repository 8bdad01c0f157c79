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

/// A layer of fractions p / q: those at even places and those at odd ones, which the way up adds in
/// pairs and the way down binds last. All after the first `size` are 0 / 1.
struct Fractions
{
    ExtArray p0, p1, q0, q1;
    size_t size;

    explicit Fractions(size_t fractions)
      : p0{pairs(fractions)}, p1{pairs(fractions)}, q0{pairs(fractions)}, q1{pairs(fractions)},
        size{fractions}
    {
        p1.set(pairs(size) - 1, Fp5{});  // the padding of an odd layer
        q1.set(pairs(size) - 1, lift(1));
    }
    [[nodiscard]] static size_t pairs(size_t fractions) noexcept { return (fractions + 1) / 2; }
};

/// All messages of all slots as fractions times / fingerprint.
[[nodiscard]] Fractions message_fractions(
    std::span<const Slot> slots, size_t messages, const BusChallenges& buses);

/// Proves the sum; returns the point at which the leaves are claimed.
[[nodiscard]] std::vector<Fp5> prove_sum(
    Channel& channel, Fractions leaves, uint32_t log_messages);
}  // namespace strikefold
