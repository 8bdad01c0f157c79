// The Python module of the RISC-V executor.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <cstring>
#include <memory>
#include <riscv/execute.hpp>
#include <riscv/fill.hpp>
#include <riscv/lookups.hpp>
#include <riscv/record.hpp>

namespace nb = nanobind;
using namespace nb::literals;

namespace
{
using namespace strikefold::riscv;

using Fields = nb::ndarray<const uint32_t, nb::shape<-1, 6>, nb::c_contig, nb::device::cpu>;
using Table = nb::ndarray<nb::numpy, const uint32_t, nb::ndim<2>>;

[[nodiscard]] std::span<const uint8_t> span_of(const nb::bytes& bytes) noexcept
{
    return {static_cast<const uint8_t*>(bytes.data()), bytes.size()};
}

[[nodiscard]] Program make_program(uint32_t entry, uint32_t base, const Fields& instructions,
    const std::vector<std::pair<uint32_t, nb::bytes>>& image)
{
    std::vector<std::array<uint32_t, 6>> decoded(instructions.shape(0));
    if (!decoded.empty())
        std::memcpy(decoded.data(), instructions.data(), decoded.size() * sizeof(decoded[0]));
    std::vector<Piece> pieces;
    for (const auto& [address, bytes] : image)
    {
        const auto span = span_of(bytes);
        pieces.push_back({address, {span.begin(), span.end()}});
    }
    return {entry, base, decoded, pieces};
}

void use_compressor(const nb::capsule& capsule)
{
    if (std::string_view{capsule.name()} != "strikefold.compressor")
        throw nb::value_error("that is no compressor");
    compressor() = reinterpret_cast<Compressor>(capsule.data());
}

/// (limit, fixed, [(cells, instances, [(row, times)])])
using AreasTuple = std::tuple<uint64_t, uint64_t,
    std::vector<std::tuple<uint64_t, uint32_t, std::vector<std::pair<size_t, uint64_t>>>>>;

[[nodiscard]] std::optional<Areas> areas_of(const std::optional<AreasTuple>& numbers)
{
    if (!numbers)
        return std::nullopt;
    const auto& [limit, fixed, chips] = *numbers;
    Areas out{limit, fixed, {}};
    for (const auto& [cells, instances, rows] : chips)
    {
        for (const auto& [row, times] : rows)
        {
            if (row >= ROW_NAMES.size())
                throw nb::value_error("a chip's rows are of an unknown kind");
        }
        out.chips.push_back({cells, instances, rows});
    }
    return out;
}

[[nodiscard]] std::vector<uint32_t> listed(const Digest& digest)
{
    std::vector<uint32_t> out;
    for (const strikefold::Fp x : digest)
        out.push_back(x.canonical());
    return out;
}

[[nodiscard]] nb::bytes bytes_of(const Leaf& words)
{
    std::array<uint8_t, 32> out;
    for (size_t i = 0; i < out.size(); ++i)
        out[i] = static_cast<uint8_t>(words[i / 4] >> (i % 4 * 8));
    return nb::bytes{out.data(), out.size()};
}

/// Rows of `width` words that belong to `owner`.
[[nodiscard]] Table table(const uint32_t* words, size_t rows, size_t width, nb::handle owner)
{
    return {words, {rows, width}, owner};
}

[[nodiscard]] std::vector<uint32_t> public_values(const Recorded& recorded)
{
    std::vector<uint32_t> out{recorded.first_pc, recorded.last_pc};
    for (const Digest& root : {recorded.before, recorded.after})
    {
        for (const uint32_t x : listed(root))
            out.push_back(x);
    }
    out.push_back(recorded.halted ? 1 : 0);
    out.push_back(recorded.exit_code);
    out.insert(out.end(), recorded.output.begin(), recorded.output.end());
    return out;
}

[[nodiscard]] nb::dict steps(nb::handle_t<Recorded> self)
{
    const auto& recorded = nb::cast<const Recorded&>(self);
    nb::dict out;
    for (size_t i = 0; i < FAMILIES; ++i)
    {
        const auto& events = recorded.steps[i];
        const uint32_t* const words = events.empty() ? nullptr : events[0].data();
        out[ROW_NAMES[i]] = table(words, events.size(), std::tuple_size_v<Event>, self);
    }
    return out;
}

[[nodiscard]] nb::dict calls(nb::handle_t<Recorded> self)
{
    const auto& recorded = nb::cast<const Recorded&>(self);
    nb::dict out;
    for (size_t i = 0; i < CALLS; ++i)
    {
        const auto& words = recorded.calls[i];
        out[ROW_NAMES[FAMILIES + i]] =
            table(words.data(), words.size() / CALL_WORDS[i], CALL_WORDS[i], self);
    }
    return out;
}

template <class Row>
[[nodiscard]] Table rows_of(const std::vector<Row>& rows, nb::handle owner)
{
    const uint32_t* const words = rows.empty() ? nullptr : rows[0].data();
    return table(words, rows.size(), std::tuple_size_v<Row>, owner);
}

[[nodiscard]] nb::dict counted(const Rows& rows)
{
    nb::dict out;
    for (size_t i = 0; i < rows.size(); ++i)
        out[ROW_NAMES[i]] = rows[i];
    return out;
}

void bind_execution(nb::module_& m)
{
    nb::class_<Execution>(m, "Execution")
        .def_prop_ro("status", [](const Execution& self) { return name(self.stop); })
        .def_ro("pc", &Execution::pc)
        .def_ro("exit_code", &Execution::exit_code)
        .def_ro("cycles", &Execution::cycles)
        .def_prop_ro("output", [](const Execution& self) { return bytes_of(self.output); })
        .def_prop_ro("rows", [](const Execution& self) { return counted(self.rows); })
        .def_prop_ro("checkpoints", [](const Execution& self) {
            nb::list out;
            for (const auto& bytes : self.checkpoints)
                out.append(nb::bytes(bytes.data(), bytes.size()));
            return out;
        });
    m.def(
        "execute",
        [](const Program& program, const nb::bytes& input, uint64_t cycle_limit,
            uint64_t page_limit, const std::optional<AreasTuple>& areas) {
            const auto parsed = areas_of(areas);
            const auto bytes = span_of(input);
            const nb::gil_scoped_release release;
            return execute(program, bytes, {cycle_limit, page_limit}, parsed);
        },
        "program"_a, "input"_a, "cycle_limit"_a, "page_limit"_a, "areas"_a = nb::none());
}

void bind_recorded(nb::module_& m)
{
    nb::class_<Recorded>(m, "Recorded")
        .def_prop_ro("public", &public_values)
        .def_ro("end_time", &Recorded::end_time)
        .def_prop_ro("steps", &steps)
        .def_prop_ro("calls", &calls)
        .def_prop_ro("leaves",
            [](nb::handle_t<Recorded> self) {
                return rows_of(nb::cast<const Recorded&>(self).leaves, self);
            })
        .def_prop_ro("nodes", [](nb::handle_t<Recorded> self) {
            return rows_of(nb::cast<const Recorded&>(self).nodes, self);
        });
    m.def(
        "record",
        [](const Program& program, const nb::bytes& input, const nb::bytes& checkpoint) {
            const auto stream = span_of(input);
            const auto bytes = span_of(checkpoint);
            const nb::gil_scoped_release release;
            return record(program, stream, Checkpoint::decode(bytes));
        },
        "program"_a, "input"_a, "checkpoint"_a);
}
using Cells = nb::ndarray<const uint32_t, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
using Counts = nb::ndarray<uint32_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

[[nodiscard]] const Filler& known_filler(std::string_view chip)
{
    const Filler* const filler = filler_of(chip);
    if (filler == nullptr)
        throw nb::value_error("there is no filler of that chip");
    return *filler;
}

[[nodiscard]] Table fill(const Program& program, const Recorded& recorded, std::string_view chip,
    size_t begin, size_t end, uint32_t log_height)
{
    const Filler& filler = known_filler(chip);
    const Source source{program, recorded};
    const bool fits = log_height < 32 && begin <= end && end <= filler.rows(source) &&
                      end - begin <= size_t{1} << log_height;
    if (!fits)
        throw nb::value_error("the rows are not there, or more than the table holds");
    const size_t height = size_t{1} << log_height;
    auto cells = std::make_unique_for_overwrite<uint32_t[]>(filler.width * height);
    {
        const nb::gil_scoped_release release;
        fill_columns(filler, source, begin, end, log_height, cells.get());
    }
    uint32_t* const words = cells.release();
    const nb::capsule owner{
        words, [](void* memory) noexcept { delete[] static_cast<uint32_t*>(memory); }};
    return {words, {filler.width, height}, owner};
}

using GraphWords = nb::ndarray<const uint32_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

void count(const GraphWords& words, const Cells& columns, const std::vector<Counts>& tables)
{
    const auto graph = strikefold::Graph::parse({words.data(), words.size()});
    if (!graph || graph->columns != columns.shape(0))
        throw nb::value_error("the graph is not one of these columns");
    for (const auto& message : graph->messages)
    {
        if (message.bus_id >= tables.size() || message.fields.size() != 1)
            throw nb::value_error("a message names no table, or no row");
    }
    std::vector<std::span<uint32_t>> spans;
    for (const Counts& table : tables)
        spans.emplace_back(table.data(), table.size());
    const nb::gil_scoped_release release;
    if (!count_lookups(*graph, {columns.data(), columns.shape(0), columns.shape(1)}, spans))
        throw nb::value_error("a row asks for what no table holds");
}

void bind_tables(nb::module_& m)
{
    m.def(
        "rows",
        [](const Program& program, const Recorded& recorded, std::string_view chip) {
            return known_filler(chip).rows({program, recorded});
        },
        "program"_a, "recorded"_a, "chip"_a);
    m.def("fill", &fill, "program"_a, "recorded"_a, "chip"_a, "begin"_a, "end"_a, "log_height"_a);
    m.def("count", &count, "graph"_a, "columns"_a, "tables"_a);
}
}  // namespace

NB_MODULE(_riscv, m)
{
    m.doc() = "Executor of the RISC-V machine.";
    nb::list names;
    for (const char* row : ROW_NAMES)
        names.append(row);
    m.attr("row_names") = nb::tuple(names);
    m.def("use_compressor", &use_compressor, "compressor"_a);
    nb::class_<Program>(m, "Program")
        .def(
            "__init__",
            [](Program* self, uint32_t entry, uint32_t base, const Fields& instructions,
                const std::vector<std::pair<uint32_t, nb::bytes>>& image) {
                new (self) Program{make_program(entry, base, instructions, image)};
            },
            "entry"_a, "base"_a, "instructions"_a, "image"_a)
        .def("root", [](const Program& self) {
            Tree tree;
            tree.update(self.indices(), self.leaves());
            return listed(tree.root());
        });
    bind_execution(m);
    bind_recorded(m);
    bind_tables(m);
}
