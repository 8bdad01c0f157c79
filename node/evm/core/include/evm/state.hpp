// The state while a block executes: what was read and written, on top of a database. Every change
// within a transaction is journalled and can be taken back; with history kept, whole transactions
// can be too.
#pragma once

#include <memory>
#include <optional>

#include "evm/code.hpp"
#include "evm/database.hpp"
#include "evm/map.hpp"
#include "evm/zk_gas.hpp"

namespace strikefold::evm {

// base: before the block. original: before the transaction, valid where `original_tx` is the
// current one. Marks hold the number of the transaction that set them. Being warm does not mean to
// be loaded: a price is paid before anything is read.
struct Slot {
    Word value, base, original;
    std::uint32_t original_tx = 0;
    std::uint32_t warm_tx = 0;
    bool loaded = false;
    [[no_unique_address]] Once write{};
};

struct StateAccount {
    Address address{};
    bool loaded = false;
    std::uint64_t nonce = 0;
    Word balance;
    Hash code_hash = empty_code_hash;
    const Code* code = nullptr;  // null: not loaded
    bool exists = false;
    bool wiped = false;  // no slot is read from the database any more
    std::uint32_t warm_tx = 0;
    std::uint32_t created_tx = 0;
    std::uint32_t destroyed_tx = 0;
    std::uint32_t touched_tx = 0;
    std::optional<Account> base;
    Map<Word, Slot> slots;
    [[no_unique_address]] Once write{};

    [[nodiscard]] bool is_empty() const noexcept {
        return nonce == 0 && balance.is_zero() && code_hash == empty_code_hash;
    }
    [[nodiscard]] bool is_dead() const noexcept { return !exists || is_empty(); }
    [[nodiscard]] bool has_code() const noexcept { return code_hash != empty_code_hash; }
};

struct Log {
    Address address{};
    std::vector<Hash> topics;
    Bytes data;
};

class State {
public:
    struct Snapshot {
        std::size_t journal, logs;
        std::int64_t refund;
    };

    enum class History : bool { transaction, everything };

    // seed: see Map. history: how far back `revert` can go.
    explicit State(Database& database, std::uint32_t seed = 0,
                   History history = History::transaction);

    [[nodiscard]] Status status() const { return database_->status(); }
    // The hash of an ancestor that the block's environment does not hold; nothing where unknown.
    [[nodiscard]] std::optional<Hash> ancestor(std::uint64_t number) {
        return database_->block_hash(number);
    }

    // References stay valid. Entries may not be loaded yet: they are for warming up.
    [[nodiscard]] StateAccount& account_entry(const Address& address);
    [[nodiscard]] Slot& slot_entry(StateAccount& account, const Word& key);
    StateAccount& load(StateAccount& account);
    Slot& load(StateAccount& account, const Word& key, Slot& slot);

    [[nodiscard]] StateAccount& account(const Address& address) {
        return load(account_entry(address));
    }
    [[nodiscard]] Slot& slot(StateAccount& account, const Word& key) {
        return load(account, key, slot_entry(account, key));
    }
    [[nodiscard]] const Code& code(StateAccount& account);
    [[nodiscard]] std::optional<Address> delegate(StateAccount& account);
    [[nodiscard]] bool has_storage(const StateAccount& account) const noexcept;

    void set_balance(StateAccount& account, const Word& balance);
    // Creates the account if need be; an account left empty goes at the transaction's end
    // (EIP-161).
    void add_balance(StateAccount& account, const Word& wei);
    // from has the wei.
    void transfer(StateAccount& from, StateAccount& to, const Word& wei);
    void set_nonce(StateAccount& account, std::uint64_t nonce);
    void set_code(StateAccount& account, View code);
    void set_slot(Slot& slot, const Word& value);
    void set_slot(StateAccount& account, Slot& slot, const Word& value) {
        meter_write(account);
        if (slot.write.is_first()) meter.add(zk_gas::slot_write);
        set_slot(slot, value);
    }
    // Nothing is left in the account's storage.
    void clear_storage(StateAccount& account);
    // Nothing is left of the account.
    void remove(StateAccount& account);
    void touch(StateAccount& account);
    void mark_created(StateAccount& account);
    void mark_destroyed(StateAccount& account);
    [[nodiscard]] bool is_created(const StateAccount& account) const noexcept {
        return account.created_tx == tx_;
    }

    // Whether it was cold; warm afterwards (EIP-2929).
    bool warm_up(StateAccount& account);
    bool warm_up(Slot& slot);

    [[nodiscard]] Word transient(const StateAccount& account, const Word& key) const;
    void set_transient(const StateAccount& account, const Word& key, const Word& value);

    void add_log(Log log) { logs_.push_back(std::move(log)); }
    void add_refund(std::int64_t gas) noexcept { refund_ += gas; }
    [[nodiscard]] std::int64_t refund() const noexcept { return refund_; }

    [[nodiscard]] Snapshot snapshot() const noexcept {
        return {journal_.size(), logs_.size(), refund_};
    }
    void revert(const Snapshot& snapshot);

    void begin_transaction();
    // Deletes what destroyed itself, and touched accounts that are empty; returns the logs.
    std::vector<Log> end_transaction();

    [[nodiscard]] const std::vector<std::unique_ptr<Map<Address, StateAccount>::Entry>>& accounts()
        const noexcept {
        return accounts_.entries();
    }
    // Codes that were set, by hash.
    [[nodiscard]] const Map<Hash, std::unique_ptr<Code>>& codes() const noexcept { return codes_; }

    // What is read and written is metered here, once a block.
    [[no_unique_address]] Meter meter{};

private:
    struct TransientKey {
        const StateAccount* account;
        Word slot;

        bool operator==(const TransientKey&) const noexcept = default;
    };
    friend std::uint32_t hash_of(const TransientKey& key, std::uint32_t seed) noexcept {
        return hash_of(Word(key.account->address), hash_of(key.slot, seed));
    }
    struct Change {
        enum class Kind : std::uint8_t {
            balance,
            nonce,
            code,
            exists,
            wiped,
            slot,
            loaded,
            // Of one transaction only:
            warm_account,
            warm_slot,
            touched,
            created,
            destroyed,
            transient,
        };
        Kind kind;
        void* target;
        Word old;
        const Code* old_code = nullptr;

        [[nodiscard]] bool ends_with_transaction() const noexcept {
            return kind >= Kind::warm_account;
        }
    };

    void record(Change::Kind kind, void* target, const Word& old = {}) {
        journal_.push_back({kind, target, old});
    }
    void undo(const Change& change);
    void meter_write(StateAccount& account) noexcept {
        if (account.write.is_first()) meter.add(zk_gas::account_write);
    }
    void make_exist(StateAccount& account);
    [[nodiscard]] const Code& store_code(View code, const Hash& hash);

    Database* database_;
    std::uint32_t seed_;
    History history_;
    std::uint32_t tx_ = 1;
    Map<Address, StateAccount> accounts_;
    Map<Hash, std::unique_ptr<Code>> codes_;
    Map<TransientKey, Word> transient_;
    std::vector<Change> journal_;
    std::size_t first_change_ = 0;  // of this transaction
    std::vector<StateAccount*> destroyed_, touched_;
    std::vector<Log> logs_;
    std::int64_t refund_ = 0;
};

}  // namespace strikefold::evm
