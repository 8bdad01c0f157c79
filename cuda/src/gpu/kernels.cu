#include "kernels.cuh"

namespace strikefold::gpu
{
__global__ void hash_leaves(const Fp* rows, size_t width, size_t count, Fp* digests)
{
    using namespace poseidon2;
    const size_t row = thread_index();
    if (row >= count)
        return;
    Fp state[WIDTH]{};
    hash_leaf(state, width, [&](size_t k) { return rows[row * width + k]; });
    for (size_t k = 0; k < DIGEST; ++k)
        digests[row * DIGEST + k] = state[k];
}

__global__ void compress_pairs(const Fp* below, size_t count, Fp* out)
{
    using namespace poseidon2;
    const size_t i = thread_index();
    if (i >= count)
        return;
    Fp state[WIDTH];
    for (size_t k = 0; k < WIDTH; ++k)
        state[k] = below[i * WIDTH + k];
    compress(state);
    for (size_t k = 0; k < DIGEST; ++k)
        out[i * DIGEST + k] = state[k];
}

__global__ void butterflies(Fp* rows, size_t width, size_t step, size_t pairs, const Fp* powers)
{
    const size_t i = thread_index();
    if (i >= pairs * width)
        return;
    const size_t pair = i / width;
    const size_t column = i % width;
    const size_t low = pair / step * 2 * step + pair % step;
    butterfly(rows[low * width + column], rows[(low + step) * width + column], powers[pair % step]);
}

__global__ void evaluate_graph(
    GraphCode code, const Fp* columns, size_t rows, Fp* registers, Fp* out)
{
    const size_t row = thread_index();
    if (row >= rows)
        return;
    run_graph<1, Fp>(
        code, [&](uint32_t c) { return columns + c * rows + row; },
        [&](uint32_t r) { return registers + r * rows + row; },
        [&](uint32_t root, const auto& value) { out[root * rows + row] = value(0); });
}
}  // namespace strikefold::gpu
