// The prover core without Python, for sanitizers: checks itself, then proves what standard input
// holds. Words are little-endian u32; a list is its length and its elements.
//
//     key:     seven numbers, list of oracles of seven numbers, list of slots, list preprocessed
//     slot:    list graph, number of fixed columns, their cells as a list
//     segment: digest (16), list public values, list heights, a slot's part for each, messages
//     part:    0; or 1, log_height, list cells, list column offsets, list message offsets
//
// Answers with the proof's elements, one a line, or "invalid: " and the reason.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <iterator>
#include <prover/matrix.hpp>
#include <prover/prover.hpp>
#include <string>

using namespace strikefold;

namespace
{
class Words
{
    std::vector<uint32_t> words_;
    size_t next_ = 0;

public:
    explicit Words(const std::string& bytes) : words_(bytes.size() / 4)
    {
        std::memcpy(words_.data(), bytes.data(), words_.size() * 4);
    }
    [[nodiscard]] uint32_t next() { return words_.at(next_++); }
    template <class T = uint32_t>
    [[nodiscard]] std::vector<T> list()
    {
        std::vector<T> out(next());
        for (T& word : out)
            word = next();
        return out;
    }
};

[[noreturn]] void refuse(const char* reason)
{
    std::printf("invalid: %s\n", reason);
    std::exit(0);
}

[[nodiscard]] Array<Fp> montgomery(const std::vector<uint32_t>& words)
{
    Array<Fp> out{words.size()};
    for (size_t i = 0; i < words.size(); ++i)
        out[i] = Fp::from_canonical(words[i]);
    return out;
}

[[nodiscard]] KeyParameters read_parameters(Words& words)
{
    KeyParameters key{};
    for (uint32_t* number : {&key.log_rows, &key.width, &key.preprocessed_width, &key.log_messages,
             &key.log_height, &key.degree, &key.bus_grinding})
        *number = words.next();
    key.oracles.resize(words.next());
    for (OracleParameters& oracle : key.oracles)
    {
        for (uint32_t* number : {&oracle.variables, &oracle.log_inv_rate, &oracle.fold,
                 &oracle.ood_samples, &oracle.fold_grinding, &oracle.queries,
                 &oracle.query_grinding})
            *number = words.next();
    }
    if (const char* problem = problem_with(key))
        refuse(problem);
    return key;
}

[[nodiscard]] ProvingKey read_key(Words& words)
{
    KeyParameters key = read_parameters(words);
    std::vector<Graph> graphs;
    std::vector<std::vector<Array<Fp>>> fixed;
    const uint32_t slots = words.next();
    for (uint32_t s = 0; s < slots; ++s)
    {
        auto graph = Graph::parse(words.list());
        if (!graph)
            refuse("the bytes are no constraint graph");
        graphs.push_back(std::move(*graph));
        auto& columns = fixed.emplace_back();
        const uint32_t count = words.next();
        const std::vector<uint32_t> cells = words.list();
        const auto rows = static_cast<std::ptrdiff_t>(count == 0 ? 0 : cells.size() / count);
        for (auto at = cells.begin(); columns.size() < count; at += rows)
            columns.push_back(montgomery({at, at + rows}));
    }
    return {std::move(key), std::move(graphs), std::move(fixed), montgomery(words.list())};
}

[[nodiscard]] std::vector<uint32_t> prove(Words& words)
{
    ProvingKey key = read_key(words);
    std::array<uint32_t, 16> digest;
    for (uint32_t& word : digest)
        word = words.next();
    key.set_digest(digest);
    SegmentInput input{words.list(), words.list(), {}, 0};
    std::vector<std::vector<uint32_t>> tables;
    for (size_t s = 0; s < key.slots(); ++s)
    {
        auto& slot = input.slots.emplace_back();
        slot.present = words.next() != 0;
        if (!slot.present)
            continue;
        slot.log_height = words.next();
        slot.table = tables.emplace_back(words.list()).data();
        slot.column_offsets = words.list<size_t>();
        slot.message_offsets = words.list<size_t>();
    }
    input.messages = words.next();
    if (const char* problem = key.problem_with(input))
        refuse(problem);
    return key.prove(input).elements;
}

void expect(bool holds, const char* what)
{
    if (holds)
        return;
    std::fprintf(stderr, "failed: %s\n", what);
    std::exit(1);
}

/// Vectors compute what their lanes do.
void check_vectors()
{
    Fp x[LANES<Packed>];
    Fp y[LANES<Packed>];
    uint32_t seed = 1;
    for (size_t round = 0; round < 1000; ++round)
    {
        for (size_t k = 0; k < LANES<Packed>; ++k)
        {
            x[k] = Fp::from_montgomery((seed = seed * 1664525 + 1013904223) % Fp::P);
            y[k] = round % 4 == 0 ? Fp::from_montgomery(Fp::P - 1 - seed % 3) : x[k] * x[k];
        }
        Fp sum[LANES<Packed>];
        Fp difference[LANES<Packed>];
        Fp product[LANES<Packed>];
        store(sum, load<Packed>(x) + load<Packed>(y));
        store(difference, load<Packed>(x) - load<Packed>(y));
        store(product, load<Packed>(x) * load<Packed>(y));
        Fp cubes[LANES<Packed>];
        store(cubes, cube(load<Packed>(x)));
        for (size_t k = 0; k < LANES<Packed>; ++k)
            expect(sum[k] == x[k] + y[k] && difference[k] == x[k] - y[k] &&
                       product[k] == x[k] * y[k] && cubes[k] == x[k] * x[k] * x[k],
                "vector arithmetic");
    }
}

/// Large arrays do not overlap, and the places of two that were neighbours are one afterwards.
void check_memory()
{
    constexpr size_t SIZE = (size_t{1} << 21) / sizeof(Fp) + 5;
    std::vector<Array<Fp>> arrays;
    for (uint32_t i = 0; i < 4; ++i)
        arrays.emplace_back((i + 1) * SIZE, Fp::from_canonical(i));
    const Fp* const place = arrays[1].data();
    arrays[1] = {};
    arrays[2] = {};
    const Array<Fp> again{5 * SIZE, Fp::from_canonical(7)};
    expect(again.data() == place, "a place that is used again");
    for (const uint32_t i : {0U, 3U})
        expect(std::ranges::all_of(std::span{arrays[i].data(), arrays[i].size()},
                   [i](Fp x) { return x == Fp::from_canonical(i); }),
            "an array that others leave alone");
}

/// A codeword's entries are the polynomial's values at the points it stands for.
void check_encoding()
{
    constexpr uint32_t LOG_ROWS = 5;
    constexpr uint32_t LOG_LEAVES = 7;
    Fp column[1 << LOG_ROWS];
    for (uint32_t i = 0; i < 1U << LOG_ROWS; ++i)
        column[i] = Fp::from_canonical(i * i + 7);
    const Column columns[] = {{column}};
    const Matrix matrix = encode(columns, LOG_ROWS, LOG_LEAVES);
    for (uint32_t j = 0; j < 1U << LOG_LEAVES; ++j)
    {
        const Fp y = Fp::root_of_unity(LOG_LEAVES).power(j);
        Fp total;
        for (uint32_t i = 0; i < 1U << LOG_ROWS; ++i)
        {
            Fp weight = Fp::from_canonical(1);
            for (uint32_t bit = 0; bit < LOG_ROWS; ++bit)
            {
                const Fp z = y.power(1U << bit);
                weight *= ((i >> bit) & 1) != 0 ? z : Fp::from_canonical(1) - z;
            }
            total += weight * column[i];
        }
        expect(matrix.row(j)[0] == total, "encoding");
    }
}
}  // namespace

int main()
{
    check_vectors();
    check_memory();
    check_encoding();
    const std::string bytes{std::istreambuf_iterator<char>{std::cin}, {}};
    if (bytes.empty())
        return 0;
    Words words{bytes};
    for (const uint32_t element : prove(words))
        std::printf("%u\n", element);
}
