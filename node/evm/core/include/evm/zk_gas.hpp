// Zk gas: what proving is expected to cost, in cells that the block guest's run commits to. Where
// the core is executed it is metered by a table; where it is proved, metering is nothing.
#pragma once

#include <cstdint>

#include "evm/zk_gas_table.hpp"

namespace strikefold::evm {

#ifdef __riscv
inline constexpr bool is_metered = false;
#else
inline constexpr bool is_metered = true;
#endif

// Zk gas of one instruction (in capitals), or of one unit of what a constant cannot say.
namespace zk_gas {
#define STRIKEFOLD_ZK_GAS_ENTRY(name, cells) inline constexpr std::uint64_t name = cells;
STRIKEFOLD_ZK_GAS(STRIKEFOLD_ZK_GAS_ENTRY)
#undef STRIKEFOLD_ZK_GAS_ENTRY
}  // namespace zk_gas

// Sums zk gas over a block. Nothing is taken back with the state: what a frame that failed did is
// proved too.
template <bool counts>
class BasicMeter {
public:
    // So many times an entry of the table.
    void add(std::uint64_t cells, std::uint64_t times = 1) noexcept { cells_ += cells * times; }
    // The blocks' hashes back to this distance: each takes its header, once a block.
    void reach_back(std::uint64_t distance) noexcept {
        if (distance <= distance_) return;
        add(zk_gas::ancestor, distance - distance_);
        distance_ = distance;
    }
    [[nodiscard]] std::uint64_t cells() const noexcept { return cells_; }

private:
    std::uint64_t cells_ = 0;
    std::uint64_t distance_ = 1;  // the parent is always there
};

template <>
class BasicMeter<false> {
public:
    static void add(std::uint64_t, std::uint64_t = 1) noexcept {}
    static void reach_back(std::uint64_t) noexcept {}
    [[nodiscard]] static std::uint64_t cells() noexcept { return 0; }
};

using Meter = BasicMeter<is_metered>;

// For what costs once a block, however often it happens.
template <bool counts>
class BasicOnce {
public:
    [[nodiscard]] bool is_first() noexcept {
        const bool first = !happened_;
        happened_ = true;
        return first;
    }

private:
    bool happened_ = false;
};

template <>
class BasicOnce<false> {
public:
    [[nodiscard]] static bool is_first() noexcept { return false; }
};

using Once = BasicOnce<is_metered>;

}  // namespace strikefold::evm
