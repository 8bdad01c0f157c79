// Input: 32-bit numbers. Output: the same numbers by size, each as often as it was given.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "zkvm_io.h"

int main() {
    const std::uint8_t* input = nullptr;
    std::size_t size = 0;
    read_input(&input, &size);
    if (size % sizeof(std::uint32_t) != 0) return 1;

    std::vector<std::uint32_t> numbers(size / sizeof(std::uint32_t));
    std::memcpy(numbers.data(), input, size);
    // With the default comparison of a built-in type, libc++ calls a function of its binary.
    std::ranges::sort(numbers, [](std::uint32_t a, std::uint32_t b) { return a < b; });
    write_output(reinterpret_cast<const std::uint8_t*>(numbers.data()), size);
    return 0;
}
