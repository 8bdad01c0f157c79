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
    state[RATE] = Fp::from_canonical(LEAF_TAG);
    state[RATE + 1] = Fp::from_canonical(static_cast<uint32_t>(width));
    for (size_t start = 0; start < width; start += RATE)
    {
        for (size_t k = 0; k < RATE && start + k < width; ++k)
            state[k] += rows[row * width + start + k];
        permute(state);
    }
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
    Fp& a = rows[low * width + column];
    Fp& b = rows[(low + step) * width + column];
    const Fp odd = (b - a) * powers[pair % step];
    b = a - odd;
    a = a + odd;
}

__global__ void evaluate_graph(const Instruction* code, size_t length, const Fp* constants,
    size_t constant_count, const Fp* columns, size_t column_count, size_t rows, Fp* out)
{
    const size_t row = thread_index();
    if (row >= rows)
        return;
    const auto value = [&](uint32_t operand) {
        if (operand < constant_count)
            return constants[operand];
        if (operand < constant_count + column_count)
            return columns[(operand - constant_count) * rows + row];
        return out[(operand - constant_count - column_count) * rows + row];
    };
    for (size_t i = 0; i < length; ++i)
    {
        const Instruction step = code[i];
        const Fp a = value(step.a);
        const Fp b = value(step.b);
        out[i * rows + row] = step.op == 0 ? a + b : step.op == 1 ? a - b : a * b;
    }
}
}  // namespace strikefold::gpu
