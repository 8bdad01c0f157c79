// Rows of keccakf: its calls, and their rounds column by column, for there are many.
#include <riscv/accelerators.hpp>
#include <riscv/fillers.hpp>
#include <riscv/hashes.hpp>

namespace strikefold::riscv
{
namespace
{
constexpr size_t STATE_WORDS = 50;
constexpr size_t ROUNDS = keccak::CONSTANTS.size();
constexpr size_t EVENT = CALL_WORDS[static_cast<size_t>(Call::KECCAKF)];

/// A word of each row of a block.
using Words = std::array<uint32_t, MAX_BLOCK>;

/// keccak._is_implied, of a column 64 x + z.
[[nodiscard]] constexpr bool is_implied(size_t x, size_t z) noexcept
{
    const size_t diagonal = (x + 65 - z) % 5;
    return z > 0 && (z % 2 == 1 ? diagonal == 2 || diagonal == 4 : diagonal == 3);
}

[[nodiscard]] std::span<const uint32_t, STATE_WORDS> state_of(const uint32_t* event) noexcept
{
    return std::span<const uint32_t, STATE_WORDS>{event + 4, STATE_WORDS};
}

/// What rows of rounds hold, bits packed into words.
struct RoundRows
{
    Words time, number;
    std::array<Words, STATE_WORDS> theta;  ///< The state after theta.
    std::array<Words, 10> parity;          ///< Of columns before theta.
    std::array<Words, 10> after;           ///< And after it.
    std::array<Words, 2> first;            ///< Lane 0 with the round's constant.

    void put(size_t row, uint32_t when, size_t round, keccak::Lanes& s) noexcept
    {
        time[row] = when;
        number[row] = static_cast<uint32_t>(round);
        put_parities(parity, row, s);
        keccak::theta(s);
        put_parities(after, row, s);
        for (size_t lane = 0; lane < s.size(); ++lane)
            put_lane(&theta[2 * lane], row, s[lane]);
        put_lane(first.data(), row, s[0] ^ keccak::CONSTANTS[round]);
    }

private:
    static void put_lane(Words* words, size_t row, uint64_t lane) noexcept
    {
        words[0][row] = static_cast<uint32_t>(lane);
        words[1][row] = static_cast<uint32_t>(lane >> 32);
    }
    static void put_parities(
        std::array<Words, 10>& words, size_t row, const keccak::Lanes& s) noexcept
    {
        for (size_t x = 0; x < 5; ++x)
            put_lane(&words[2 * x], row, s[x] ^ s[x + 5] ^ s[x + 10] ^ s[x + 15] ^ s[x + 20]);
    }
};

/// The rows of a block: each goes on from the one before, if that is of the same call.
void compute(const uint32_t* calls, const Block& block, RoundRows& rows) noexcept
{
    keccak::Lanes s;
    for (size_t row = 0; row < block.count; ++row)
    {
        const size_t round = (block.first + row) % ROUNDS;
        const uint32_t* const event = calls + (block.first + row) / ROUNDS * EVENT;
        if (row == 0 || round == 0)
            s = keccak::load(state_of(event));
        for (size_t skipped = 0; row == 0 && skipped < round; ++skipped)
        {
            keccak::theta(s);
            keccak::after_theta(s, skipped);
        }
        rows.put(row, event[0], round, s);
        keccak::after_theta(s, round);
    }
}

/// Writes columns one after the other.
class Columns
{
    const Block& block_;
    size_t next_ = 0;

public:
    explicit Columns(const Block& block) noexcept : block_{block} {}

    template <class Cell>
    void put(const Cell& cell) noexcept
    {
        uint32_t* const column = block_.column(next_++);
        for (size_t i = 0; i < block_.count; ++i)
            column[i] = cell(i);
    }
    void bit(const Words& words, size_t place) noexcept
    {
        put([&](size_t i) { return words[i] >> place & 1; });
    }
};
}  // namespace

void fill_keccak_rounds(const uint32_t* calls, const Block& block) noexcept
{
    RoundRows rows;
    compute(calls, block, rows);
    Columns columns{block};
    columns.put([&](size_t i) { return rows.time[i]; });
    for (uint32_t major = 0; major < 4; ++major)
        columns.put([&](size_t i) { return uint32_t{rows.number[i] / 6 == major}; });
    for (uint32_t minor = 0; minor < 6; ++minor)
        columns.put([&](size_t i) { return uint32_t{rows.number[i] % 6 == minor}; });
    for (size_t bit = 0; bit < 32 * STATE_WORDS; ++bit)
        columns.bit(rows.theta[bit / 32], bit % 32);
    for (size_t bit = 0; bit < 320; ++bit)
    {
        if (!is_implied(bit / 64, bit % 64))
            columns.bit(rows.parity[bit / 32], bit % 32);
    }
    for (size_t bit = 0; bit < 320; ++bit)
        columns.bit(rows.after[bit / 32], bit % 32);
    for (size_t j = 0; j < 7; ++j)
        columns.bit(rows.first[j / 6], ((size_t{1} << j) - 1) % 32);
}

void fill_keccak_call(const uint32_t* event, Row& row) noexcept
{
    std::array<uint32_t, STATE_WORDS> after;
    std::ranges::copy(state_of(event), after.begin());
    keccakf(after);
    call(event, row);
    row.words(event + 4, STATE_WORDS);
    row.words(after.data(), STATE_WORDS);
    row.accesses(event[0] + 2, event + 4 + STATE_WORDS, STATE_WORDS);
    row.put(1);
}
}  // namespace strikefold::riscv
