// Transactions of types 0 to 4 (EIP-155, 2718, 2930, 1559, 4844, 7702).
#pragma once

#include <optional>

#include "evm/fork.hpp"
#include "evm/status.hpp"
#include "evm/word.hpp"

namespace strikefold::evm {

namespace transaction_type {
inline constexpr std::uint8_t legacy = 0, access_list = 1, dynamic_fee = 2, blob = 3, set_code = 4;
}  // namespace transaction_type

inline constexpr std::uint64_t gas_per_blob = 1 << 17;

struct AccessListEntry {
    Address address{};
    std::vector<Word> slots;
};

// One EIP-7702 authorization. Its signature may be anything: a bad one is passed over.
struct Authorization {
    Word chain_id;
    Address address{};
    std::uint64_t nonce = 0;
    std::uint8_t y_parity = 0;
    Word r, s;
};

// Fields that a type lacks keep their neutral value; the gas price of types 0 and 1 is in both
// fees. to: nothing creates. chain_id: nothing for a legacy transaction without EIP-155.
struct Transaction {
    std::uint8_t type = transaction_type::legacy;
    std::optional<Word> chain_id;
    std::uint64_t nonce = 0;
    Word max_priority_fee, max_fee;
    std::uint64_t gas_limit = 0;
    std::optional<Address> to;
    Word value;
    View data;
    std::vector<AccessListEntry> access_list;
    Word max_blob_fee;
    std::vector<Hash> blob_hashes;
    std::vector<Authorization> authorizations;
    bool y_is_odd = false;
    Word r, s;
    Hash signing_hash{};

    [[nodiscard]] std::uint64_t blob_gas() const noexcept {
        return gas_per_blob * blob_hashes.size();
    }
    // What the sender pays per gas in a block with this base fee, which max_fee is not below.
    [[nodiscard]] Word gas_price(const Word& base_fee) const noexcept {
        const Word room = max_fee - base_fee;
        return base_fee + (max_priority_fee < room ? max_priority_fee : room);
    }
};

// Decodes what `encoded` holds and nothing else. The transaction refers to these bytes.
[[nodiscard]] Status decode_transaction(View encoded, Transaction& transaction);

// The signer (EIP-2: s is low); nothing where there is none.
[[nodiscard]] std::optional<Address> sender_of(const Transaction& transaction);
[[nodiscard]] std::optional<Address> authority_of(const Authorization& authorization);

// What is due before execution, and the least that is paid at all (EIP-7623; 0 before Prague).
struct IntrinsicGas {
    std::uint64_t gas = 0, floor = 0;
};

[[nodiscard]] IntrinsicGas intrinsic_gas(Fork fork, const Transaction& transaction) noexcept;

}  // namespace strikefold::evm
