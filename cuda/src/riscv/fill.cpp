#include <algorithm>
#include <prover/threads.hpp>
#include <riscv/fillers.hpp>

namespace strikefold::riscv
{
namespace
{
/// Cells that are worth a thread.
constexpr size_t SMALLEST_PART = 1 << 15;

template <Family FAMILY, void (*FILL)(const Step&, Row&) noexcept>
[[nodiscard]] constexpr Filler of_steps(std::string_view chip, size_t width) noexcept
{
    return {chip, width,
        [](const Source& s) { return s.recorded.steps[static_cast<size_t>(FAMILY)].size(); },
        [](const Source& s, size_t i, Row& row) {
            FILL(Step{s.program, s.recorded.steps[static_cast<size_t>(FAMILY)][i]}, row);
        }};
}

/// Where the words of a call's events begin.
template <Call CALL>
[[nodiscard]] const uint32_t* words_of(const Source& s, size_t event) noexcept
{
    constexpr auto NUMBER = static_cast<size_t>(CALL);
    return s.recorded.calls[NUMBER].data() + event * CALL_WORDS[NUMBER];
}

/// How many rows a chip has that takes some for each event of a call.
template <Call CALL, size_t ROWS>
[[nodiscard]] size_t rows_of(const Source& s) noexcept
{
    constexpr auto NUMBER = static_cast<size_t>(CALL);
    return ROWS * (s.recorded.calls[NUMBER].size() / CALL_WORDS[NUMBER]);
}

template <Call CALL, void (*FILL)(const uint32_t*, Row&) noexcept>
[[nodiscard]] constexpr Filler of_calls(std::string_view chip, size_t width) noexcept
{
    return {chip, width, rows_of<CALL, 1>,
        [](const Source& s, size_t i, Row& row) { FILL(words_of<CALL>(s, i), row); }};
}

/// Two digests of a node, from these places on.
[[nodiscard]] std::array<uint32_t, 16> digests(const NodeRow& node, size_t left, size_t right)
{
    std::array<uint32_t, 16> out;
    std::copy_n(&node[right], 8, std::copy_n(&node[left], 8, out.begin()));
    return out;
}

/// Compressions: of leaves before and after, then of nodes before and after.
[[nodiscard]] std::array<uint32_t, 16> compression(const Recorded& recorded, size_t i)
{
    const size_t leaves = recorded.leaves.size();
    const size_t nodes = recorded.nodes.size();
    std::array<uint32_t, 16> out;
    if (i < 2 * leaves)
        Row{out.data()}.words(&recorded.leaves[i % leaves][i < leaves ? 1 : 9], LEAF_WORDS);
    else
    {
        const bool before = i - 2 * leaves < nodes;
        const NodeRow& node = recorded.nodes[i - 2 * leaves - (before ? 0 : nodes)];
        out = before ? digests(node, 4, 20) : digests(node, 12, 28);
    }
    return out;
}

constexpr std::array FILLERS{
    of_steps<Family::ADD, fill_add>("Add", 22),
    of_steps<Family::BITWISE, fill_bitwise>("Bitwise", 29),
    of_steps<Family::COMPARE, fill_compare>("Compare", 24),
    of_steps<Family::SHIFT, fill_shift>("Shift", 43),
    of_steps<Family::MUL, fill_mul>("Mul", 27),
    of_steps<Family::MULHIGH, fill_mulhigh>("MulHigh", 38),
    of_steps<Family::DIVREM, fill_divrem>("DivRem", 49),
    of_steps<Family::LOAD, fill_load>("Load", 21),
    of_steps<Family::LOADSUB, fill_loadsub>("LoadPart", 29),
    of_steps<Family::STORE, fill_store>("Store", 21),
    of_steps<Family::STORESUB, fill_storesub>("StorePart", 28),
    of_steps<Family::BRANCHEQ, fill_brancheq>("BranchEqual", 18),
    of_steps<Family::BRANCHLESS, fill_branchless>("BranchLess", 21),
    of_steps<Family::SET, fill_set>("Set", 11),
    of_steps<Family::JALR, fill_jalr>("JumpRegister", 20),
    of_calls<Call::ECALL, fill_ecall>("Ecall", 19),
    of_calls<Call::HALT, fill_halt>("Halt", 42),
    of_calls<Call::HINT, fill_hint>("Hint", 58),
    of_calls<Call::KECCAKF, fill_keccak_call>("KeccakCall", 308),
    of_calls<Call::SHA256, fill_sha256_call>("Sha256Call", 168),
    of_calls<Call::POSEIDON2, fill_poseidon2_call>("Poseidon2Call", 268),
    of_calls<Call::MULADDMOD, fill_muladdmod>("MulAddMod", 335),
    of_calls<Call::SECP256K1_ADD, fill_secp256k1_add>("Secp256k1Add", 336),
    of_calls<Call::SECP256K1_DOUBLE, fill_secp256k1_double>("Secp256k1Double", 276),
    of_calls<Call::WORD_ALU, fill_word_alu>("WordAlu", 97),
    Filler{"KeccakRound", 2163, rows_of<Call::KECCAKF, 24>, nullptr,
        [](const Source& s, const Block& block) {
            fill_keccak_rounds(words_of<Call::KECCAKF>(s, 0), block);
        }},
    Filler{"Sha256Step", 619, rows_of<Call::SHA256, 16>,
        [](const Source& s, size_t i, Row& row) {
            fill_sha256_step(words_of<Call::SHA256>(s, i / 16), i % 16, row);
        }},
    Filler{"End", 22, [](const Source&) { return size_t{1}; },
        [](const Source& s, size_t, Row& row) { fill_end(s.recorded, row); }},
    Filler{"Leaf", 58, [](const Source& s) { return s.recorded.leaves.size(); },
        [](const Source& s, size_t i, Row& row) { fill_leaf(s.recorded.leaves[i], row); }},
    Filler{"Node", 53, [](const Source& s) { return s.recorded.nodes.size(); },
        [](const Source& s, size_t i, Row& row) { fill_node(s.recorded.nodes[i], row); }},
    Filler{"Poseidon2", 165,
        [](const Source& s) { return 2 * (s.recorded.leaves.size() + s.recorded.nodes.size()); },
        [](const Source& s, size_t i, Row& row) {
            fill_poseidon2(compression(s.recorded, i), row);
        }},
};

/// Rows that are made one by one, then written as pieces of columns, a cache line each.
class Tile
{
    static constexpr size_t ROWS = 16;

