// Compares every kernel with the CPU's, bit for bit. Exit status 77: there is no device.
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "kernels.cuh"

using namespace strikefold;

namespace
{
constexpr size_t SIZE = 1000;
constexpr unsigned THREADS = 128;

void check(cudaError_t status)
{
    if (status == cudaSuccess)
        return;
    std::fprintf(stderr, "%s\n", cudaGetErrorString(status));
    std::exit(1);
}

void expect(bool holds, const char* kernel)
{
    std::printf("%s: %s\n", kernel, holds ? "same" : "different");
    if (!holds)
        std::exit(1);
}

/// Device memory with a copy of a vector.
template <class T>
class Device
{
    T* data_ = nullptr;
    size_t size_;

public:
    explicit Device(const std::vector<T>& from) : size_{from.size()}
    {
        check(cudaMalloc(&data_, size_ * sizeof(T)));
        check(cudaMemcpy(data_, from.data(), size_ * sizeof(T), cudaMemcpyHostToDevice));
    }
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;
    ~Device() { cudaFree(data_); }

    [[nodiscard]] T* get() noexcept { return data_; }
    [[nodiscard]] std::vector<T> copy() const
    {
        std::vector<T> out(size_);
        check(cudaGetLastError());
        check(cudaMemcpy(out.data(), data_, size_ * sizeof(T), cudaMemcpyDeviceToHost));
        return out;
    }
};

[[nodiscard]] unsigned blocks(size_t size)
{
    return static_cast<unsigned>((size + THREADS - 1) / THREADS);
}

[[nodiscard]] std::vector<Fp> elements(size_t count, uint32_t seed)
{
    std::vector<Fp> out;
    for (size_t i = 0; i < count; ++i)
        out.push_back(Fp::from_montgomery((seed = seed * 1664525 + 1013904223) % Fp::P));
    return out;
}

template <class F>
void check_multiply_add(const std::vector<F>& x, const std::vector<F>& y, const char* name)
{
    std::vector<F> expected(x.size());
    for (size_t i = 0; i < x.size(); ++i)
        expected[i] = x[i] * y[i] + x[i];
    Device<F> dx{x};
    Device<F> dy{y};
    Device<F> out{x};
    gpu::multiply_add<<<blocks(x.size()), THREADS>>>(dx.get(), dy.get(), dx.get(), out.get(), x.size());
    expect(out.copy() == expected, name);
}

void check_fields()
{
    check_multiply_add(elements(SIZE, 1), elements(SIZE, 2), "base field");
    const std::vector<Fp> coefficients = elements(2 * SIZE * Fp5::DEGREE, 3);
    std::vector<Fp5> x(SIZE);
    std::vector<Fp5> y(SIZE);
    for (size_t i = 0; i < SIZE * Fp5::DEGREE; ++i)
    {
        x[i / 5].c[i % 5] = coefficients[i];
        y[i / 5].c[i % 5] = coefficients[SIZE * 5 + i];
    }
    check_multiply_add(x, y, "extension");
}

/// Encoding, leaves and the first level of a tree, against the CPU's matrix and its own root.
void check_commitment()
{
    constexpr uint32_t LOG_ROWS = 6;
    constexpr uint32_t LOG_LEAVES = 8;
    constexpr size_t WIDTH = 11;
    const std::vector<Fp> cells = elements(WIDTH << LOG_ROWS, 4);
    const std::vector<Column> columns = matrix_columns(cells.data(), WIDTH, LOG_ROWS);
    const Matrix expected = encode(columns, LOG_ROWS, LOG_LEAVES);
    const size_t rows = expected.rows();

    std::vector<Fp> spread(rows * WIDTH);
    for (size_t r = 0; r < rows; ++r)
    {
        size_t from = 0;
        for (uint32_t bit = 0; bit < LOG_ROWS; ++bit)
            from |= ((r >> (LOG_LEAVES - LOG_ROWS + bit)) & 1) << (LOG_ROWS - 1 - bit);
        for (size_t c = 0; c < WIDTH; ++c)
            spread[r * WIDTH + c] = columns[c].cells[from];
    }
    Device<Fp> matrix{spread};
    for (uint32_t stage = LOG_LEAVES - LOG_ROWS + 1; stage <= LOG_LEAVES; ++stage)
    {
        std::vector<Fp> powers{Fp::from_canonical(1)};
        while (powers.size() < size_t{1} << (stage - 1))
            powers.push_back(powers.back() * Fp::root_of_unity(stage));
        Device<Fp> device{powers};
        gpu::butterflies<<<blocks(rows / 2 * WIDTH), THREADS>>>(
            matrix.get(), WIDTH, powers.size(), rows / 2, device.get());
        check(cudaDeviceSynchronize());
    }
    static_assert(WIDTH < Matrix::WIDE);  // rows without anything between them
    expect(std::equal(expected.cells.data(), expected.cells.data() + rows * WIDTH,
               matrix.copy().begin()), "transform");

    Device<Fp> level{std::vector<Fp>(rows * poseidon2::DIGEST)};
    Device<Fp> above{std::vector<Fp>(rows * poseidon2::DIGEST)};
    gpu::hash_leaves<<<blocks(rows), THREADS>>>(matrix.get(), WIDTH, rows, level.get());
    Fp* from = level.get();
    Fp* to = above.get();
    for (size_t count = rows / 2; count != 0; count /= 2, std::swap(from, to))
        gpu::compress_pairs<<<blocks(count), THREADS>>>(from, count, to);
    const std::vector<Fp> root = (from == level.get() ? level : above).copy();
    expect(std::equal(root.begin(), root.begin() + poseidon2::DIGEST,
               MerkleTree{expected}.root().begin()), "leaf hash and compression");
}

/// (c0 - 5) (c0 + c1) c1 and (c0 - 5) c1, on every row.
void check_graph()
{
    const std::vector<uint32_t> words{0x31524941, 2, 8, 2, 0, 2, 0, 0, 1, 0, 0, 1, 1, 0, 0, 5, 0,
        3, 0, 2, 2, 0, 1, 4, 3, 4, 4, 5, 1, 4, 3, 1, 6, 7};
    const auto graph = Graph::parse(words);
    if (!graph)
        expect(false, "graph bytes");
    const std::vector<Fp> columns = elements(2 * SIZE, 5);
    const GraphProgram& program = graph->nonlinear;
    Device<GraphCode::Instruction> instructions{program.instructions};
    Device<GraphCode::Output> outputs{program.outputs};
    Device<Fp> constants{program.constants};
    Device<Fp> cells{columns};
    Device<Fp> registers{std::vector<Fp>(program.registers * SIZE)};
    Device<Fp> out{std::vector<Fp>(graph->roots * SIZE)};
    const GraphCode code{instructions.get(), program.instructions.size(), outputs.get(),
        program.outputs.size(), constants.get()};
    gpu::evaluate_graph<<<blocks(SIZE), THREADS>>>(
        code, cells.get(), SIZE, registers.get(), out.get());
    const std::vector<Fp> values = out.copy();
    bool same = true;
    std::vector<Fp> scratch(program.registers);
    for (size_t row = 0; row < SIZE; ++row)
    {
        const Fp here[] = {columns[row], columns[SIZE + row]};
        program.evaluate<1, Fp>([&](uint32_t c) { return here + c; }, std::span<Fp>{scratch},
            [&](uint32_t root, const auto& value) {
                same = same && values[root * SIZE + row] == value(0);
            });
        const Fp less = here[0] - Fp::from_canonical(5);
        same = same && values[row] == less * (here[0] + here[1]) * here[1] &&
               values[SIZE + row] == less * here[1];
    }
    expect(same, "constraint graph");
}
}  // namespace

int main()
{
    int devices = 0;
    if (cudaGetDeviceCount(&devices) != cudaSuccess || devices == 0)
    {
        std::puts("no device");
        return 77;
    }
    check_fields();
    check_commitment();
    check_graph();
}
