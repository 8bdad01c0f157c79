#include "evm/bn254/pairing.hpp"
#include "evm/bn254/precompiles.hpp"

namespace strikefold::evm::bn254 {

namespace {

using Word = std::span<const std::uint8_t, 32>;

[[nodiscard]] std::optional<Fp> read_fp(Word bytes) noexcept {
    return Fp::from_word(load_be(bytes));
}

// Imaginary part first.
[[nodiscard]] std::optional<Fp2> read_fp2(std::span<const std::uint8_t, 64> bytes) noexcept {
    const auto imaginary = read_fp(bytes.first<32>());
    const auto real = read_fp(bytes.last<32>());
    if (!imaginary || !real) return std::nullopt;
    return Fp2{*real, *imaginary};
}

[[nodiscard]] std::optional<G1> read_g1(std::span<const std::uint8_t, 64> bytes) noexcept {
    const auto x = read_fp(bytes.first<32>());
    const auto y = read_fp(bytes.last<32>());
    if (!x || !y) return std::nullopt;
    const G1 point{*x, *y};
    if (!point.is_on_curve(Fp(Curve::b))) return std::nullopt;
    return point;
}

[[nodiscard]] std::optional<G2> read_g2(std::span<const std::uint8_t, 128> bytes) noexcept {
    const auto x = read_fp2(bytes.first<64>());
    const auto y = read_fp2(bytes.last<64>());
    if (!x || !y) return std::nullopt;
    const G2 point{*x, *y};
    if (!point.is_on_curve(twist_b<Curve>) || !is_in_subgroup(point)) return std::nullopt;
    return point;
}

void write_g1(const G1& point, std::span<std::uint8_t, point_size> output) noexcept {
    store_be(point.x.to_word(), output.first<32>());
    store_be(point.y.to_word(), output.last<32>());
}

}  // namespace

bool add(std::span<const std::uint8_t, add_input_size> input,
         std::span<std::uint8_t, point_size> output) noexcept {
    const auto p = read_g1(input.first<64>());
    const auto q = read_g1(input.last<64>());
    if (!p || !q) return false;
    write_g1(evm::add(*p, *q), output);
    return true;
}

bool multiply(std::span<const std::uint8_t, multiply_input_size> input,
              std::span<std::uint8_t, point_size> output) noexcept {
    const auto p = read_g1(input.first<64>());
    if (!p) return false;
    write_g1(evm::multiply(Jacobian<Fp>::from(*p), input.last<32>()).to_affine(), output);
    return true;
}

std::optional<bool> pairing_check(std::span<const std::uint8_t> input) noexcept {
    if (input.size() % pair_size != 0) return std::nullopt;
    MillerLoop<Curve> loop;
    for (; !input.empty(); input = input.subspan(pair_size)) {
        const auto p = read_g1(input.first<64>());
        const auto q = read_g2(input.subspan<64, 128>());
        if (!p || !q) return std::nullopt;
        loop.include(*p, *q);
    }
    if (loop.is_empty()) return true;
    run(loop);
    return final_exponentiation(loop.product()) == Fp12::one();
}

}  // namespace strikefold::evm::bn254
