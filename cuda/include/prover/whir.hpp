// WHIR: opens the stacked polynomial at the columns' claims. node/recursion/whir.py says why.
#pragma once

#include <prover/matrix.hpp>
#include <prover/segment.hpp>
#include <prover/sumcheck.hpp>
#include <vector>

namespace strikefold
{
/// A committed matrix: its codewords and their tree.
struct Commitment
{
    Matrix codewords;
    MerkleTree tree;

    Commitment() = default;
    Commitment(std::span<const Column> columns, uint32_t log_rows, uint32_t log_leaves)
      : codewords{encode(columns, log_rows, log_leaves)}, tree{codewords}
    {}
};

/// An out-of-domain sample: the polynomial's value at the power point of x.
struct OodSample
{
    Fp5 x;
    Fp5 value;
};

/// A polynomial over the base field at the power point of x, most significant variable first.
[[nodiscard]] Fp5 evaluate_powers(std::span<const Fp> values, const Fp5& x);

/// stack: the polynomial's 2^variables evaluations. trees: of the first oracle, side by side.
/// point, opened: where the zerocheck opened the columns, and what it said of them.
void prove_opening(Channel& channel, const KeyParameters& key, Array<Fp> stack,
    std::vector<const Commitment*> trees, std::span<const OodSample> ood,
    std::span<const Slot> slots, const std::vector<Fp5>& point, std::span<const Fp5> opened);
}  // namespace strikefold
