// Tables of a recorded segment, column by column: what the chips' own `fill` in Python makes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <riscv/record.hpp>
#include <string_view>

namespace strikefold::riscv
{
/// A recorded segment and the program it is of.
struct Source
{
    const Program& program;
    const Recorded& recorded;
};

/// The cells of a row, in the order in which the chip declares its columns.
class Row
{
    uint32_t* next_;

public:
    explicit Row(uint32_t* cells) noexcept : next_{cells} {}

    template <class... T>
    void put(T... cells) noexcept
    {
        ((*next_++ = static_cast<uint32_t>(cells)), ...);
    }
    /// Two limbs.
    void word(uint32_t x) noexcept { put(x & 0xffff, x >> 16); }
    void words(const uint32_t* x, size_t count) noexcept
    {
        for (size_t i = 0; i < count; ++i)
            word(x[i]);
    }
    /// Bits 0 .. 32.
    void bits(uint32_t x) noexcept
    {
        for (uint32_t i = 0; i < 32; ++i)
            put(x >> i & 1);
    }
    /// One of some cells is 1.
    void one_hot(size_t at, size_t count) noexcept
    {
        for (size_t i = 0; i < count; ++i)
            put(i == at);
    }
    void bytes(uint32_t x) noexcept { put(x & 0xff, x >> 8 & 0xff, x >> 16 & 0xff, x >> 24); }
    void copy(const uint32_t* x, size_t count) noexcept { next_ = std::copy_n(x, count, next_); }
    /// gadgets.Access.
    void access(uint32_t time, uint32_t last) noexcept { put(last, (time - last - 1) & 0xffff); }
    /// Accesses to words in a row.
    void accesses(uint32_t time, const uint32_t* last, size_t count) noexcept
    {
        for (size_t i = 0; i < count; ++i)
            access(time, last[i]);
    }
    /// compare.Comparison.
    void comparison(uint32_t a, uint32_t b, bool is_signed) noexcept
    {
        const uint32_t flip = is_signed ? 0x8000'0000 : 0;
        put(is_signed ? a >> 31 : 0, is_signed ? b >> 31 : 0, (a & 0xffff) < (b & 0xffff));
        put((a ^ flip) < (b ^ flip));
    }
    /// gadgets.Pointer.
    void pointer(uint32_t address) noexcept { put((address & 0xffff) >> 2, address >> 16); }
};

/// A piece of a table: some rows, column by column.
struct Block
{
    size_t first, count;  ///< Rows of all that the chip has.
    uint32_t* cells;      ///< Of the first row, in the first column.
    size_t height;        ///< From a column to the next.

    [[nodiscard]] uint32_t* column(size_t c) const noexcept { return cells + c * height; }
};

/// How one chip's table is made: row by row, or where there is no `fill`, block by block.
struct Filler
{
    std::string_view chip;
    size_t width;
    size_t (*rows)(const Source&);
    void (*fill)(const Source&, size_t, Row&);  ///< One row, all of it.
    /// At most MAX_BLOCK rows.
    void (*fill_block)(const Source&, const Block&) = nullptr;
};
inline constexpr size_t MAX_BLOCK = 128;

/// nullptr for a chip that has none here.
[[nodiscard]] const Filler* filler_of(std::string_view chip) noexcept;

/// Writes rows begin .. end of a chip's table, and padding, to columns of 2^log_height cells.
void fill_columns(const Filler& filler, const Source& source, size_t begin, size_t end,
    uint32_t log_height, uint32_t* columns);
}  // namespace strikefold::riscv
