// The trace of the plain run: counts rows, and notes which leaves and nodes a segment touches.
#pragma once

#include <riscv/machine.hpp>
#include <riscv/rows.hpp>
#include <span>
#include <vector>

namespace strikefold::riscv
{
class Meter
{
    static constexpr uint32_t LEAVES_PER_PAGE = 128;

    Machine& machine_;
    bool keeps_leaves_;
    uint64_t page_limit_;
    std::array<uint64_t, OPS> ops_{};
    std::array<uint64_t, CALLS> calls_{};
    /// The segment that touched a leaf, a node (the root at 1) last; whether a page was ever.
    Mapped<uint32_t> leaf_segment_{LEAVES};
    Mapped<uint32_t> node_segment_{LEAVES};
    Mapped<uint8_t> page_touched_{LEAVES / LEAVES_PER_PAGE};
    uint32_t segment_ = 0;
    uint64_t leaves_ = 0;
    uint64_t nodes_ = 0;
    uint64_t pages_ = 0;
    uint64_t pause_at_ = UINT64_MAX;  ///< How many touched leaves interrupt.
    bool interrupted_ = false;
    std::vector<std::pair<uint32_t, Leaf>> before_;

public:
    static constexpr bool RECORDS = false;

    /// keeps_leaves: whether leaves() is wanted.
    Meter(Machine& machine, bool keeps_leaves, uint64_t page_limit) noexcept
      : machine_{machine}, keeps_leaves_{keeps_leaves}, page_limit_{page_limit}
    {
        begin_segment();
    }

    uint32_t access(uint32_t word, uint32_t) noexcept
    {
        const uint32_t leaf = word / LEAF_WORDS;
        if (leaf_segment_[leaf] != segment_) [[unlikely]]
            touch(leaf);
        return 0;
    }
    uint32_t access_register(uint32_t, uint32_t) noexcept { return 0; }
    void count(Op op) noexcept { ++ops_[static_cast<size_t>(op)]; }
    void call(Call call, std::span<const uint32_t>) noexcept
    {
        ++calls_[static_cast<size_t>(call)];
    }
    [[nodiscard]] bool interrupted() const noexcept { return interrupted_; }

    void begin_segment() noexcept;
    /// Asks for a pause after so many more touched leaves.
    void pause_after(uint64_t leaves) noexcept
    {
        pause_at_ = leaves_ + leaves;
        interrupted_ = false;
    }
    [[nodiscard]] bool exceeds_memory() const noexcept { return pages_ > page_limit_; }
    /// Of this segment.
    [[nodiscard]] Rows rows() const noexcept;
    /// What the segment's leaves held before it, ascending.
    [[nodiscard]] std::vector<std::pair<uint32_t, Leaf>> leaves() const;

private:
    [[gnu::noinline]] void touch(uint32_t leaf) noexcept;
};
}  // namespace strikefold::riscv