    const Filler& filler_;
    const Source& source_;
    std::vector<uint32_t> cells_;

public:
    Tile(const Filler& filler, const Source& source)
      : filler_{filler},
        source_{source},
        cells_(ROWS * filler.width)
    {}

    void fill(const Block& block)
    {
        for (size_t at = 0; at < block.count; at += ROWS)
        {
            const size_t count = std::min(ROWS, block.count - at);
            for (size_t i = 0; i < count; ++i)
            {
                Row row{cells_.data() + i * filler_.width};
                filler_.fill(source_, block.first + at + i, row);
            }
            for (size_t c = 0; c < filler_.width; ++c)
            {
                for (size_t i = 0; i < count; ++i)
                    block.column(c)[at + i] = cells_[i * filler_.width + c];
            }
        }
    }
};
}  // namespace

const Filler* filler_of(std::string_view chip) noexcept
{
    const auto* const found = std::ranges::find(FILLERS, chip, &Filler::chip);
    return found == FILLERS.end() ? nullptr : found;
}

void fill_columns(const Filler& filler, const Source& source, size_t begin, size_t end,
    uint32_t log_height, uint32_t* columns)
{
    const size_t height = size_t{1} << log_height;
    parallel(end - begin, SMALLEST_PART / filler.width, [&](size_t first, size_t last, size_t) {
        Tile tile{filler, source};
        for (size_t at = first; at < last; at += MAX_BLOCK)
        {
            const size_t count = std::min(MAX_BLOCK, last - at);
            const Block block{begin + at, count, columns + at, height};
            if (filler.fill == nullptr)
                filler.fill_block(source, block);
            else
                tile.fill(block);
        }
    });
    for (size_t c = 0; c < filler.width; ++c)
        std::fill_n(columns + c * height + (end - begin), height - (end - begin), 0U);
}
}  // namespace strikefold::riscv
