// Headers, blocks and receipts.
#pragma once

#include <optional>

#include "evm/map.hpp"
#include "evm/rlp.hpp"
#include "evm/state.hpp"
#include "evm/status.hpp"
#include "evm/types.hpp"
#include "evm/word.hpp"

namespace strikefold::evm {

using Bloom = std::array<std::uint8_t, 256>;

// Fields that a fork lacks are absent, and then so are all after them.
struct Header {
    Hash hash{};
    Hash parent_hash{};
    Hash ommers_hash{};
    Address coinbase{};
    Hash state_root{}, transactions_root{}, receipts_root{};
    Bloom bloom{};
    Word difficulty;
    std::uint64_t number = 0, gas_limit = 0, gas_used = 0, timestamp = 0;
    View extra_data;
    Hash prev_randao{};
    std::array<std::uint8_t, 8> nonce{};
    std::optional<Word> base_fee;
    std::optional<Hash> withdrawals_root;
    std::optional<std::uint64_t> blob_gas_used, excess_blob_gas;
    std::optional<Hash> parent_beacon_block_root, requests_hash;
};

struct Withdrawal {
    Address address{};
    std::uint64_t amount = 0;  // gwei
    View encoded;
};

// transactions: as they are decoded, type byte and payload or an RLP list.
struct Block {
    Header header;
    std::vector<View> transactions;
    bool has_ommers = false;
    View ommers;  // encoded
    std::optional<std::vector<Withdrawal>> withdrawals;
    std::size_t size = 0;  // bytes, encoded
};

struct Receipt {
    std::uint8_t type = 0;
    bool success = false;
    std::uint64_t cumulative_gas_used = 0;
    std::vector<Log> logs;
};

// The list must hold a header and nothing else. Both refer to the bytes given.
[[nodiscard]] bool decode_header(View encoded, Header& header);
[[nodiscard]] bool decode_block(View encoded, Block& block);

// Makes filters of logs (Yellow Paper, 4.4.3), and hashes each address and topic once: contracts
// log the same ones again and again.
class BloomFilter {
public:
    // seed: see Map.
    explicit BloomFilter(std::uint32_t seed) noexcept : addresses_(seed), topics_(seed) {}

    [[nodiscard]] Bloom of(const std::vector<Log>& logs);

private:
    template <typename Entry>
    [[nodiscard]] static const Hash& hash_of(Map<Entry, Hash>& known, const Entry& entry);

    Map<Address, Hash> addresses_;
    Map<Hash, Hash> topics_;
};

void append_log(Bytes& out, const Log& log);
// bloom: the filter of its logs.
[[nodiscard]] Bytes encode(const Receipt& receipt, const Bloom& bloom);

}  // namespace strikefold::evm
