#include <algorithm>
#include <riscv/tree.hpp>

namespace strikefold::riscv
{
namespace
{
[[nodiscard]] std::array<Digest, DEPTH + 1> zero_digests() noexcept
{
    std::array<Digest, DEPTH + 1> out{};
    Pair pair{};
    for (Digest& digest : out)
    {
        compress_portably(pair.data(), 1, &digest);
        std::ranges::copy(digest, std::ranges::copy(digest, pair.begin()).out);
    }
    return out;
}
}  // namespace

void compress_portably(const Fp* pairs, size_t count, Digest* digests) noexcept
{
    for (size_t i = 0; i < count; ++i)
    {
        Fp state[poseidon2::WIDTH];
        std::copy_n(pairs + i * poseidon2::WIDTH, poseidon2::WIDTH, state);
        poseidon2::compress(state);
        std::copy_n(state, poseidon2::DIGEST, digests[i].begin());
    }
}

std::vector<Digest> compress_all(std::span<const Pair> pairs)
{
    static_assert(sizeof(Pair) == sizeof(Fp) * poseidon2::WIDTH);
    std::vector<Digest> out(pairs.size());
    if (!pairs.empty())
        compressor()(pairs[0].data(), pairs.size(), out.data());
    return out;
}

Pair limbs(const Leaf& leaf) noexcept
{
    Pair out;
    for (size_t i = 0; i < LEAF_WORDS; ++i)
    {
        out[2 * i] = Fp::from_canonical(leaf[i] & 0xffff);
        out[2 * i + 1] = Fp::from_canonical(leaf[i] >> 16);
    }
    return out;
}

std::vector<Digest> leaf_digests(std::span<const Leaf> leaves)
{
    std::vector<Pair> pairs;
    pairs.reserve(leaves.size());
    for (const Leaf& leaf : leaves)
        pairs.push_back(limbs(leaf));
    return compress_all(pairs);
}

const Digest& zero_digest(uint32_t level) noexcept
{
    static const std::array<Digest, DEPTH + 1> digests = zero_digests();
    return digests[level];
}

Digest Tree::get(uint32_t level, uint32_t index) const noexcept
{
    Digest out = nodes_[(size_t{1} << (DEPTH - level)) + index];
    for (size_t i = 0; i < out.size(); ++i)
        out[i] += zero_digest(level)[i];
    return out;
}

void Tree::set(uint32_t level, uint32_t index, const Digest& digest) noexcept
{
    Digest& node = nodes_[(size_t{1} << (DEPTH - level)) + index];
    for (size_t i = 0; i < digest.size(); ++i)
        node[i] = digest[i] - zero_digest(level)[i];
}

void Tree::update(const std::vector<uint32_t>& indices, std::span<const Leaf> leaves)
{
    const std::vector<Digest> digests = leaf_digests(leaves);
    for (size_t i = 0; i < indices.size(); ++i)
        set(0, indices[i], digests[i]);
    std::vector<Pair> pairs;
    std::vector<uint32_t> parents;
    ascend(
        indices,
        [&](const Parent& parent) {
            const Digest left = get(parent.level - 1, 2 * parent.index);
            const Digest right = get(parent.level - 1, 2 * parent.index + 1);
            Pair& pair = pairs.emplace_back();
            std::ranges::copy(right, std::ranges::copy(left, pair.begin()).out);
            parents.push_back(parent.index);
        },
        [&](uint32_t level) {
            const std::vector<Digest> own = compress_all(pairs);
            for (size_t i = 0; i < own.size(); ++i)
                set(level, parents[i], own[i]);
            pairs.clear();
            parents.clear();
        });
}
}  // namespace strikefold::riscv
