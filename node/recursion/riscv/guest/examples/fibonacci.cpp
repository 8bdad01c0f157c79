// Input: n, as 4 bytes. Output: the n-th Fibonacci number modulo 2^64, as 8 bytes, F(0) = 0.

#include <cstdint>
#include <cstring>

#include "zkvm_io.h"

int main() {
    const std::uint8_t* input = nullptr;
    std::size_t size = 0;
    read_input(&input, &size);
    std::uint32_t n = 0;
    if (size != sizeof n) return 1;
    std::memcpy(&n, input, sizeof n);

    std::uint64_t current = 0, following = 1;
    for (; n != 0; --n) {
        const std::uint64_t sum = current + following;
        current = following;
        following = sum;
    }
    write_output(reinterpret_cast<const std::uint8_t*>(&current), sizeof current);
    return 0;
}
