// The Python module of the prover core: one build of it for each instruction set.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <bit>
#include <chrono>
#include <cstring>
#include <prover/matrix.hpp>
#include <prover/prover.hpp>

namespace nb = nanobind;
using namespace nb::literals;

namespace
{
using namespace strikefold;

using Words = nb::ndarray<const uint32_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Columns = nb::ndarray<const uint32_t, nb::ndim<2>, nb::c_contig, nb::device::cpu>;

/// Any words: those not below p are taken modulo it.
[[nodiscard]] Array<Fp> montgomery(const uint32_t* from, size_t count)
{
    Array<Fp> out{count};
    for (size_t i = 0; i < count; ++i)
        out[i] = Fp::from_canonical(from[i]);
    return out;
}

void require(bool condition, const char* message)
{
    if (!condition)
        throw nb::value_error(message);
}

void require_none(const char* problem)
{
    if (problem != nullptr)
        throw nb::value_error(problem);
}

/// (variables, log_inv_rate, fold, ood_samples, fold_grinding, queries, query_grinding)
[[nodiscard]] OracleParameters oracle_of(const std::vector<uint32_t>& numbers)
{
    require(numbers.size() == 7, "an oracle has seven parameters");
    return {numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], numbers[6]};
}

[[nodiscard]] ProvingKey make_key(const std::vector<uint32_t>& numbers,
    const std::vector<std::vector<uint32_t>>& oracles, const std::vector<Words>& graphs,
    const std::vector<Columns>& fixed, const Words& preprocessed)
{
    require(numbers.size() == 7, "a key has seven parameters");
    KeyParameters key{{}, numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5],
        numbers[6], {}};
    for (const auto& oracle : oracles)
        key.oracles.push_back(oracle_of(oracle));
    require_none(problem_with(key));
    require(preprocessed.size() == size_t{key.preprocessed_width} << key.log_rows,
        "the preprocessed stack has the wrong size");
    require(graphs.size() == fixed.size(), "a slot has a graph and fixed columns");
    std::vector<Graph> parsed;
    std::vector<std::vector<Array<Fp>>> columns;
    for (size_t s = 0; s < graphs.size(); ++s)
    {
        auto graph = Graph::parse({graphs[s].data(), graphs[s].size()});
        require(graph.has_value(), "the bytes are no constraint graph");
        require(graph->columns - graph->committed == fixed[s].shape(0), "fixed columns are missing");
        parsed.push_back(std::move(*graph));
        auto& own = columns.emplace_back();
        for (size_t c = 0; c < fixed[s].shape(0); ++c)
            own.push_back(montgomery(fixed[s].data() + c * fixed[s].shape(1), fixed[s].shape(1)));
    }
    return {std::move(key), std::move(parsed), std::move(columns),
        montgomery(preprocessed.data(), preprocessed.size())};
}

/// A slot's part of a segment: (log_height, columns, column offsets, message offsets), or None.
using SlotTuple =
    std::optional<std::tuple<uint32_t, Columns, std::vector<size_t>, std::vector<size_t>>>;

[[nodiscard]] SegmentInput segment_of(const ProvingKey& key, const std::vector<uint32_t>& public_values,
    const std::vector<uint32_t>& heights, const std::vector<SlotTuple>& slots, size_t messages)
{
    require(slots.size() == key.slots(), "the segment has the wrong number of slots");
    SegmentInput input{public_values, heights, {}, messages};
    for (size_t s = 0; s < slots.size(); ++s)
    {
        auto& slot = input.slots.emplace_back();
        if (!slots[s])
            continue;
        const auto& [log_height, table, columns, places] = *slots[s];
        const Graph& graph = key.graph(s);
        require(log_height < 32 && table.shape(0) == graph.committed &&
                    table.shape(1) == size_t{1} << log_height,
            "a table has the wrong shape");
        slot = {true, log_height, table.data(), columns, places};
    }
    require_none(key.problem_with(input));
    return input;
}

