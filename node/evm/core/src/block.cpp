#include "evm/block.hpp"

#include "evm/keccak.hpp"

namespace strikefold::evm {

namespace {

// The fields that forks added, in their order; each may be the last.
void read_later_fields(rlp::Reader& fields, Header& header) {
    if (!fields.at_end()) header.base_fee = fields.word();
    if (!fields.at_end()) header.withdrawals_root = fields.array<32>();
    if (!fields.at_end()) header.blob_gas_used = fields.u64();
    if (!fields.at_end()) header.excess_blob_gas = fields.u64();
    if (!fields.at_end()) header.parent_beacon_block_root = fields.array<32>();
    if (!fields.at_end()) header.requests_hash = fields.array<32>();
}

// A typed transaction is a byte string in a block, a legacy one a list.
void read_transactions(rlp::Reader& body, Block& block) {
    rlp::Reader transactions = body.list();
    while (!transactions.at_end()) {
        const rlp::Item item = transactions.next();
        if (!item.is_list && !item.payload.empty() && item.payload[0] >= 0xc0) transactions.fail();
        block.transactions.push_back(item.is_list ? item.encoded : item.payload);
    }
    if (!transactions.finished()) body.fail();
}

void read_withdrawals(rlp::Reader& body, Block& block) {
    rlp::Reader withdrawals = body.list();
    block.withdrawals.emplace();
    while (!withdrawals.at_end()) {
        const rlp::Item item = withdrawals.next();
        rlp::Reader fields(item.is_list ? std::optional(item) : std::nullopt);
        Withdrawal withdrawal;
        static_cast<void>(fields.u64());  // index
        static_cast<void>(fields.u64());  // validator
        withdrawal.address = fields.array<20>();
        withdrawal.amount = fields.u64();
        withdrawal.encoded = item.encoded;
        if (!fields.finished()) withdrawals.fail();
        block.withdrawals->push_back(withdrawal);
    }
    if (!withdrawals.finished()) body.fail();
}

void set_bits(Bloom& bloom, const Hash& digest) noexcept {
    for (std::size_t i = 0; i < 6; i += 2) {
        const std::size_t place = (static_cast<std::size_t>(digest[i]) << 8 | digest[i + 1]) & 2047;
        bloom[255 - place / 8] |= static_cast<std::uint8_t>(1U << (place % 8));
    }
}

}  // namespace

bool decode_header(View encoded, Header& header) {
    rlp::Reader fields(rlp::decode(encoded));
    header.hash = keccak256(encoded);
    header.parent_hash = fields.array<32>();
    header.ommers_hash = fields.array<32>();
    header.coinbase = fields.array<20>();
    header.state_root = fields.array<32>();
    header.transactions_root = fields.array<32>();
    header.receipts_root = fields.array<32>();
    header.bloom = fields.array<256>();
    header.difficulty = fields.word();
    header.number = fields.u64();
    header.gas_limit = fields.u64();
    header.gas_used = fields.u64();
    header.timestamp = fields.u64();
    header.extra_data = fields.bytes();
    header.prev_randao = fields.array<32>();
    header.nonce = fields.array<8>();
    read_later_fields(fields, header);
    return fields.finished();
}

bool decode_block(View encoded, Block& block) {
    rlp::Reader body(rlp::decode(encoded));
    block.size = encoded.size();
    const rlp::Item header = body.next();
    if (!body.ok() || !decode_header(header.encoded, block.header)) return false;
    read_transactions(body, block);
    const rlp::Item ommers = body.next();
    block.ommers = ommers.encoded;
    block.has_ommers = !ommers.payload.empty();
    if (!ommers.is_list) body.fail();
    if (!body.at_end()) read_withdrawals(body, block);
    return body.finished();
}

template <typename Entry>
const Hash& BloomFilter::hash_of(Map<Entry, Hash>& known, const Entry& entry) {
    const Hash* hash = known.find(entry);
    return hash != nullptr ? *hash : known.insert(entry, keccak256(entry));
}

Bloom BloomFilter::of(const std::vector<Log>& logs) {
    Bloom bloom{};
    for (const Log& log : logs) {
        set_bits(bloom, hash_of(addresses_, log.address));
        for (const Hash& topic : log.topics) set_bits(bloom, hash_of(topics_, topic));
    }
    return bloom;
}

void append_log(Bytes& out, const Log& log) {
    Bytes topics, items;
    for (const Hash& topic : log.topics) rlp::append_bytes(topics, topic);
    rlp::append_bytes(items, log.address);
    append(items, rlp::list(topics));
    rlp::append_bytes(items, log.data);
    append(out, rlp::list(items));
}

Bytes encode(const Receipt& receipt, const Bloom& bloom) {
    Bytes logs, items;
    for (const Log& log : receipt.logs) append_log(logs, log);
    rlp::append_u64(items, receipt.success ? 1 : 0);
    rlp::append_u64(items, receipt.cumulative_gas_used);
    rlp::append_bytes(items, bloom);
    append(items, rlp::list(logs));
    Bytes encoded;
    if (receipt.type != 0) encoded.push_back(receipt.type);
    append(encoded, rlp::list(items));
    return encoded;
}

}  // namespace strikefold::evm
