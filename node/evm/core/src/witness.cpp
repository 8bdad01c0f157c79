#include "evm/witness.hpp"

#include "evm/keccak.hpp"
#include "evm/rlp.hpp"

namespace strikefold::evm {

namespace {

[[nodiscard]] Bytes encode(const Account& account) {
    Bytes items;
    rlp::append_u64(items, account.nonce);
    rlp::append_word(items, account.balance);
    rlp::append_bytes(items, account.storage_root);
    rlp::append_bytes(items, account.code_hash);
    return rlp::list(items);
}

[[nodiscard]] std::optional<Account> decode_account(View data) noexcept {
    rlp::Reader reader(rlp::decode(data));
    Account account;
    account.nonce = reader.u64();
    account.balance = reader.word();
    account.storage_root = reader.array<32>();
    account.code_hash = reader.array<32>();
    if (!reader.finished()) return std::nullopt;
    return account;
}

// Whether the account in the trie has to change.
[[nodiscard]] bool differs(const StateAccount& account, const Hash& storage_root) noexcept {
    if (!account.base) return true;
    return account.nonce != account.base->nonce || account.balance != account.base->balance ||
           account.code_hash != account.base->code_hash ||
           storage_root != account.base->storage_root;
}

}  // namespace

void WitnessDatabase::add_code(View code) {
    const Hash hash = keccak256(code);
    if (codes_.find(hash) == nullptr) codes_.insert(hash, code);
}

const Hash& WitnessDatabase::key_of(const Address& address) {
    if (const Hash* known = account_keys_.find(address)) return *known;
    return account_keys_.insert(address, keccak256(address));
}

const Hash& WitnessDatabase::key_of(const Word& slot) {
    if (const Hash* known = slot_keys_.find(slot)) return *known;
    return slot_keys_.insert(slot, keccak256(slot.to_bytes()));
}

std::optional<Account> WitnessDatabase::account(const Address& address) {
    const View leaf = accounts_.get(key_of(address));
    if (leaf.empty()) return std::nullopt;
    const auto account = decode_account(leaf);
    if (!account) nodes_.fail(Status::witness_account_malformed);
    return account;
}

Trie& WitnessDatabase::storage_trie(const Address& address, const Hash& root) {
    if (Trie* known = storage_.find(address)) return *known;
    return storage_.insert(address, Trie(nodes_, root));
}

Word WitnessDatabase::storage(const Address& address, const Word& slot) {
    Trie* trie = storage_.find(address);
    if (trie == nullptr) {
        const auto found = account(address);
        trie = &storage_trie(address, found ? found->storage_root : empty_trie_root);
    }
    const View leaf = trie->get(key_of(slot));
    if (leaf.empty()) return {};
    rlp::Reader reader(leaf);
    const Word value = reader.word();
    if (!reader.finished() || value.is_zero()) nodes_.fail(Status::witness_slot_malformed);
    return value;
}

View WitnessDatabase::code(const Hash& hash) {
    if (const View* code = codes_.find(hash)) return *code;
    nodes_.fail(Status::witness_code_missing);
    return {};
}

// Deletions come last: only then is every sibling that a deletion pulls up one that the final trie
// holds, and a witness has those.
Hash WitnessDatabase::update(const State& state) {
    for (const auto& entry : state.accounts()) {
        if (Trie* trie = storage_.find(entry->key); trie != nullptr && entry->value.wiped)
            *trie = Trie(nodes_);
        if (entry->value.exists) update_account(entry->value);
    }
    for (const auto& entry : state.accounts())
        if (entry->value.base && !entry->value.exists)
            accounts_.erase(key_of(entry->value.address));
    return accounts_.root();
}

void WitnessDatabase::update_account(const StateAccount& account) {
    const Hash storage_root = update_storage(account);
    if (!differs(account, storage_root)) return;
    const Account leaf{account.nonce, account.balance, storage_root, account.code_hash};
    accounts_.set(key_of(account.address), encode(leaf));
}

Hash WitnessDatabase::update_storage(const StateAccount& account) {
    const Hash before =
        account.base && !account.wiped ? account.base->storage_root : empty_trie_root;
    const auto is_changed = [&](const Slot& slot) {
        return slot.value != (account.wiped ? Word() : slot.base);
    };
    bool changed = false;
    for (const auto& entry : account.slots.entries()) changed |= is_changed(entry->value);
    if (!changed) return before;
    Trie& trie = storage_trie(account.address, before);
    for (const auto& entry : account.slots.entries()) {
        const Slot& slot = entry->value;
        if (!is_changed(slot) || slot.value.is_zero()) continue;
        Bytes value;
        rlp::append_word(value, slot.value);
        trie.set(key_of(entry->key), value);
    }
    for (const auto& entry : account.slots.entries())
        if (is_changed(entry->value) && entry->value.value.is_zero())
            trie.erase(key_of(entry->key));
    return trie.root();
}

}  // namespace strikefold::evm
