// What the block and the transaction around an execution are.
#pragma once

#include "evm/fork.hpp"
#include "evm/types.hpp"
#include "evm/word.hpp"

namespace strikefold::evm {

// Fees in wei per gas. max_blobs: that a block may carry. ancestors: hashes of the blocks before,
// parent first, as many as are known of the last 256.
struct BlockEnv {
    Fork fork = Fork::osaka;
    std::uint64_t chain_id = 0;
    std::uint64_t number = 0;
    std::uint64_t timestamp = 0;
    Address coinbase{};
    std::uint64_t gas_limit = 0;
    Hash prev_randao{};
    Word base_fee;
    Word blob_base_fee;
    std::uint64_t max_blobs = 0;
    std::vector<Hash> ancestors;
};

struct TransactionEnv {
    Address origin{};
    Word gas_price;
    std::span<const Hash> blob_hashes;
};

}  // namespace strikefold::evm
