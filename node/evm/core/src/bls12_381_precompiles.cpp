#include <optional>

#include "evm/bls12_381/curve.hpp"
#include "evm/bls12_381/precompiles.hpp"
#include "evm/multi_scalar.hpp"

namespace strikefold::evm::bls12_381 {

namespace {

constexpr std::size_t element_size = 64;
constexpr std::size_t padding = 16;
constexpr std::size_t scalar_size = 32;
constexpr std::size_t g1_size = 2 * element_size, g2_size = 4 * element_size;

using ElementBytes = std::span<std::uint8_t, element_size>;

// Big-endian, padded with zeros from 48 bytes.
[[nodiscard]] std::optional<Fp> read_fp(View bytes) noexcept {
    for (const std::uint8_t byte : bytes.first<padding>())
        if (byte != 0) return std::nullopt;
    return Fp::from_word(load_be<Fp::limb_count>(bytes.subspan<padding, 48>()));
}

void write(const Fp& x, Bytes& output) {
    std::array<std::uint8_t, element_size> bytes{};
    store_be(x.to_word(), ElementBytes(bytes).subspan<padding>());
    append(output, bytes);
}

// Real part first.
[[nodiscard]] std::optional<Fp2> read_fp2(View bytes) noexcept {
    const auto a = read_fp(bytes.first<element_size>());
    const auto b = read_fp(bytes.subspan<element_size>());
    if (!a || !b) return std::nullopt;
    return Fp2{*a, *b};
}

void write(const Fp2& x, Bytes& output) {
    write(x.a, output);
    write(x.b, output);
}

template <typename F>
void write(const Affine<F>& point, Bytes& output) {
    write(point.x, output);
    write(point.y, output);
}

[[nodiscard]] std::optional<G1> read_g1(View bytes) noexcept {
    const auto x = read_fp(bytes.first<element_size>());
    const auto y = read_fp(bytes.subspan<element_size>());
    if (!x || !y || !G1{*x, *y}.is_on_curve(Fp(Curve::b))) return std::nullopt;
    return G1{*x, *y};
}

[[nodiscard]] std::optional<G2> read_g2(View bytes) noexcept {
    const auto x = read_fp2(bytes.first<2 * element_size>());
    const auto y = read_fp2(bytes.subspan<2 * element_size>());
    if (!x || !y || !G2{*x, *y}.is_on_curve(twist_b<Curve>)) return std::nullopt;
    return G2{*x, *y};
}

template <typename Point>
[[nodiscard]] std::optional<Point> in_subgroup(const std::optional<Point>& point) noexcept {
    return point && is_in_subgroup(*point) ? point : std::nullopt;
}

template <auto read, std::size_t size>
[[nodiscard]] bool add(View input, Bytes& output) {
    if (input.size() != 2 * size) return false;
    const auto p = read(input.first(size)), q = read(input.subspan(size));
    if (!p || !q) return false;
    write(evm::add(*p, *q), output);
    return true;
}

template <auto read, std::size_t size, typename F>
[[nodiscard]] bool multi_scalar(View input, Bytes& output) {
    constexpr std::size_t pair_size = size + scalar_size;
    if (input.empty() || input.size() % pair_size != 0) return false;
    MultiScalar<F> products;
    for (; !input.empty(); input = input.subspan(pair_size)) {
        const auto point = in_subgroup(read(input.first(size)));
        if (!point) return false;
        products.include(*point, load_be(input.subspan<size, scalar_size>()));
    }
    write(products.sum().to_affine(), output);
    return true;
}

}  // namespace

bool g1_add(View input, Bytes& output) {
    return add<read_g1, g1_size>(input, output);
}

bool g1_multi_scalar(View input, Bytes& output) {
    return multi_scalar<read_g1, g1_size, Fp>(input, output);
}

bool g2_add(View input, Bytes& output) {
    return add<read_g2, g2_size>(input, output);
}

bool g2_multi_scalar(View input, Bytes& output) {
    return multi_scalar<read_g2, g2_size, Fp2>(input, output);
}

bool pairing_check(View input, Bytes& output) {
    constexpr std::size_t pair_size = g1_size + g2_size;
    if (input.empty() || input.size() % pair_size != 0) return false;
    MillerLoop<Curve> loop;
    for (; !input.empty(); input = input.subspan(pair_size)) {
        const auto p = in_subgroup(read_g1(input.first(g1_size)));
        const auto q = in_subgroup(read_g2(input.subspan(g1_size, g2_size)));
        if (!p || !q) return false;
        loop.include(*p, *q);
    }
    output.assign(32, 0);
    output.back() = loop.is_empty() || pairings_are_one(loop) ? 1 : 0;
    return true;
}

bool map_fp_to_g1(View input, Bytes& output) {
    if (input.size() != element_size) return false;
    const auto u = read_fp(input);
    if (!u) return false;
    write(map_to_g1(*u), output);
    return true;
}

bool map_fp2_to_g2(View input, Bytes& output) {
    if (input.size() != 2 * element_size) return false;
    const auto u = read_fp2(input);
    if (!u) return false;
    write(map_to_g2(*u), output);
    return true;
}

}  // namespace strikefold::evm::bls12_381
