// The tree of memory: Poseidon2 over leaves of eight words, and walks from touched leaves to the
// root.
#pragma once

#include <array>
#include <cstdint>
#include <prover/poseidon2.hpp>
#include <riscv/mapped.hpp>
#include <span>
#include <vector>

namespace strikefold::riscv
{
using poseidon2::Digest;

inline constexpr uint32_t DEPTH = 24;
inline constexpr uint32_t LEAF_WORDS = 8;

/// What an address range of 32 bytes holds.
using Leaf = std::array<uint32_t, LEAF_WORDS>;
/// Two digests, to be compressed into one.
using Pair = std::array<Fp, poseidon2::WIDTH>;

/// Digests of so many pairs, one after the other.
using Compressor = void (*)(const Fp* pairs, size_t count, Digest* digests) noexcept;

/// Elements one at a time.
void compress_portably(const Fp* pairs, size_t count, Digest* digests) noexcept;

/// What the trees are hashed with: set once, before the first, where there is a faster one.
inline Compressor& compressor() noexcept
{
    static Compressor chosen = compress_portably;
    return chosen;
}

[[nodiscard]] std::vector<Digest> compress_all(std::span<const Pair> pairs);

/// A leaf's sixteen limbs, low limb first.
[[nodiscard]] Pair limbs(const Leaf& leaf) noexcept;

[[nodiscard]] std::vector<Digest> leaf_digests(std::span<const Leaf> leaves);

/// The digest of 2^level leaves of zeros.
[[nodiscard]] const Digest& zero_digest(uint32_t level) noexcept;

/// A parent on the way from touched leaves to the root.
struct Parent
{
    uint32_t level;    ///< 1 above the leaves, DEPTH the root.
    uint32_t index;    ///< From the left, on its level.
    bool left, right;  ///< Which children are touched; one is.
    size_t child;      ///< Of the first touched child, among the level below.
    size_t position;   ///< Its own, on its level.
};

/// Visits every ancestor of the leaves (indices ascending and distinct), level by level from below.
template <class Visit, class Done>
void ascend(std::vector<uint32_t> indices, const Visit& visit, const Done& done)
{
    for (uint32_t level = 1; level <= DEPTH; ++level)
    {
        size_t count = 0;
        for (size_t i = 0; i < indices.size();)
        {
            const uint32_t index = indices[i];
            const bool both =
                index % 2 == 0 && i + 1 < indices.size() && indices[i + 1] == index + 1;
            visit(Parent{level, index / 2, index % 2 == 0, both || index % 2 == 1, i, count});
            indices[count++] = index / 2;
            i += both ? 2 : 1;
        }
        indices.resize(count);
        done(level);
    }
}

/// Digests of nodes of a sparse tree, untouched ones known.
class Tree
{
    /// Differences from the zero digests, so that fresh memory is a tree of zeros; the root at 1.
    Mapped<Digest> nodes_{size_t{2} << DEPTH};

public:
    [[nodiscard]] Digest get(uint32_t level, uint32_t index) const noexcept;
    [[nodiscard]] Digest root() const noexcept { return get(DEPTH, 0); }
    /// Puts leaves (indices ascending and distinct) in and renews what is above them.
    void update(const std::vector<uint32_t>& indices, std::span<const Leaf> leaves);

private:
    void set(uint32_t level, uint32_t index, const Digest& digest) noexcept;
};
}  // namespace strikefold::riscv
