// Answers lines of "<function> <hex>" on standard input with the output in hex, "-" for no bytes
// and "invalid" where there is none: what Python's tests drive a sanitized build with.
#include <array>
#include <cstdint>
#include <functional>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "evm/blake2b.hpp"
#include "evm/bn254/precompiles.hpp"
#include "evm/keccak.hpp"
#include "evm/precompiles.hpp"
#include "evm/stateless.hpp"
#include "evm/word.hpp"
#include "fuzz_targets.hpp"

namespace evm = strikefold::evm;

namespace {

using evm::Bytes;
using evm::View;
using Output = std::optional<Bytes>;

[[nodiscard]] Bytes from_hex(std::string_view hex) {
    Bytes bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        bytes.push_back(
            static_cast<std::uint8_t>(std::stoul(std::string(hex.substr(i, 2)), nullptr, 16)));
    return bytes;
}

template <std::size_t input_size, std::size_t output_size, auto function>
[[nodiscard]] Output apply(const Bytes& input) {
    if (input.size() != input_size) return std::nullopt;
    std::array<std::uint8_t, output_size> output;
    const std::span<const std::uint8_t> bytes(input);
    if (!function(bytes.first<input_size>(), output)) return std::nullopt;
    return Bytes(output.begin(), output.end());
}

[[nodiscard]] Output keccak256(const Bytes& input) {
    const auto digest = evm::keccak256(input);
    return Bytes(digest.begin(), digest.end());
}

[[nodiscard]] Output pairing_check(const Bytes& input) {
    const auto one = evm::bn254::pairing_check(input);
    if (!one) return std::nullopt;
    return Bytes{static_cast<std::uint8_t>(*one)};
}

// The precompile whose number is the first two bytes, under Osaka's rules.
[[nodiscard]] Output precompile(const Bytes& input) {
    if (input.size() < 2) return std::nullopt;
    const auto number = static_cast<std::uint32_t>(input[0] << 8 | input[1]);
    Bytes output;
    const View data = View(input).subspan(2);
    if (!evm::run_precompile(evm::Fork::osaka, number, data, output)) return std::nullopt;
    return output;
}

// Every operation on the words a, b and c of the input, one after the other.
[[nodiscard]] Output words(const Bytes& input) {
    if (input.size() != 96) return std::nullopt;
    const auto word = [&](std::size_t i) { return evm::Word(evm::array_at<32>(input, 32 * i)); };
    const evm::Word a = word(0), b = word(1), c = word(2);
    const auto shift = static_cast<unsigned>(b.low64() % 257);
    evm::Word product;
    const bool overflows = evm::multiply_overflows(a, b, product);
    const evm::Word results[] = {a + b,
                                 a - b,
                                 a * b,
                                 evm::divide(a, b).quotient,
                                 evm::divide(a, b).remainder,
                                 evm::divide_signed(a, b).quotient,
                                 evm::divide_signed(a, b).remainder,
                                 evm::add_mod(a, b, c),
                                 evm::multiply_mod(a, b, c),
                                 evm::power(a, b),
                                 a << shift,
                                 a >> shift,
                                 evm::shift_right_signed(a, shift),
                                 evm::sign_extend(b, a),
                                 evm::byte_of(b, a),
                                 evm::Word(a < b),
                                 evm::Word(evm::less_signed(a, b)),
                                 evm::Word(a.leading_zeros()),
                                 evm::Word(overflows)};
    Bytes output;
    for (const evm::Word& result : results) evm::append(output, result.to_bytes());
    return output;
}

[[nodiscard]] std::vector<View> views(evm::rlp::Reader list) {
    std::vector<View> items;
    while (!list.at_end()) items.push_back(list.bytes());
    return items;
}

// RLP of [chain id, [Shanghai's, Cancun's, Prague's, Osaka's time], [[time, target, max,
// fraction]], deposit contract, block, [nodes], [codes], [headers]]: the status and the state root.
[[nodiscard]] Output validate(const Bytes& input) {
    evm::rlp::Reader fields(evm::rlp::decode(input));
    evm::ChainConfig config;
    config.chain_id = fields.u64();
    evm::rlp::Reader times = fields.list(), schedules = fields.list();
    config.shanghai_time = times.u64();
    config.cancun_time = times.u64();
    config.prague_time = times.u64();
    config.osaka_time = times.u64();
    while (!schedules.at_end()) {
        evm::rlp::Reader schedule = schedules.list();
        const std::uint64_t time = schedule.u64(), target = schedule.u64(), max = schedule.u64();
        config.blob_schedules.push_back({time, target, max, schedule.u64()});
    }
    config.deposit_contract = fields.array<20>();
    const View block = fields.bytes();
    const auto nodes = views(fields.list()), codes = views(fields.list()),
               headers = views(fields.list());
    if (!fields.finished()) return std::nullopt;
    const auto result = evm::validate_block(config, block, {nodes, codes, headers});
    Bytes output(result.state_root.begin(), result.state_root.end());
    for (const char c : evm::name_of(result.status)) output.push_back(static_cast<std::uint8_t>(c));
    return output;
}

// What a fuzzer does with an input: no output, the process ends where something is wrong.
template <auto target>
[[nodiscard]] Output fuzz(const Bytes& input) {
    target(input);
    return Bytes{};
}

[[nodiscard]] Output prove_linked(const Bytes& input) {
    const std::string_view name = evm::name_of(evm::fuzz::prove_linked(input));
    return Bytes(name.begin(), name.end());
}

const std::map<std::string, std::function<Output(const Bytes&)>> functions{
    {"keccak256", keccak256},
    {"blake2f", apply<evm::blake2f_input_size, evm::blake2f_output_size, evm::blake2f>},
    {"bn254_add", apply<evm::bn254::add_input_size, evm::bn254::point_size, evm::bn254::add>},
    {"bn254_multiply",
     apply<evm::bn254::multiply_input_size, evm::bn254::point_size, evm::bn254::multiply>},
    {"bn254_pairing_check", pairing_check},
    {"fuzz_block", fuzz<evm::fuzz::block>},
    {"fuzz_precompile", fuzz<evm::fuzz::precompile>},
    {"fuzz_proving", fuzz<evm::fuzz::proving>},
    {"fuzz_rlp", fuzz<evm::fuzz::rlp>},
    {"fuzz_transaction", fuzz<evm::fuzz::transaction>},
    {"fuzz_trie", fuzz<evm::fuzz::trie>},
    {"precompile", precompile},
    {"prove_linked", prove_linked},
    {"validate", validate},
    {"words", words},
};

void print(const Output& output) {
    constexpr std::string_view digits = "0123456789abcdef";
    if (!output) {
        std::cout << "invalid\n";
        return;
    }
    for (const std::uint8_t byte : *output) std::cout << digits[byte >> 4] << digits[byte & 15];
    std::cout << "\n";
}

}  // namespace

int main() {
    std::string function, hex;
    while (std::cin >> function >> hex)
        print(functions.at(function)(hex == "-" ? Bytes{} : from_hex(hex)));
}
