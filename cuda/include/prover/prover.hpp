// The whole prover: one proof from a key and a segment's tables.
#pragma once

#include <prover/segment.hpp>
#include <prover/whir.hpp>
#include <vector>

namespace strikefold
{
/// What is wrong with a key's numbers, or nullptr: a key that passes is safe to prove with.
[[nodiscard]] const char* problem_with(const KeyParameters& key) noexcept;

/// A segment's heights, places and tables as Python hands them over.
struct SegmentInput
{
    struct SlotInput
    {
        bool present = false;
        uint32_t log_height = 0;
        const uint32_t* table = nullptr;  ///< Canonical, column after column.
        std::vector<size_t> column_offsets;
        std::vector<size_t> message_offsets;
    };
    std::vector<uint32_t> public_values;
    std::vector<uint32_t> heights;  ///< As written: 255 where absent.
    std::vector<SlotInput> slots;
    size_t messages = 0;
};

struct ProofOutput
{
    std::vector<uint32_t> elements;
    Timings timings;
};

class ProvingKey
{
    KeyParameters parameters_;
    std::vector<Graph> graphs_;                   ///< One a slot.
    std::vector<std::vector<Array<Fp>>> fixed_;   ///< Preprocessed and formula columns, by slot.
    Array<Fp> preprocessed_stack_;
    Commitment preprocessed_;

public:
    /// preprocessed_stack: the last matrix columns' cells.
    ProvingKey(KeyParameters parameters, std::vector<Graph> graphs,
        std::vector<std::vector<Array<Fp>>> fixed, Array<Fp> preprocessed_stack);

    [[nodiscard]] const KeyParameters& parameters() const noexcept { return parameters_; }
    [[nodiscard]] const Graph& graph(size_t slot) const noexcept { return graphs_[slot]; }
    [[nodiscard]] size_t slots() const noexcept { return graphs_.size(); }
    [[nodiscard]] poseidon2::Digest preprocessed_root() const;
    void set_digest(const std::array<uint32_t, 16>& digest) noexcept { parameters_.digest = digest; }

    /// What is wrong with a segment's shapes and places, or nullptr.
    [[nodiscard]] const char* problem_with(const SegmentInput& input) const;

    /// Requires that there is no problem with the input.
    [[nodiscard]] ProofOutput prove(const SegmentInput& input) const;
};
}  // namespace strikefold