[[nodiscard]] std::vector<uint32_t> permute(const std::vector<uint32_t>& state)
{
    require(state.size() == poseidon2::WIDTH, "the permutation takes sixteen elements");
    Fp elements[poseidon2::WIDTH];
    for (size_t i = 0; i < poseidon2::WIDTH; ++i)
        elements[i] = Fp::from_canonical(state[i] % Fp::P);
    poseidon2::permute(elements);
    std::vector<uint32_t> out;
    for (const Fp x : elements)
        out.push_back(x.canonical());
    return out;
}
/// A commitment alone: its root, and the seconds of encoding and of hashing.
[[nodiscard]] std::tuple<std::vector<uint32_t>, double, double> commit(
    const Columns& table, uint32_t log_leaves)
{
    const size_t rows = table.shape(1);
    const auto log_rows = static_cast<uint32_t>(std::countr_zero(rows));
    require(std::has_single_bit(rows) && table.shape(0) != 0, "columns are of a power of two rows");
    require(log_rows <= log_leaves && log_leaves <= Fp::TWO_ADICITY, "leaves are too few or too many");
    const nb::gil_scoped_release release;
    const Array<Fp> cells = montgomery(table.data(), table.shape(0) * rows);
    const std::vector<Column> columns = matrix_columns(cells.data(), table.shape(0), log_rows);
    using Clock = std::chrono::steady_clock;
    const auto start = Clock::now();
    const Matrix matrix = encode(columns, log_rows, log_leaves);
    const auto encoded = Clock::now();
    const MerkleTree tree{matrix};
    const auto hashed = Clock::now();
    std::vector<uint32_t> root;
    for (const Fp x : tree.root())
        root.push_back(x.canonical());
    const auto seconds = [](auto span) { return std::chrono::duration<double>(span).count(); };
    return {std::move(root), seconds(encoded - start), seconds(hashed - encoded)};
}
}  // namespace

NB_MODULE(STRIKEFOLD_MODULE, m)
{
    m.doc() = "Prover core of the proof system.";
    m.attr("lanes") = Packed::WIDTH;
    m.def("permute", &permute, "state"_a, "Poseidon2 of sixteen canonical elements.");
    m.attr("compressor") =
        nb::capsule{reinterpret_cast<const void*>(&compress_digests), "strikefold.compressor"};
    m.def("set_threads", [](size_t count) { thread_count() = std::max<size_t>(count, 1); },
        "count"_a, "Threads of every parallel loop.");
    m.def("commit", &commit, "columns"_a, "log_leaves"_a,
        "(root, seconds of encoding, seconds of hashing) of columns of 2^k canonical values.");
    nb::class_<ProvingKey>(m, "ProvingKey")
        .def("__init__",
            [](ProvingKey* self, const std::vector<uint32_t>& numbers,
                const std::vector<std::vector<uint32_t>>& oracles, const std::vector<Words>& graphs,
                const std::vector<Columns>& fixed, const Words& preprocessed) {
                new (self) ProvingKey{make_key(numbers, oracles, graphs, fixed, preprocessed)};
            },
            "numbers"_a, "oracles"_a, "graphs"_a, "fixed"_a, "preprocessed"_a)
        .def("preprocessed_root",
            [](const ProvingKey& self) {
                std::vector<uint32_t> out;
                for (const Fp x : self.preprocessed_root())
                    out.push_back(x.canonical());
                return out;
            })
        .def("prove",
            [](ProvingKey& self, const std::vector<uint32_t>& digest,
                const std::vector<uint32_t>& public_values, const std::vector<uint32_t>& heights,
                const std::vector<SlotTuple>& slots, size_t messages) {
                require(digest.size() == 16, "a key's digest is sixteen elements");
                std::array<uint32_t, 16> elements{};
                std::ranges::copy(digest, elements.begin());
                self.set_digest(elements);
                const SegmentInput input =
                    segment_of(self, public_values, heights, slots, messages);
                ProofOutput output;
                {
                    nb::gil_scoped_release release;
                    output = self.prove(input);
                }
                return std::pair{std::move(output.elements), std::move(output.timings)};
            },
            "digest"_a, "public_values"_a, "heights"_a, "slots"_a, "messages"_a,
            "The proof's elements, and the seconds of each phase.");
}
