#include "evm/state.hpp"

#include "evm/keccak.hpp"

namespace strikefold::evm {

State::State(Database& database, std::uint32_t seed, History history)
    : database_(&database),
      seed_(seed),
      history_(history),
      accounts_(seed),
      codes_(seed),
      transient_(seed) {}

StateAccount& State::account_entry(const Address& address) {
    if (StateAccount* known = accounts_.find(address)) return *known;
    StateAccount account;
    account.address = address;
    account.slots = Map<Word, Slot>(seed_);
    return accounts_.insert(address, std::move(account));
}

StateAccount& State::load(StateAccount& account) {
    if (account.loaded) return account;
    account.loaded = true;
    meter.add(zk_gas::account_read);
    account.base = database_->account(account.address);
    if (account.base) {
        account.nonce = account.base->nonce;
        account.balance = account.base->balance;
        account.code_hash = account.base->code_hash;
        account.exists = true;
    }
    return account;
}

Slot& State::slot_entry(StateAccount& account, const Word& key) {
    if (Slot* known = account.slots.find(key)) return *known;
    meter.add(zk_gas::slot_new);
    return account.slots.insert(key, Slot{});
}

Slot& State::load(StateAccount& account, const Word& key, Slot& slot) {
    if (!slot.loaded) {
        slot.loaded = true;
        // Where the wiping is taken back, the database counts again.
        if (account.wiped && history_ == History::everything) record(Change::Kind::loaded, &slot);
        if (!account.wiped && account.base && account.base->storage_root != empty_trie_root) {
            meter.add(zk_gas::slot_read);
            slot.value = slot.base = database_->storage(account.address, key);
        }
    }
    if (slot.original_tx != tx_) {
        slot.original_tx = tx_;
        slot.original = slot.value;
    }
    return slot;
}

const Code& State::code(StateAccount& account) {
    if (account.code == nullptr) {
        const View bytes = account.has_code() && codes_.find(account.code_hash) == nullptr
                               ? database_->code(account.code_hash)
                               : View{};
        meter.add(zk_gas::code_byte, bytes.size());
        account.code = &store_code(bytes, account.code_hash);
    }
    return *account.code;
}

const Code& State::store_code(View code, const Hash& hash) {
    if (const auto* known = codes_.find(hash)) return **known;
    return *codes_.insert(hash, std::make_unique<Code>(code, hash));
}

std::optional<Address> State::delegate(StateAccount& account) {
    if (!account.has_code()) return std::nullopt;
    return code(account).delegate();
}

bool State::has_storage(const StateAccount& account) const noexcept {
    if (!account.wiped && account.base && account.base->storage_root != empty_trie_root)
        return true;
    for (const auto& entry : account.slots.entries())
        if (!entry->value.value.is_zero()) return true;
    return false;
}

void State::make_exist(StateAccount& account) {
    if (account.exists) return;
    record(Change::Kind::exists, &account);
    account.exists = true;
}

void State::set_balance(StateAccount& account, const Word& balance) {
    make_exist(account);
    meter_write(account);
    record(Change::Kind::balance, &account, account.balance);
    account.balance = balance;
}

void State::add_balance(StateAccount& account, const Word& wei) {
    const bool nothing = wei.is_zero() && account.balance.is_zero();
    set_balance(account, account.balance + wei);
    if (nothing) touch(account);
}

void State::transfer(StateAccount& from, StateAccount& to, const Word& wei) {
    if (!wei.is_zero()) set_balance(from, from.balance - wei);
    add_balance(to, wei);
}

void State::set_nonce(StateAccount& account, std::uint64_t nonce) {
    make_exist(account);
    meter_write(account);
    record(Change::Kind::nonce, &account, account.nonce);
    account.nonce = nonce;
}

void State::set_code(StateAccount& account, View bytes) {
    make_exist(account);
    meter_write(account);
    meter.add(zk_gas::code_byte, bytes.size());
    journal_.push_back({Change::Kind::code, &account, Word(account.code_hash), account.code});
    account.code_hash = bytes.empty() ? empty_code_hash : keccak256(bytes);
    account.code = &store_code(bytes, account.code_hash);
}

void State::set_slot(Slot& slot, const Word& value) {
    record(Change::Kind::slot, &slot, slot.value);
    slot.value = value;
}

void State::touch(StateAccount& account) {
    if (account.touched_tx == tx_) return;
    record(Change::Kind::touched, &account, account.touched_tx);
    account.touched_tx = tx_;
    touched_.push_back(&account);
}

void State::mark_created(StateAccount& account) {
    record(Change::Kind::created, &account, account.created_tx);
    account.created_tx = tx_;
}

void State::mark_destroyed(StateAccount& account) {
    if (account.destroyed_tx == tx_) return;
    record(Change::Kind::destroyed, &account, account.destroyed_tx);
    account.destroyed_tx = tx_;
    destroyed_.push_back(&account);
}

bool State::warm_up(StateAccount& account) {
    if (account.warm_tx == tx_) return false;
    record(Change::Kind::warm_account, &account, account.warm_tx);
    account.warm_tx = tx_;
    return true;
}

bool State::warm_up(Slot& slot) {
    if (slot.warm_tx == tx_) return false;
    record(Change::Kind::warm_slot, &slot, slot.warm_tx);
    slot.warm_tx = tx_;
    return true;
}

Word State::transient(const StateAccount& account, const Word& key) const {
    const Word* value = transient_.find({&account, key});
    return value == nullptr ? Word() : *value;
}

void State::set_transient(const StateAccount& account, const Word& key, const Word& value) {
    Word* current = transient_.find({&account, key});
    if (current == nullptr) current = &transient_.insert({&account, key}, Word());
    record(Change::Kind::transient, current, *current);
    *current = value;
}

void State::revert(const Snapshot& snapshot) {
    for (; journal_.size() > snapshot.journal; journal_.pop_back()) undo(journal_.back());
    logs_.erase(logs_.begin() + static_cast<std::ptrdiff_t>(snapshot.logs), logs_.end());
    refund_ = snapshot.refund;
}

void State::undo(const Change& change) {
    using Kind = Change::Kind;
    const auto account = [&]() -> StateAccount& {
        return *static_cast<StateAccount*>(change.target);
    };
    const auto mark = static_cast<std::uint32_t>(change.old.low64());
    switch (change.kind) {
        case Kind::balance:
            account().balance = change.old;
            break;
        case Kind::nonce:
            account().nonce = change.old.low64();
            break;
        case Kind::code:
            account().code = change.old_code;
            account().code_hash = change.old.to_bytes();
            break;
        case Kind::exists:
            account().exists = !change.old.is_zero();
            break;
        case Kind::wiped:
            account().wiped = !change.old.is_zero();
            break;
        case Kind::loaded:
            static_cast<Slot*>(change.target)->loaded = false;
            break;
        case Kind::slot:
            static_cast<Slot*>(change.target)->value = change.old;
            break;
        case Kind::warm_account:
            account().warm_tx = mark;
            break;
        case Kind::warm_slot:
            static_cast<Slot*>(change.target)->warm_tx = mark;
            break;
        case Kind::created:
            account().created_tx = mark;
            break;
        case Kind::transient:
            *static_cast<Word*>(change.target) = change.old;
            break;
        case Kind::touched:
            account().touched_tx = mark;
            touched_.pop_back();
            break;
        case Kind::destroyed:
            account().destroyed_tx = mark;
            destroyed_.pop_back();
            break;
    }
}

void State::begin_transaction() {
    ++tx_;
    if (history_ == History::transaction) journal_.clear();
    first_change_ = journal_.size();
    destroyed_.clear();
    touched_.clear();
    logs_.clear();
    transient_.clear();
    refund_ = 0;
}

std::vector<Log> State::end_transaction() {
    for (StateAccount* account : destroyed_) remove(*account);
    for (StateAccount* account : touched_)
        if (account->exists && account->is_empty()) remove(*account);
    if (history_ == History::transaction) {
        journal_.clear();
    } else {
        const auto first = journal_.begin() + static_cast<std::ptrdiff_t>(first_change_);
        const auto kept = std::remove_if(first, journal_.end(), [](const Change& change) {
            return change.ends_with_transaction();
        });
        journal_.erase(kept, journal_.end());
    }
    return std::move(logs_);
}

void State::clear_storage(StateAccount& account) {
    record(Change::Kind::wiped, &account, Word(account.wiped ? 1 : 0));
    account.wiped = true;
    for (const auto& entry : account.slots.entries())
        if (!entry->value.value.is_zero()) set_slot(entry->value, Word());
}

void State::remove(StateAccount& account) {
    record(Change::Kind::exists, &account, Word(account.exists ? 1 : 0));
    record(Change::Kind::nonce, &account, account.nonce);
    record(Change::Kind::balance, &account, account.balance);
    journal_.push_back({Change::Kind::code, &account, Word(account.code_hash), account.code});
    account.exists = false;
    account.nonce = 0;
    account.balance = Word();
    account.code_hash = empty_code_hash;
    account.code = nullptr;
    clear_storage(account);
}

}  // namespace strikefold::evm
