// Answers lines of "<function> <hex>" on standard input with the output in hex, "-" for no bytes
// and "invalid" where there is none: what Python's tests drive a sanitized build with.
#include <array>
#include <cstdint>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evm/blake2b.hpp"
#include "evm/bn254/precompiles.hpp"
#include "evm/keccak.hpp"

namespace evm = strikefold::evm;

namespace {

using Bytes = std::vector<std::uint8_t>;

[[nodiscard]] Bytes from_hex(std::string_view hex) {
    Bytes bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        bytes.push_back(
            static_cast<std::uint8_t>(std::stoul(std::string(hex.substr(i, 2)), nullptr, 16)));
    return bytes;
}

template <std::size_t input_size, std::size_t output_size, auto function>
[[nodiscard]] std::optional<Bytes> apply(const Bytes& input) {
    if (input.size() != input_size) return std::nullopt;
    std::array<std::uint8_t, output_size> output;
    const std::span<const std::uint8_t> bytes(input);
    if (!function(bytes.first<input_size>(), output)) return std::nullopt;
    return Bytes(output.begin(), output.end());
}

[[nodiscard]] std::optional<Bytes> run(std::string_view function, const Bytes& input) {
    if (function == "keccak256") {
        const auto digest = evm::keccak256(input);
        return Bytes(digest.begin(), digest.end());
    }
    if (function == "blake2f")
        return apply<evm::blake2f_input_size, evm::blake2f_output_size, evm::blake2f>(input);
    if (function == "bn254_add")
        return apply<evm::bn254::add_input_size, evm::bn254::point_size, evm::bn254::add>(input);
    if (function == "bn254_multiply")
        return apply<evm::bn254::multiply_input_size, evm::bn254::point_size, evm::bn254::multiply>(
            input);
    if (function == "bn254_pairing_check") {
        const auto one = evm::bn254::pairing_check(input);
        if (!one) return std::nullopt;
        return Bytes{static_cast<std::uint8_t>(*one)};
    }
    return std::nullopt;
}

}  // namespace

int main() {
    std::string function, hex;
    while (std::cin >> function >> hex) {
        const auto output = run(function, hex == "-" ? Bytes{} : from_hex(hex));
        if (!output) {
            std::cout << "invalid\n";
            continue;
        }
        constexpr std::string_view digits = "0123456789abcdef";
        for (const std::uint8_t byte : *output) std::cout << digits[byte >> 4] << digits[byte & 15];
        std::cout << "\n";
    }
}
