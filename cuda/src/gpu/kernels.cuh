// First kernels of the GPU backend: the same bodies as the CPU's, one thread an element.
#pragma once

#include <prover/poseidon2.hpp>

namespace strikefold::gpu
{
[[nodiscard]] inline __device__ size_t thread_index() noexcept
{
    return size_t{blockIdx.x} * blockDim.x + threadIdx.x;
}

/// out[i] = x[i] * y[i] + z[i], in the base field or the extension.
template <class F>
__global__ void multiply_add(const F* x, const F* y, const F* z, F* out, size_t size)
{
    if (const size_t i = thread_index(); i < size)
        out[i] = x[i] * y[i] + z[i];
}

/// Digests of the rows of a row-major matrix.
__global__ void hash_leaves(const Fp* rows, size_t width, size_t count, Fp* digests);

/// Digests of neighbouring pairs of digests.
__global__ void compress_pairs(const Fp* below, size_t count, Fp* out);

/// One stage of the transform of a row-major matrix: the CPU's is in src/cpu/matrix.cpp. step: rows
/// between partners; powers: of the stage's root.
__global__ void butterflies(Fp* rows, size_t width, size_t step, size_t pairs, const Fp* powers);

/// An instruction of a constraint graph. Operands count constants first, then columns, then the
/// results of the instructions before this one.
struct Instruction
{
    uint32_t op;  ///< 0 add, 1 sub, 2 mul.
    uint32_t a;
    uint32_t b;
};

/// Runs a graph on every row; the results of all instructions go to out, instruction-major.
__global__ void evaluate_graph(const Instruction* code, size_t length, const Fp* constants,
    size_t constant_count, const Fp* columns, size_t column_count, size_t rows, Fp* out);
}  // namespace strikefold::gpu
