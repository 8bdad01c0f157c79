// First kernels of the GPU backend: the same bodies as the CPU's, one thread an element.
#pragma once

#include <prover/graph.hpp>
#include <prover/matrix.hpp>

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

/// Runs a graph on every row. columns: column-major; registers: scratch for as many columns as the
/// graph has registers; out: a column a root.
__global__ void evaluate_graph(
    GraphCode code, const Fp* columns, size_t rows, Fp* registers, Fp* out);
}  // namespace strikefold::gpu
