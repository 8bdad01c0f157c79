// Between Python's values and the core's.
#pragma once

#include <nanobind/nanobind.h>

#include <vector>

#include "evm/types.hpp"
#include "evm/word.hpp"

namespace strikefold::evm::bind {

namespace nb = nanobind;

// Of bytes that something else keeps alive.
[[nodiscard]] inline View view(const nb::bytes& data) {
    return {static_cast<const std::uint8_t*>(data.data()), data.size()};
}

[[nodiscard]] inline nb::bytes to_bytes(View data) {
    return nb::bytes(data.data(), data.size());
}

// Bytes of one size; ValueError for another.
template <std::size_t N>
[[nodiscard]] std::array<std::uint8_t, N> fixed(const nb::bytes& data) {
    if (data.size() != N) throw nb::value_error("bytes of a wrong length");
    return array_at<N>(view(data), 0);
}

// A number of Python's, 0 to 2^256 - 1; TypeError or OverflowError for anything else.
[[nodiscard]] Word to_word(nb::handle number);
[[nodiscard]] nb::object to_int(const Word& word);

}  // namespace strikefold::evm::bind
