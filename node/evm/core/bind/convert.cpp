#include "convert.hpp"

namespace strikefold::evm::bind {

Word to_word(nb::handle number) {
    const unsigned long long value = PyLong_AsUnsignedLongLong(number.ptr());
    if (value != static_cast<unsigned long long>(-1) || !PyErr_Occurred()) return Word(value);
    if (!PyErr_ExceptionMatches(PyExc_OverflowError)) nb::raise_python_error();
    PyErr_Clear();
    return Word(fixed<32>(nb::cast<nb::bytes>(number.attr("to_bytes")(32, "big"))));
}

nb::object to_int(const Word& word) {
    if (word.fits_u64()) return nb::steal(PyLong_FromUnsignedLongLong(word.low64()));
    static constexpr char hex[] = "0123456789abcdef";
    std::array<char, 65> digits{};
    std::size_t at = 0;
    for (const std::uint8_t byte : word.to_bytes()) {
        digits[at++] = hex[byte >> 4];
        digits[at++] = hex[byte & 15];
    }
    return nb::steal(PyLong_FromString(digits.data(), nullptr, 16));
}

}  // namespace strikefold::evm::bind
