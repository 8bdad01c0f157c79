// A database over an execution witness: the account trie and the storage tries below it, as far as
// their nodes are given. Trusts nothing in it: nodes and codes are found by their hash.
#pragma once

#include <memory>

#include "evm/database.hpp"
#include "evm/map.hpp"
#include "evm/state.hpp"
#include "evm/trie.hpp"

namespace strikefold::evm {

class WitnessDatabase final : public Database {
public:
    // seed: see Map.
    explicit WitnessDatabase(const Hash& root = empty_trie_root, std::uint32_t seed = 0)
        : accounts_(nodes_, root),
          storage_(seed),
          codes_(seed),
          account_keys_(seed),
          slot_keys_(seed) {}
    WitnessDatabase(const WitnessDatabase&) = delete;
    WitnessDatabase& operator=(const WitnessDatabase&) = delete;

    // Both are kept by reference.
    void add_node(View node) { nodes_.add(node); }
    void add_code(View code);

    [[nodiscard]] std::optional<Account> account(const Address& address) override;
    [[nodiscard]] Word storage(const Address& address, const Word& slot) override;
    [[nodiscard]] View code(const Hash& hash) override;
    [[nodiscard]] Status status() const override { return nodes_.status(); }

    // Moves on to a state of which this is the base; returns the root. Codes are the state's.
    [[nodiscard]] Hash update(const State& state);

private:
    [[nodiscard]] const Hash& key_of(const Address& address);
    [[nodiscard]] const Hash& key_of(const Word& slot);
    [[nodiscard]] Trie& storage_trie(const Address& address, const Hash& root);
    void update_account(const StateAccount& account);
    [[nodiscard]] Hash update_storage(const StateAccount& account);

    NodeSet nodes_;
    Trie accounts_;
    Map<Address, Trie> storage_;
    Map<Hash, View> codes_;
    // In their tries, where accounts and slots are read first and may be written later.
    Map<Address, Hash> account_keys_;
    Map<Word, Hash> slot_keys_;
};

}  // namespace strikefold::evm
