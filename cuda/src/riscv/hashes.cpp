#include <algorithm>
#include <prover/poseidon2.hpp>
#include <riscv/accelerators.hpp>
#include <riscv/hashes.hpp>

namespace strikefold::riscv
{
void keccakf(std::span<uint32_t, 50> state) noexcept
{
    keccak::Lanes s = keccak::load(state);
    for (size_t number = 0; number < keccak::CONSTANTS.size(); ++number)
    {
        keccak::theta(s);
        keccak::after_theta(s, number);
    }
    for (size_t i = 0; i < s.size(); ++i)
    {
        state[2 * i] = static_cast<uint32_t>(s[i]);
        state[2 * i + 1] = static_cast<uint32_t>(s[i] >> 32);
    }
}

void sha256_compress(std::span<uint32_t, 8> state, std::span<const uint32_t, 16> block) noexcept
{
    const auto last = sha256::Rounds{state, block}.last();
    for (size_t i = 0; i < last.size(); ++i)
        state[i] += last[i];
}

Stop poseidon2_words(std::span<uint32_t, 16> state) noexcept
{
    if (std::ranges::any_of(state, [](uint32_t word) { return word >= Fp::P; }))
        return Stop::NOT_A_FIELD_ELEMENT;
    Fp elements[poseidon2::WIDTH];
    for (size_t i = 0; i < state.size(); ++i)
        elements[i] = Fp::from_canonical(state[i]);
    poseidon2::permute(elements);
    for (size_t i = 0; i < state.size(); ++i)
        state[i] = elements[i].canonical();
    return Stop::NONE;
}
}  // namespace strikefold::riscv
