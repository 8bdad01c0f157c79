#include "evm/crypto.hpp"

#include "evm/bn254/precompiles.hpp"

namespace strikefold::evm {

Crypto::~Crypto() = default;

Answer Crypto::bn254_add(std::span<const std::uint8_t, 128> input,
                         std::span<std::uint8_t, 64> output) const {
    return bn254::add(input, output) ? Answer::ok : Answer::failure;
}

Answer Crypto::bn254_multiply(std::span<const std::uint8_t, 96> input,
                              std::span<std::uint8_t, 64> output) const {
    return bn254::multiply(input, output) ? Answer::ok : Answer::failure;
}

Answer Crypto::bn254_pairing(View input, bool& output) const {
    const auto holds = bn254::pairing_check(input);
    output = holds.value_or(false);
    return holds ? Answer::ok : Answer::failure;
}

}  // namespace strikefold::evm
