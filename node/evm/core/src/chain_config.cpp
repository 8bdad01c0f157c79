#include "evm/chain_config.hpp"

namespace strikefold::evm {

std::optional<Fork> ChainConfig::fork_at(std::uint64_t timestamp) const noexcept {
    if (osaka_time && timestamp >= *osaka_time) return Fork::osaka;
    if (prague_time && timestamp >= *prague_time) return Fork::prague;
    if (cancun_time && timestamp >= *cancun_time) return Fork::cancun;
    if (timestamp >= shanghai_time) return Fork::shanghai;
    return std::nullopt;
}

const BlobSchedule* ChainConfig::blob_schedule_at(std::uint64_t timestamp) const noexcept {
    const BlobSchedule* found = nullptr;
    for (const BlobSchedule& schedule : blob_schedules)
        if (schedule.timestamp <= timestamp) found = &schedule;
    return found;
}

// The Taylor series of fraction * e^(excess / fraction), in integers.
Word blob_base_fee(const BlobSchedule& schedule, std::uint64_t excess) noexcept {
    const Word fraction(schedule.base_fee_update_fraction);
    Word sum, term = fraction;
    for (std::uint64_t i = 1; !term.is_zero(); ++i) {
        Word product;
        if (add_overflows(sum, term, sum) || multiply_overflows(term, excess, product))
            return ~Word();
        term = divide(product, fraction * Word(i)).quotient;
    }
    return divide(sum, fraction).quotient;
}

}  // namespace strikefold::evm
