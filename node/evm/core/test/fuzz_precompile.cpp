// Precompiles, by number in the first two bytes, on whatever costs up to a limit.
#include "evm/precompiles.hpp"
#include "fuzz_targets.hpp"

namespace strikefold::evm::fuzz {

namespace {

constexpr std::uint64_t gas_limit = 300'000;
constexpr std::uint32_t bn254_add = 0x06, bls12_g1_add = 0x0b, bls12_g2_add = 0x0d;

[[nodiscard]] bool run(std::uint32_t number, View input, Bytes& output) {
    return run_precompile(Fork::osaka, number, input, output);
}

// Sums are the same either way around.
void check_addition(std::uint32_t number, View input, bool succeeds, const Bytes& sum) {
    const std::size_t point = number == bn254_add ? 64 : number == bls12_g1_add ? 128 : 256;
    if (input.size() != 2 * point) return;
    Bytes swapped(input.begin() + static_cast<std::ptrdiff_t>(point), input.end()), output;
    append(swapped, input.first(point));
    require(run(number, swapped, output) == succeeds);
    if (succeeds) require(output == sum);
}

}  // namespace

void precompile(View data) {
    if (data.size() < 2) return;
    const auto number = static_cast<std::uint32_t>(data[0] << 8 | data[1]);
    Address address{};
    copy(address.data() + 18, data.first(2));
    if (precompile_at(Fork::osaka, address) != number || number == 0) return;
    const View input = data.subspan(2);
    if (precompile_gas(Fork::osaka, number, input) > gas_limit) return;
    Bytes output;
    const bool succeeds = run(number, input, output);
    if (number == bn254_add || number == bls12_g1_add || number == bls12_g2_add)
        check_addition(number, input, succeeds, output);
}

}  // namespace strikefold::evm::fuzz
