// Committed matrices: columns encoded by an NTT on evaluations, rows hashed into a Merkle tree.
#pragma once

#include <prover/arrays.hpp>
#include <prover/poseidon2.hpp>
#include <prover/transcript.hpp>
#include <vector>

namespace strikefold
{
/// A matrix in row-major order: row r is `width` elements from r * stride on. What lies between rows is
/// zeros, so that wide rows are whole vectors.
struct Matrix
{
    static constexpr size_t WIDE = 16;

    size_t width = 0;
    size_t stride = 0;
    Array<Fp> cells;

    Matrix() noexcept = default;
    Matrix(size_t rows, size_t columns)
      : width{columns},
        stride{columns < WIDE ? columns : (columns + WIDE - 1) / WIDE * WIDE},
        cells{rows * stride}
    {}
    [[nodiscard]] size_t rows() const noexcept { return width == 0 ? 0 : cells.size() / stride; }
    [[nodiscard]] Fp* row(size_t r) noexcept { return cells.data() + r * stride; }
    [[nodiscard]] const Fp* row(size_t r) const noexcept { return cells.data() + r * stride; }
};

/// A column of evaluations: sixteen consecutive ones lie side by side, the next sixteen `stride`
/// further. A column of fewer lies side by side.
struct Column
{
    const Fp* cells;
    size_t stride = 16;
};

/// `count` columns of 2^log_rows evaluations each, one after the other.
[[nodiscard]] std::vector<Column> matrix_columns(const Fp* cells, size_t count, uint32_t log_rows);

/// (a + y (b - a), a - y (b - a)): where the transform on evaluations meets two halves.
template <class F>
STRIKEFOLD_HD inline void butterfly(F& a, F& b, F y) noexcept
{
    const F odd = (b - a) * y;
    b = a - odd;
    a = a + odd;
}

/// Encodes columns of evaluations, 2^log_rows each in natural order, to 2^log_leaves rows.
///
/// Row j holds the codewords at w^j, w of order 2^log_leaves, where a codeword's entry at y is the
/// multilinear polynomial at (y^(2^(n-1)), ..., y^2, y), most significant variable first.
[[nodiscard]] Matrix encode(
    std::span<const Column> columns, uint32_t log_rows, uint32_t log_leaves);

/// Two-to-one digests of `count` pairs, sixteen elements each, on this thread.
void compress_digests(const Fp* pairs, size_t count, poseidon2::Digest* digests) noexcept;

/// A Merkle tree over the rows of a matrix.
class MerkleTree
{
    std::vector<std::vector<poseidon2::Digest>> levels_;

public:
    MerkleTree() noexcept = default;
    explicit MerkleTree(const Matrix& leaves);
    [[nodiscard]] const poseidon2::Digest& root() const noexcept { return levels_.back()[0]; }

    /// Writes the leaves at the distinct indices, ascending, then level by level the siblings that
    /// are not known yet, ascending.
    void open(Channel& channel, const Matrix& leaves, std::vector<uint32_t> indices) const;
};
}  // namespace strikefold
