// node.evm._core: the core for Python. Bytes in, bytes out; None where an input is invalid.
#include <nanobind/nanobind.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "evm/blake2b.hpp"
#include "evm/bn254/precompiles.hpp"
#include "evm/keccak.hpp"
#include "execution.hpp"
#include "session.hpp"

namespace nb = nanobind;
namespace evm = strikefold::evm;

namespace {

[[nodiscard]] std::span<const std::uint8_t> view(const nb::bytes& data) {
    return {static_cast<const std::uint8_t*>(data.data()), data.size()};
}

template <std::size_t size>
[[nodiscard]] nb::bytes to_bytes(const std::array<std::uint8_t, size>& data) {
    return nb::bytes(data.data(), data.size());
}

// Calls a function of fixed sizes; None for another size or where it returns false.
template <std::size_t input_size, std::size_t output_size, auto function>
[[nodiscard]] nb::object apply(const nb::bytes& data) {
    if (data.size() != input_size) return nb::none();
    std::array<std::uint8_t, output_size> output;
    if (!function(view(data).first<input_size>(), output)) return nb::none();
    return to_bytes(output);
}

[[nodiscard]] nb::object pairing_check(const nb::bytes& data) {
    const std::optional<bool> one = evm::bn254::pairing_check(view(data));
    return one ? nb::object(nb::bool_(*one)) : nb::none();
}

[[nodiscard]] nb::bytes keccak256(const nb::bytes& data) {
    return to_bytes(evm::keccak256(view(data)));
}

}  // namespace

NB_MODULE(_core, module) {
    module.doc() = "The C++ core: execution, and precompiles that no kept library does natively.";
    module.def("keccak256", &keccak256, nb::arg());
    module.def("blake2f", &apply<evm::blake2f_input_size, evm::blake2f_output_size, evm::blake2f>,
               nb::arg());
    module.def("bn254_add",
               &apply<evm::bn254::add_input_size, evm::bn254::point_size, evm::bn254::add>,
               nb::arg());
    module.def(
        "bn254_multiply",
        &apply<evm::bn254::multiply_input_size, evm::bn254::point_size, evm::bn254::multiply>,
        nb::arg());
    module.def("bn254_pairing_check", &pairing_check, nb::arg());
    evm::bind::add_execution(module);
    evm::bind::add_session(module);
}
