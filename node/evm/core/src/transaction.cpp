#include "evm/transaction.hpp"

#include "evm/ecdsa.hpp"
#include "evm/keccak.hpp"
#include "evm/rlp.hpp"

namespace strikefold::evm {

namespace {

namespace type = transaction_type;

constexpr std::uint8_t set_code_magic = 0x05;

void read_access_list(rlp::Reader& fields, Transaction& tx) {
    rlp::Reader entries = fields.list();
    while (!entries.at_end()) {
        rlp::Reader entry = entries.list();
        AccessListEntry item{entry.array<20>(), {}};
        rlp::Reader slots = entry.list();
        while (!slots.at_end()) item.slots.push_back(Word(slots.array<32>()));
        if (!slots.finished() || !entry.finished()) entries.fail();
        tx.access_list.push_back(std::move(item));
    }
    if (!entries.finished()) fields.fail();
}

void read_blob_hashes(rlp::Reader& fields, Transaction& tx) {
    tx.max_blob_fee = fields.word();
    rlp::Reader hashes = fields.list();
    while (!hashes.at_end()) tx.blob_hashes.push_back(hashes.array<32>());
    if (!hashes.finished()) fields.fail();
}

void read_authorizations(rlp::Reader& fields, Transaction& tx) {
    rlp::Reader entries = fields.list();
    while (!entries.at_end()) {
        rlp::Reader entry = entries.list();
        Authorization authorization;
        authorization.chain_id = entry.word();
        authorization.address = entry.array<20>();
        authorization.nonce = entry.u64();
        const std::uint64_t y_parity = entry.u64();
        authorization.r = entry.word();
        authorization.s = entry.word();
        if (!entry.finished() || y_parity > 0xff) entries.fail();
        authorization.y_parity = static_cast<std::uint8_t>(y_parity);
        tx.authorizations.push_back(authorization);
    }
    if (!entries.finished()) fields.fail();
}

// Everything before the signature.
void read_fields(rlp::Reader& fields, Transaction& tx) {
    if (tx.type != type::legacy) tx.chain_id = fields.word();
    tx.nonce = fields.u64();
    tx.max_priority_fee = fields.word();
    tx.max_fee = tx.type >= type::dynamic_fee ? fields.word() : tx.max_priority_fee;
    tx.gas_limit = fields.u64();
    tx.to = fields.optional_array<20>();
    tx.value = fields.word();
    tx.data = fields.bytes();
    if (tx.type != type::legacy) read_access_list(fields, tx);
    if (tx.type == type::blob) read_blob_hashes(fields, tx);
    if (tx.type == type::set_code) read_authorizations(fields, tx);
}

// The chain id and the parity that a legacy v holds (EIP-155); false where it holds none.
[[nodiscard]] bool split_v(const Word& v, Transaction& tx) noexcept {
    if (v == Word(27) || v == Word(28)) {
        tx.y_is_odd = v == Word(28);
        return true;
    }
    if (v < Word(35)) return false;
    tx.chain_id = (v - Word(35)) >> 1;
    tx.y_is_odd = bit((v - Word(35)).limbs, 0);
    return true;
}

[[nodiscard]] Hash signing_hash(const Transaction& tx, View fields) {
    Bytes items(fields.begin(), fields.end());
    if (tx.type == type::legacy && tx.chain_id) {
        rlp::append_word(items, *tx.chain_id);
        rlp::append_u64(items, 0);
        rlp::append_u64(items, 0);
    }
    Bytes message;
    if (tx.type != type::legacy) message.push_back(tx.type);
    append(message, rlp::list(items));
    return keccak256(message);
}

}  // namespace

Status decode_transaction(View encoded, Transaction& tx) {
    if (encoded.empty()) return Status::tx_rlp;
    const bool is_typed = encoded[0] < 0xc0;
    if (is_typed && (encoded[0] == type::legacy || encoded[0] > type::set_code))
        return Status::tx_type;
    tx.type = is_typed ? encoded[0] : type::legacy;
    const auto list = rlp::decode(encoded.subspan(is_typed ? 1 : 0));
    rlp::Reader fields(list);
    read_fields(fields, tx);
    if (!fields.ok()) return Status::tx_rlp;
    const View signed_part = list->payload.first(list->payload.size() - fields.rest().size());
    const Word v = fields.word();
    tx.r = fields.word();
    tx.s = fields.word();
    if (!fields.finished()) return Status::tx_rlp;
    if (is_typed) {
        if (v > Word(1)) return Status::tx_signature;
        tx.y_is_odd = v == Word(1);
    } else if (!split_v(v, tx)) {
        return Status::tx_signature;
    }
    tx.signing_hash = signing_hash(tx, signed_part);
    return Status::ok;
}

std::optional<Address> sender_of(const Transaction& tx) {
    if (tx.s > secp256k1::half_order) return std::nullopt;
    return secp256k1::recover(tx.signing_hash, tx.y_is_odd, tx.r, tx.s);
}

std::optional<Address> authority_of(const Authorization& authorization) {
    if (authorization.s > secp256k1::half_order || authorization.y_parity > 1) return std::nullopt;
    Bytes items;
    rlp::append_word(items, authorization.chain_id);
    rlp::append_bytes(items, authorization.address);
    rlp::append_u64(items, authorization.nonce);
    Bytes message{set_code_magic};
    append(message, rlp::list(items));
    return secp256k1::recover(keccak256(message), authorization.y_parity == 1, authorization.r,
                              authorization.s);
}

IntrinsicGas intrinsic_gas(Fork fork, const Transaction& tx) noexcept {
    constexpr std::uint64_t base = 21'000, creation = 32'000, initcode_word = 2, zero_byte = 4,
                            floor_token = 10, listed_address = 2400, listed_slot = 1900,
                            authorization = 25'000;
    const auto zeros = static_cast<std::uint64_t>(std::ranges::count(tx.data, std::uint8_t{0}));
    const std::uint64_t tokens = zeros + 4 * (tx.data.size() - zeros);
    IntrinsicGas cost{base + zero_byte * tokens, 0};
    if (!tx.to) cost.gas += creation + initcode_word * ((tx.data.size() + 31) / 32);
    for (const AccessListEntry& entry : tx.access_list)
        cost.gas += listed_address + listed_slot * entry.slots.size();
    cost.gas += authorization * tx.authorizations.size();
    if (fork >= Fork::prague) cost.floor = base + floor_token * tokens;
    return cost;
}

}  // namespace strikefold::evm
