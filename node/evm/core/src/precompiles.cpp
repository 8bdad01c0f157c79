#include "evm/precompiles.hpp"

#include "evm/blake2b.hpp"
#include "evm/bls12_381/precompiles.hpp"
#include "evm/bn254/precompiles.hpp"
#include "evm/ecdsa.hpp"
#include "evm/hashes.hpp"
#include "evm/kzg.hpp"
#include "evm/modexp.hpp"
#include "precompile_input.hpp"

namespace strikefold::evm {

namespace {

constexpr std::uint32_t p256_number = 0x100;
constexpr std::uint64_t max_modexp_length = 1024;  // EIP-7823

void output_word(Bytes& output, std::uint64_t value) {
    const Hash bytes = Word(value).to_bytes();
    output.assign(bytes.begin(), bytes.end());
}

// The signer of (hash, v, r, s); empty where there is none. A high s is accepted.
[[nodiscard]] bool recover(View input, Bytes& output) {
    const Word v = padded_word(input, 32);
    if (v != Word(27) && v != Word(28)) return true;
    const auto address = secp256k1::recover(padded_word(input, 0).to_bytes(), v == Word(28),
                                            padded_word(input, 64), padded_word(input, 96));
    if (!address) return true;
    output.assign(12, 0);
    append(output, *address);
    return true;
}

[[nodiscard]] bool modexp(Fork fork, View data, Bytes& output) {
    const ModexpInput input(data);
    const std::uint64_t base = input.base_length(), exponent = input.exponent_length(),
                        modulus = input.modulus_length();
    if (fork >= Fork::osaka && std::max({base, exponent, modulus}) > max_modexp_length)
        return false;
    if (modulus == 0) return true;  // whatever other lengths claim: their price may be zero
    // What is beyond the end of the input is zero: an exponent's tail there costs its squarings.
    const auto base_size = static_cast<std::size_t>(base);
    const auto exponent_size = static_cast<std::size_t>(exponent);
    const auto modulus_size = static_cast<std::size_t>(modulus);
    const Bytes b = padded(data, ModexpInput::header, base_size);
    const Bytes e = padded(data, ModexpInput::header + base_size, exponent_size);
    const Bytes m = padded(data, ModexpInput::header + base_size + exponent_size, modulus_size);
    output.resize(modulus_size);
    evm::modexp(b, e, m, output);
    return true;
}

[[nodiscard]] bool bn254_pairing(View input, Bytes& output) {
    const auto holds = bn254::pairing_check(input);
    if (holds) output_word(output, *holds ? 1 : 0);
    return holds.has_value();
}

[[nodiscard]] bool run_blake2f(View input, Bytes& output) {
    if (input.size() != blake2f_input_size) return false;
    output.resize(blake2f_output_size);
    return blake2f(input.first<blake2f_input_size>(),
                   std::span(output).first<blake2f_output_size>());
}

// Whether the blob behind (versioned hash, z, y, commitment, proof) takes the value y at z; then
// its size in field elements and their modulus (EIP-4844).
[[nodiscard]] bool point_evaluation(View input, Bytes& output) {
    if (input.size() != 192) return false;
    const auto commitment = input.subspan<96, kzg::point_size>();
    Hash versioned_hash = sha256(commitment);
    versioned_hash[0] = 1;
    if (!equal(versioned_hash, input.first(32)) ||
        !kzg::verify_proof(commitment, input.subspan<32, 32>(), input.subspan<64, 32>(),
                           input.subspan<144, kzg::point_size>()))
        return false;
    output_word(output, 4096);
    append(output,
           from_hex<32>("73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001"));
    return true;
}

[[nodiscard]] bool run_bls12_381(std::uint32_t number, View input, Bytes& output) {
    switch (number) {
        case 0x0b:
            return bls12_381::g1_add(input, output);
        case 0x0c:
            return bls12_381::g1_multi_scalar(input, output);
        case 0x0d:
            return bls12_381::g2_add(input, output);
        case 0x0e:
            return bls12_381::g2_multi_scalar(input, output);
        case 0x0f:
            return bls12_381::pairing_check(input, output);
        case 0x10:
            return bls12_381::map_fp_to_g1(input, output);
        default:
            return bls12_381::map_fp2_to_g2(input, output);
    }
}

// A wrong length is an invalid signature, not a failure (EIP-7951).
[[nodiscard]] bool verify_p256(View input, Bytes& output) {
    if (input.size() != 160) return true;
    const auto word = [&](std::size_t i) { return padded_word(input, 32 * i); };
    if (secp256r1::verify(word(0).to_bytes(), word(1), word(2), word(3), word(4)))
        output_word(output, 1);
    return true;
}

[[nodiscard]] std::uint32_t last_number(Fork fork) noexcept {
    if (fork >= Fork::prague) return 0x11;
    return fork >= Fork::cancun ? 0x0a : 0x09;
}

}  // namespace

std::uint32_t precompile_at(Fork fork, const Address& address) noexcept {
    for (std::size_t i = 0; i < 18; ++i)
        if (address[i] != 0) return 0;
    const std::uint32_t number = static_cast<std::uint32_t>(address[18]) << 8 | address[19];
    if (number <= last_number(fork) || (number == p256_number && fork >= Fork::osaka))
        return number;
    return 0;
}

std::vector<Address> precompile_addresses(Fork fork) {
    std::vector<Address> addresses;
    for (std::uint64_t number = 1; number <= last_number(fork); ++number)
        addresses.push_back(Word(number).to_address());
    if (fork >= Fork::osaka) addresses.push_back(Word(p256_number).to_address());
    return addresses;
}

bool run_precompile(Fork fork, std::uint32_t number, View input, Bytes& output) {
    output.clear();
    switch (number) {
        case 0x01:
            return recover(input, output);
        case 0x02: {
            const Hash digest = sha256(input);
            output.assign(digest.begin(), digest.end());
            return true;
        }
        case 0x03:
            output.assign(12, 0);
            append(output, ripemd160(input));
            return true;
        case 0x04:
            output.assign(input.begin(), input.end());
            return true;
        case 0x05:
            return modexp(fork, input, output);
        case 0x06:
            output.resize(64);
            return bn254::add(std::span<const std::uint8_t>(padded(input, 0, 128)).first<128>(),
                              std::span(output).first<64>());
        case 0x07:
            output.resize(64);
            return bn254::multiply(std::span<const std::uint8_t>(padded(input, 0, 96)).first<96>(),
                                   std::span(output).first<64>());
        case 0x08:
            return bn254_pairing(input, output);
        case 0x09:
            return run_blake2f(input, output);
        case 0x0a:
            return point_evaluation(input, output);
        case p256_number:
            return verify_p256(input, output);
        default:
            return run_bls12_381(number, input, output);
    }
}

}  // namespace strikefold::evm
