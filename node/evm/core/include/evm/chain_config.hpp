// When which rules of a chain hold.
#pragma once

#include <optional>

#include "evm/environment.hpp"
#include "evm/types.hpp"

namespace strikefold::evm {

// Blob parameters from a time on (EIP-7840): blobs a block, EIP-4844 update fraction (not zero).
struct BlobSchedule {
    std::uint64_t timestamp = 0, target = 0, max = 0, base_fee_update_fraction = 1;
};

// Activation times in seconds; a fork that is not scheduled has none. Blocks before Shanghai are
// not this core's. blob_schedules: ascending.
struct ChainConfig {
    std::uint64_t chain_id = 0;
    std::uint64_t shanghai_time = 0;
    std::optional<std::uint64_t> cancun_time, prague_time, osaka_time;
    std::vector<BlobSchedule> blob_schedules;
    Address deposit_contract{};

    [[nodiscard]] std::optional<Fork> fork_at(std::uint64_t timestamp) const noexcept;
    // Null before Cancun.
    [[nodiscard]] const BlobSchedule* blob_schedule_at(std::uint64_t timestamp) const noexcept;
};

// Wei per blob gas at this excess (EIP-4844); the largest word where it does not fit one.
[[nodiscard]] Word blob_base_fee(const BlobSchedule& schedule, std::uint64_t excess) noexcept;

}  // namespace strikefold::evm
