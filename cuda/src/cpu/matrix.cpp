#include <prover/matrix.hpp>

namespace strikefold
{
namespace
{
/// Sub-transforms of this many elements stay in the second-level cache.
constexpr size_t CACHED_ELEMENTS = size_t{1} << 17;

/// For each stage, the powers of its root of unity, one after the other: stage s from 2^(s-1) on.
[[nodiscard]] Array<Fp> twiddles(uint32_t log_size)
{
    Array<Fp> table{size_t{1} << log_size};
    table[0] = Fp::from_canonical(1);
    for (uint32_t stage = 1; stage <= log_size; ++stage)
    {
        const size_t half = size_t{1} << (stage - 1);
        const Fp root = Fp::root_of_unity(stage);
        Fp power = Fp::from_canonical(1);
        for (size_t j = 0; j < half; ++j, power *= root)
            table[half + j] = power;
    }
    return table;
}

[[nodiscard]] size_t reverse_bits(size_t x, uint32_t bits) noexcept
{
    size_t reversed = 0;
    for (uint32_t i = 0; i < bits; ++i)
        reversed |= ((x >> i) & 1) << (bits - 1 - i);
    return reversed;
}

/// Rows in bit-reversed order, each as often as the code's inverse rate.
void spread(Matrix& matrix, std::span<const Column> columns, uint32_t log_rows, uint32_t log_rate)
{
    constexpr size_t TILE = 16;
    const size_t rows = size_t{1} << log_rows;
    const size_t width = matrix.stride;
    parallel(rows, 256, [&](size_t begin, size_t end, size_t) {
        for (size_t i = begin; i < end; i += TILE)
        {
            const size_t count = std::min(TILE, end - i);
            Fp* targets[TILE];
            for (size_t k = 0; k < count; ++k)
                targets[k] = matrix.row(reverse_bits(i + k, log_rows) << log_rate);
            for (size_t k = 0; k < count; ++k)
                std::fill(targets[k] + matrix.width, targets[k] + width, Fp{});
            for (size_t c = 0; c < matrix.width; ++c)
            {
                const Fp* from = columns[c].cells + i / TILE * columns[c].stride;
                for (size_t k = 0; k < count; ++k)
                    targets[k][c] = from[k];
            }
            for (size_t k = 0; k < count; ++k)
            {
                for (size_t copy = 1; copy < (size_t{1} << log_rate); ++copy)
                    std::copy_n(targets[k], width, targets[k] + copy * width);
            }
        }
    });
}

/// Of the rows low + j and high + j.
void butterflies(Fp* low, Fp* high, const Fp* powers, size_t count, size_t width) noexcept
{
    for (size_t j = 0; j < count; ++j)
    {
        Fp* a = low + j * width;
        Fp* b = high + j * width;
        const Fp y = powers[j];
        vectors(0, width, [&]<class F>(size_t c) {
            F even = load<F>(a + c);
            F odd = load<F>(b + c);
            butterfly(even, odd, broadcast<F>(y));
            store(a + c, even);
            store(b + c, odd);
        });
    }
}

/// All stages of one sub-transform, depth first so that small ones stay in the cache.
void transform(Fp* rows, uint32_t log_size, uint32_t log_rate, size_t width, const Array<Fp>& table)
{
    if (log_size == log_rate)
        return;
    const size_t half = size_t{1} << (log_size - 1);
    if ((width << log_size) <= CACHED_ELEMENTS)
    {
        for (uint32_t stage = log_rate + 1; stage <= log_size; ++stage)
        {
            const size_t step = size_t{1} << (stage - 1);
            for (size_t start = 0; start < (size_t{1} << log_size); start += 2 * step)
                butterflies(rows + start * width, rows + (start + step) * width,
                    table.data() + step, step, width);
        }
        return;
    }
    transform(rows, log_size - 1, log_rate, width, table);
    transform(rows + half * width, log_size - 1, log_rate, width, table);
    butterflies(rows, rows + half * width, table.data() + half, half, width);
}

/// The same, with the sub-transforms shared out to the threads.
void parallel_transform(Matrix& matrix, uint32_t log_size, uint32_t log_rate, const Array<Fp>& table)
{
    constexpr uint32_t LOG_SPLIT = 4;
    const size_t width = matrix.stride;
    const uint32_t split = std::min(LOG_SPLIT, log_size - log_rate);
    const uint32_t log_part = log_size - split;
    parallel_items(size_t{1} << split, [&](size_t i, size_t) {
        transform(matrix.row(i << log_part), log_part, log_rate, width, table);
    });
    for (uint32_t stage = log_part + 1; stage <= log_size; ++stage)
    {
        const size_t step = size_t{1} << (stage - 1);
        for (size_t start = 0; start < (size_t{1} << log_size); start += 2 * step)
        {
            parallel(step, 256, [&](size_t begin, size_t end, size_t) {
                butterflies(matrix.row(start + begin), matrix.row(start + step + begin),
                    table.data() + step + begin, end - begin, width);
            });
        }
    }
}

/// Digests of the leaves i .. i + LANES<F>.
template <class F>
void hash_leaves(const Matrix& leaves, size_t i, poseidon2::Digest* out) noexcept
{
    using namespace poseidon2;
    F state[WIDTH]{};
    hash_leaf(state, leaves.width,
        [&](size_t k) { return load_strided<F>(leaves.row(i) + k, leaves.stride); });
    for (size_t k = 0; k < DIGEST; ++k)
    {
        Fp lanes[LANES<F>];
        store(lanes, state[k]);
        for (size_t lane = 0; lane < LANES<F>; ++lane)
            out[i + lane][k] = lanes[lane];
    }
}

/// The digests of LANES<F> pairs.
template <class F>
void compress_pairs(const Fp* from, poseidon2::Digest* out) noexcept
{
    using namespace poseidon2;
    F state[WIDTH];
    for (size_t k = 0; k < WIDTH; ++k)
        state[k] = load_strided<F>(from + k, WIDTH);
    compress(state);
    for (size_t k = 0; k < DIGEST; ++k)
    {
        Fp lanes[LANES<F>];
        store(lanes, state[k]);
        for (size_t lane = 0; lane < LANES<F>; ++lane)
            out[lane][k] = lanes[lane];
    }
}
}  // namespace

void compress_digests(const Fp* pairs, size_t count, poseidon2::Digest* digests) noexcept
{
    using namespace poseidon2;
    constexpr size_t LANES_USED = LANES<Packed>;
    size_t i = 0;
    for (; i + LANES_USED <= count; i += LANES_USED)
        compress_pairs<Packed>(pairs + i * WIDTH, digests + i);
    if (i == count)
        return;
    // a vector costs as much as a few elements, whatever it holds
    Fp rest[LANES_USED * WIDTH];
    Digest out[LANES_USED];
    std::copy_n(pairs + i * WIDTH, (count - i) * WIDTH, rest);
    compress_pairs<Packed>(rest, out);
    std::copy_n(out, count - i, digests + i);
}

std::vector<Column> matrix_columns(const Fp* cells, size_t count, uint32_t log_rows)
{
    std::vector<Column> columns;
    for (size_t c = 0; c < count; ++c)
        columns.push_back({cells + (c << log_rows)});
    return columns;
}

Matrix encode(std::span<const Column> columns, uint32_t log_rows, uint32_t log_leaves)
{
    Matrix matrix{size_t{1} << log_leaves, columns.size()};
    const uint32_t log_rate = log_leaves - log_rows;
    spread(matrix, columns, log_rows, log_rate);
    parallel_transform(matrix, log_leaves, log_rate, twiddles(log_leaves));
    return matrix;
}

MerkleTree::MerkleTree(const Matrix& leaves)
{
    levels_.emplace_back(leaves.rows());
    parallel_vectors(
        leaves.rows(),
        [&, out = levels_.back().data()]<class F>(size_t i) { hash_leaves<F>(leaves, i, out); }, 64);
    while (levels_.back().size() > 1)
    {
        std::vector<poseidon2::Digest> level(levels_.back().size() / 2);
        parallel_vectors(
            level.size(),
            [&]<class F>(size_t i) {
                compress_pairs<F>(levels_.back()[2 * i].data(), level.data() + i);
            },
            256);
        levels_.push_back(std::move(level));
    }
}

void MerkleTree::open(Channel& channel, const Matrix& leaves, std::vector<uint32_t> indices) const
{
    std::ranges::sort(indices);
    indices.erase(std::ranges::unique(indices).begin(), indices.end());
    for (const uint32_t index : indices)
        channel.write({leaves.row(index), leaves.width});
    for (size_t level = 0; level + 1 < levels_.size(); ++level)
    {
        std::vector<uint32_t> parents;
        for (size_t k = 0; k < indices.size(); ++k)
        {
            const uint32_t index = indices[k];
            const bool pair = k + 1 < indices.size() && indices[k + 1] == (index ^ 1);
            if (pair)
                ++k;
            else
                channel.write(levels_[level][index ^ 1]);
            parents.push_back(index >> 1);
        }
        indices = std::move(parents);
    }
}
}  // namespace strikefold
