#include "session.hpp"

#include <nanobind/stl/pair.h>
#include <nanobind/stl/tuple.h>

#include <random>
#include <stdexcept>
#include <string>
#include <tuple>

namespace strikefold::evm::bind {

namespace {

// What makes collisions in the state's maps hard to arrange.
[[nodiscard]] std::uint32_t process_seed() {
    static const std::uint32_t seed = std::random_device()();
    return seed;
}

// Where nothing is paid, BASEFEE and BLOBBASEFEE read zero.
[[nodiscard]] BlockEnv without_fees(BlockEnv env) {
    env.base_fee = env.blob_base_fee = Word();
    return env;
}

[[nodiscard]] nb::tuple halt_items(Signal signal, const Halt& halt) {
    return nb::make_tuple(signal, halt.opcode, halt.height, to_int(halt.size));
}

[[nodiscard]] nb::list log_items(const std::vector<Log>& logs) {
    nb::list items;
    for (const Log& log : logs) {
        nb::list topics;
        for (const Hash& topic : log.topics) topics.append(to_bytes(topic));
        items.append(nb::make_tuple(to_bytes(log.address), nb::tuple(topics), to_bytes(log.data)));
    }
    return items;
}

// Nothing where a transaction was refused.
[[nodiscard]] nb::object outcome(Status status, const TransactionResult& result,
                                 std::uint64_t zk_gas) {
    if (status != Status::ok) return nb::none();
    const nb::object contract =
        result.contract ? nb::object(to_bytes(*result.contract)) : nb::none();
    const nb::object halt =
        result.success ? nb::none() : nb::object(halt_items(result.signal, result.halt));
    return nb::make_tuple(result.gas_used, log_items(result.logs), to_bytes(result.output), halt,
                          contract, result.gas_refund, result.max_gas_used, zk_gas);
}

[[nodiscard]] std::vector<AccessListEntry> read_access_list(const nb::object& items) {
    std::vector<AccessListEntry> list;
    for (const nb::handle item : items) {
        const auto [address, slots] = nb::cast<std::pair<nb::bytes, nb::object>>(item);
        AccessListEntry& entry = list.emplace_back();
        entry.address = fixed<20>(address);
        for (const nb::handle slot : slots) entry.slots.push_back(to_word(slot));
    }
    return list;
}

// (chain id, address, nonce, y parity, r, s)
[[nodiscard]] std::vector<Authorization> read_authorizations(const nb::object& items) {
    using Item =
        std::tuple<nb::object, nb::bytes, std::uint64_t, std::uint8_t, nb::object, nb::object>;
    std::vector<Authorization> list;
    for (const nb::handle item : items) {
        const auto [chain_id, address, nonce, y_parity, r, s] = nb::cast<Item>(item);
        list.push_back(
            {to_word(chain_id), fixed<20>(address), nonce, y_parity, to_word(r), to_word(s)});
    }
    return list;
}

[[nodiscard]] nb::dict changed_slots(const StateAccount& account) {
    nb::dict changed;
    for (const auto& entry : account.slots.entries()) {
        const Slot& slot = entry->value;
        const Word& base = account.wiped ? Word() : slot.base;
        if (slot.loaded && slot.value != base) changed[to_int(entry->key)] = to_int(slot.value);
    }
    return changed;
}

[[nodiscard]] bool is_changed(const StateAccount& account) {
    if (account.exists != account.base.has_value()) return true;
    return account.exists &&
           (account.nonce != account.base->nonce || account.balance != account.base->balance ||
            account.code_hash != account.base->code_hash);
}

[[nodiscard]] nb::object account_items(const StateAccount& account) {
    if (!account.exists) return nb::none();
    const Hash& root = account.base ? account.base->storage_root : empty_trie_root;
    return nb::make_tuple(account.nonce, to_int(account.balance), to_bytes(root),
                          to_bytes(account.code_hash));
}

// Code that the account was given since the block began.
[[nodiscard]] nb::object new_code(const StateAccount& account) {
    const bool is_new = account.exists && account.has_code() && account.code != nullptr &&
                        (!account.base || account.base->code_hash != account.code_hash);
    return is_new ? nb::object(to_bytes(account.code->bytes())) : nb::none();
}

}  // namespace

Session::Session(const BlockEnv& env, const nb::object& reader, nb::callable block_hash)
    : env_(env),
      free_env_(without_fees(env)),
      database_(reader, std::move(block_hash)),
      state_(database_, process_seed(), State::History::everything) {}

template <typename Action>
auto Session::perform(const Action& action) {
    if (is_busy_) throw std::runtime_error("the session is in the middle of an execution");
    if (is_broken_) throw std::runtime_error("the session broke off in an earlier execution");
    is_busy_ = is_broken_ = true;
    const auto result = action();
    is_busy_ = false;
    database_.rethrow();
    interrupt_.rethrow();
    is_broken_ = false;
    return result;
}

Machine Session::machine_in(const BlockEnv& env) {
    Machine machine(state_, env);
    machine.interrupt = &interrupt_;
    return machine;
}

nb::object Session::transact(const nb::bytes& encoded, const nb::bytes& sender) {
    const Address address = fixed<20>(sender);
    TransactionResult result;
    const std::uint64_t before = state_.meter.cells();
    const Status status = perform([&] {
        Transaction transaction;
        const Status decoded = decode_transaction(view(encoded), transaction);
        if (decoded != Status::ok) return decoded;
        Machine machine = machine_in(env_);
        return evm::transact(machine, transaction, address, result);
    });
    return outcome(status, result, state_.meter.cells() - before);
}

nb::object Session::call(const nb::bytes& sender, const nb::object& to, const nb::object& value,
                         const nb::bytes& data, std::uint64_t gas, const nb::object& gas_price,
                         const nb::object& access_list, const nb::object& authorizations,
                         const nb::object& blob_hashes) {
    const Address address = fixed<20>(sender);
    Transaction message;
    if (!to.is_none()) message.to = fixed<20>(nb::cast<nb::bytes>(to));
    message.value = to_word(value);
    message.data = view(data);
    message.gas_limit = gas;
    message.max_fee = to_word(gas_price);
    message.access_list = read_access_list(access_list);
    message.authorizations = read_authorizations(authorizations);
    for (const nb::handle hash : blob_hashes)
        message.blob_hashes.push_back(fixed<32>(nb::cast<nb::bytes>(hash)));
    TransactionResult result;
    const std::uint64_t before = state_.meter.cells();
    const Status status = perform([&] {
        Machine machine = machine_in(message.max_fee.is_zero() ? free_env_ : env_);
        return evm::call(machine, message, address, result);
    });
    return outcome(status, result, state_.meter.cells() - before);
}

nb::tuple Session::system_call(const nb::bytes& address, const nb::bytes& data) {
    const Address contract = fixed<20>(address);
    const Outcome result = perform([&] {
        Machine machine = machine_in(env_);
        return evm::system_call(machine, contract, view(data));
    });
    const nb::object halt =
        result.success() ? nb::none() : nb::object(halt_items(result.signal, result.halt));
    return nb::make_tuple(to_bytes(result.output), halt);
}

void Session::add_balance(const nb::bytes& address, const nb::object& wei) {
    const Address to = fixed<20>(address);
    const Word amount = to_word(wei);
    perform([&] {
        credit(state_, to, amount);
        return true;
    });
}

void Session::set_balance(const nb::bytes& address, const nb::object& wei) {
    const Address of = fixed<20>(address);
    const Word balance = to_word(wei);
    perform([&] {
        state_.set_balance(state_.account(of), balance);
        return true;
    });
}

void Session::set_nonce(const nb::bytes& address, std::uint64_t nonce) {
    const Address of = fixed<20>(address);
    perform([&] {
        state_.set_nonce(state_.account(of), nonce);
        return true;
    });
}

void Session::set_code(const nb::bytes& address, const nb::bytes& code) {
    const Address of = fixed<20>(address);
    perform([&] {
        state_.set_code(state_.account(of), view(code));
        return true;
    });
}

void Session::set_storage(const nb::bytes& address, const nb::object& slot,
                          const nb::object& value) {
    const Address of = fixed<20>(address);
    const Word key = to_word(slot), word = to_word(value);
    perform([&] {
        state_.set_slot(state_.slot(state_.account(of), key), word);
        return true;
    });
}

void Session::clear_storage(const nb::bytes& address) {
    const Address of = fixed<20>(address);
    perform([&] {
        state_.clear_storage(state_.account(of));
        return true;
    });
}

void Session::remove(const nb::bytes& address) {
    const Address of = fixed<20>(address);
    perform([&] {
        state_.remove(state_.account(of));
        return true;
    });
}

// Nothing to take back where the session broke off: whoever cleans up hears the first reason only.
void Session::revert(std::size_t snapshot) {
    if (is_broken_ || snapshot > state_.snapshot().journal) return;
    state_.revert({snapshot, 0, 0});
}

nb::object Session::account(const nb::bytes& address) {
    const Address of = fixed<20>(address);
    return account_items(*perform([&] { return &state_.account(of); }));
}

nb::object Session::storage(const nb::bytes& address, const nb::object& slot) {
    const Address of = fixed<20>(address);
    const Word key = to_word(slot);
    return to_int(perform([&] { return state_.slot(state_.account(of), key).value; }));
}

nb::bytes Session::code(const nb::bytes& address) {
    const Address of = fixed<20>(address);
    return to_bytes(perform([&] { return &state_.code(state_.account(of)); })->bytes());
}

nb::bytes Session::code_by_hash(const nb::bytes& hash) {
    const Hash wanted = fixed<32>(hash);
    return to_bytes(perform([&] {
        const auto* known = state_.codes().find(wanted);
        return known != nullptr ? (*known)->bytes() : database_.code(wanted);
    }));
}

bool Session::has_storage(const nb::bytes& address) {
    const Address of = fixed<20>(address);
    return perform([&] { return state_.has_storage(state_.account(of)); });
}

// (address, account or None, wiped, changed slots, new code or None) of each account that changed
nb::list Session::changes() {
    perform([] { return true; });
    nb::list changes;
    for (const auto& entry : state_.accounts()) {
        const StateAccount& account = entry->value;
        if (!account.loaded) continue;
        const nb::dict slots = account.exists ? changed_slots(account) : nb::dict();
        const bool wiped = account.wiped && account.base;
        if (!is_changed(account) && !wiped && slots.size() == 0) continue;
        changes.append(nb::make_tuple(to_bytes(account.address), account_items(account), wiped,
                                      slots, new_code(account)));
    }
    return changes;
}

// ([(address, [slot])], [code hash], [block number])
nb::tuple Session::accessed() const {
    nb::list accounts, codes, blocks;
    for (const auto& entry : state_.accounts()) {
        if (!entry->value.loaded) continue;
        nb::list slots;
        for (const auto& slot : entry->value.slots.entries())
            if (slot->value.loaded) slots.append(to_int(slot->key));
        accounts.append(nb::make_tuple(to_bytes(entry->key), slots));
    }
    for (const auto& [hash, code] : database_.codes()) codes.append(to_bytes(hash));
    for (const auto& [number, hash] : database_.block_hashes()) blocks.append(number);
    return nb::make_tuple(accounts, codes, blocks);
}

namespace {

// Entry of the table -> cells; of precompiles, their number -> (base, per gas of the price).
[[nodiscard]] nb::tuple zk_gas_tables() {
    nb::dict entries, precompiles;
#define STRIKEFOLD_ENTRY(name, cells) entries[#name] = static_cast<std::uint64_t>(cells);
    STRIKEFOLD_ZK_GAS(STRIKEFOLD_ENTRY)
#undef STRIKEFOLD_ENTRY
#define STRIKEFOLD_ENTRY(number, base, per_gas) \
    precompiles[nb::int_(number)] =             \
        nb::make_tuple(static_cast<std::uint64_t>(base), static_cast<std::uint64_t>(per_gas));
    STRIKEFOLD_PRECOMPILE_ZK_GAS(STRIKEFOLD_ENTRY)
#undef STRIKEFOLD_ENTRY
    return nb::make_tuple(entries, precompiles);
}

int traverse(PyObject* self, visitproc visit, void* arg) {
    Py_VISIT(Py_TYPE(self));
    if (!nb::inst_ready(self)) return 0;
    return nb::inst_ptr<Session>(self)->traverse(visit, arg);
}

int clear(PyObject* self) {
    if (nb::inst_ready(self)) nb::inst_ptr<Session>(self)->clear();
    return 0;
}

void add_signals(nb::module_& module) {
    nb::enum_<Signal>(module, "Signal")
        .value("REVERTED", Signal::reverted)
        .value("OUT_OF_GAS", Signal::out_of_gas)
        .value("GAS_OVERFLOW", Signal::gas_overflow)
        .value("SENTRY_OUT_OF_GAS", Signal::sentry_out_of_gas)
        .value("DEPOSIT_OUT_OF_GAS", Signal::deposit_out_of_gas)
        .value("INITCODE_TOO_LARGE", Signal::initcode_too_large)
        .value("INVALID_OPCODE", Signal::invalid_opcode)
        .value("INVALID_JUMP", Signal::invalid_jump)
        .value("STACK_UNDERFLOW", Signal::stack_underflow)
        .value("STACK_OVERFLOW", Signal::stack_overflow)
        .value("WRITE_PROTECTION", Signal::write_protection)
        .value("RETURN_DATA_OUT_OF_BOUNDS", Signal::return_data_out_of_bounds)
        .value("ADDRESS_COLLISION", Signal::address_collision)
        .value("CODE_TOO_LARGE", Signal::code_too_large)
        .value("INVALID_CODE", Signal::invalid_code)
        .value("PRECOMPILE_FAILED", Signal::precompile_failed);
}

}  // namespace

void add_session(nb::module_& module) {
    using namespace nb::literals;
    add_signals(module);
    module.def("zk_gas_tables", &zk_gas_tables);
    static PyType_Slot slots[] = {
        {Py_tp_traverse, reinterpret_cast<void*>(&traverse)},
        {Py_tp_clear, reinterpret_cast<void*>(&clear)},
        {0, nullptr},
    };
    nb::class_<Session>(module, "Session", nb::type_slots(slots))
        .def(nb::init<const BlockEnv&, const nb::object&, nb::callable>(), "env"_a, "reader"_a,
             "block_hash"_a)
        .def("transact", &Session::transact, "encoded"_a, "sender"_a)
        .def("call", &Session::call, "sender"_a, "to"_a.none(), "value"_a, "data"_a, "gas"_a,
             "gas_price"_a, "access_list"_a, "authorizations"_a, "blob_hashes"_a)
        .def("system_call", &Session::system_call, "address"_a, "data"_a)
        .def("add_balance", &Session::add_balance, "address"_a, "wei"_a)
        .def("set_balance", &Session::set_balance, "address"_a, "wei"_a)
        .def("set_nonce", &Session::set_nonce, "address"_a, "nonce"_a)
        .def("set_code", &Session::set_code, "address"_a, "code"_a)
        .def("set_storage", &Session::set_storage, "address"_a, "slot"_a, "value"_a)
        .def("clear_storage", &Session::clear_storage, "address"_a)
        .def("remove", &Session::remove, "address"_a)
        .def("snapshot", &Session::snapshot)
        .def("revert", &Session::revert, "snapshot"_a)
        .def("account", &Session::account, "address"_a)
        .def("storage", &Session::storage, "address"_a, "slot"_a)
        .def("code", &Session::code, "address"_a)
        .def("code_by_hash", &Session::code_by_hash, "hash"_a)
        .def("has_storage", &Session::has_storage, "address"_a)
        .def("changes", &Session::changes)
        .def("accessed", &Session::accessed);
}

}  // namespace strikefold::evm::bind
