// Validates a block from its execution witness alone: what a proof proves (the semantics of
// verify_stateless_new_payload of Ethereum's execution specs, on a block in RLP).
#pragma once

#include "evm/block.hpp"
#include "evm/chain_config.hpp"

namespace strikefold::evm {

// nodes: RLP of trie nodes. codes: bytecodes. headers: RLP of ancestors without a gap, oldest
// first, the parent last. Nothing in them is trusted, more than needed does no harm.
struct Witness {
    std::vector<View> nodes, codes, headers;
};

// header: refers to the block's bytes. status: ok, or the first rule that the block breaks or the
// witness does not let us check; then nothing else counts.
struct BlockResult {
    Status status = Status::ok;
    Header header;
    Hash state_root{};
    std::vector<Receipt> receipts;
    std::vector<Bytes> requests;
    std::uint64_t gas_used = 0;
};

[[nodiscard]] BlockResult validate_block(const ChainConfig& config, View block,
                                         const Witness& witness);

}  // namespace strikefold::evm
