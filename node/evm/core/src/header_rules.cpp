// Sources: Yellow Paper 4.3.4, EIP-1559, 3675, 4844, 4895, 7685, 7691, 7892, 7918, 7934.
#include "header_rules.hpp"

#include "evm/keccak.hpp"
#include "evm/transaction.hpp"
#include "evm/trie.hpp"

namespace strikefold::evm {

namespace {

constexpr std::size_t max_extra_data = 32;
constexpr std::size_t max_block_bytes = 10 * (1 << 20) - 2 * (1 << 20);  // EIP-7934
constexpr std::uint64_t max_gas_limit = (std::uint64_t{1} << 63) - 1;
constexpr std::uint64_t min_gas_limit = 5000, gas_limit_divisor = 1024, elasticity = 2;
constexpr std::uint64_t base_fee_denominator = 8;
constexpr std::uint64_t blob_base_cost = 1 << 13;  // EIP-7918

[[nodiscard]] Status check_place(const Header& header, const Header& parent) noexcept {
    if (header.parent_hash != parent.hash) return Status::unknown_parent;
    if (parent.number + 1 != header.number) return Status::block_number;
    if (header.timestamp <= parent.timestamp) return Status::timestamp;
    if (header.extra_data.size() > max_extra_data) return Status::extra_data;
    return Status::ok;
}

// The fields present are those of the fork.
[[nodiscard]] Status check_fields(const Header& header, Fork fork) noexcept {
    const bool cancun = fork >= Fork::cancun;
    const bool fits = header.base_fee && header.withdrawals_root &&
                      header.blob_gas_used.has_value() == cancun &&
                      header.excess_blob_gas.has_value() == cancun &&
                      header.parent_beacon_block_root.has_value() == cancun &&
                      header.requests_hash.has_value() == (fork >= Fork::prague);
    return fits ? Status::ok : Status::block_format;
}

[[nodiscard]] Word next_base_fee(const Header& parent) noexcept {
    const Word fee = parent.base_fee.value_or(Word());
    const std::uint64_t target = parent.gas_limit / elasticity, used = parent.gas_used;
    if (used == target) return fee;
    const std::uint64_t distance = used > target ? used - target : target - used;
    const Word scaled =
        divide(fee * Word(distance), Word(std::max<std::uint64_t>(target, 1))).quotient;
    const Word step = divide(scaled, Word(base_fee_denominator)).quotient;
    if (used < target) return fee - step;
    return fee + (step.is_zero() ? Word(1) : step);
}

[[nodiscard]] Status check_gas(const Header& header, const Header& parent) noexcept {
    if (header.gas_limit > max_gas_limit) return Status::gas_limit_too_big;
    if (header.gas_used > header.gas_limit) return Status::gas_used_above_limit;
    const std::uint64_t step = parent.gas_limit / gas_limit_divisor;
    const std::uint64_t distance = header.gas_limit > parent.gas_limit
                                       ? header.gas_limit - parent.gas_limit
                                       : parent.gas_limit - header.gas_limit;
    if (distance >= step || header.gas_limit < min_gas_limit) return Status::gas_limit;
    if (*header.base_fee != next_base_fee(parent)) return Status::base_fee;
    return Status::ok;
}

// EIP-3675: what proof of work left behind is constant.
[[nodiscard]] Status check_merged(const Header& header) noexcept {
    if (!header.difficulty.is_zero()) return Status::difficulty;
    if (header.nonce != std::array<std::uint8_t, 8>{}) return Status::header_nonce;
    if (header.ommers_hash != empty_ommers_hash) return Status::ommers;
    return Status::ok;
}

// The excess after `parent`, under the new block's schedule.
[[nodiscard]] Word next_excess_blob_gas(const BlobSchedule& schedule, Fork fork,
                                        const Header& parent) noexcept {
    const std::uint64_t excess = parent.excess_blob_gas.value_or(0);
    const std::uint64_t used = parent.blob_gas_used.value_or(0);
    const Word sum = Word(excess) + Word(used);
    const Word target = Word(schedule.target) * Word(gas_per_blob);
    if (sum < target) return {};
    if (fork >= Fork::osaka) {
        const Word floor = Word(blob_base_cost) * parent.base_fee.value_or(Word());
        Word price;
        const bool is_large =
            multiply_overflows(gas_per_blob, blob_base_fee(schedule, excess), price);
        if (!is_large && floor > price) {
            const Word share = Word(used) * Word(schedule.max - schedule.target);
            return Word(excess) + divide(share, Word(schedule.max)).quotient;
        }
    }
    return sum - target;
}

[[nodiscard]] Status check_blob_gas(const BlobSchedule& schedule, Fork fork, const Header& header,
                                    const Header& parent) noexcept {
    const std::uint64_t used = *header.blob_gas_used;
    if (Word(used) > Word(schedule.max) * Word(gas_per_blob)) return Status::blob_gas_above_limit;
    if (used % gas_per_blob != 0) return Status::blob_gas_used;
    const Word expected = next_excess_blob_gas(schedule, fork, parent);
    return Word(*header.excess_blob_gas) == expected ? Status::ok : Status::excess_blob_gas;
}

}  // namespace

Status check_header(const ChainConfig& config, const Header& header,
                    const Header& parent) noexcept {
    const auto fork = config.fork_at(header.timestamp);
    if (const Status status = check_place(header, parent); status != Status::ok) return status;
    if (!fork) return Status::fork_not_supported;
    if (const Status status = check_fields(header, *fork); status != Status::ok) return status;
    if (const Status status = check_gas(header, parent); status != Status::ok) return status;
    if (const Status status = check_merged(header); status != Status::ok) return status;
    if (*fork < Fork::cancun) return Status::ok;
    const BlobSchedule* schedule = config.blob_schedule_at(header.timestamp);
    if (schedule == nullptr) return Status::fork_not_supported;
    return check_blob_gas(*schedule, *fork, header, parent);
}

Status check_body(Fork fork, const Block& block) {
    const Header& header = block.header;
    if (fork >= Fork::osaka && block.size > max_block_bytes) return Status::block_size;
    if (keccak256(block.ommers) != header.ommers_hash) return Status::ommers_hash;
    if (ordered_root(block.transactions) != header.transactions_root)
        return Status::transactions_root;
    if (!block.withdrawals) return Status::block_format;
    std::vector<View> withdrawals;
    for (const Withdrawal& withdrawal : *block.withdrawals)
        withdrawals.push_back(withdrawal.encoded);
    if (ordered_root(withdrawals) != *header.withdrawals_root) return Status::withdrawals_root;
    return Status::ok;
}

}  // namespace strikefold::evm
