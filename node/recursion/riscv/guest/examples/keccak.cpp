// Output: the Keccak-256 digest of the input. The run's own output is the digest of that.

#include "zkvm_accelerators.h"
#include "zkvm_io.h"

int main() {
    const uint8_t* input = nullptr;
    size_t size = 0;
    read_input(&input, &size);
    zkvm_keccak256_hash digest;
    if (zkvm_keccak256(input, size, &digest) != ZKVM_EOK) return 1;
    write_output(digest.data, sizeof digest.data);
    return 0;
}
