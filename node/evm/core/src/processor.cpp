#include "evm/processor.hpp"

#include <limits>

#include "evm/precompiles.hpp"

namespace strikefold::evm {

namespace {

namespace type = transaction_type;

constexpr std::uint64_t max_transaction_gas = 1 << 24;  // EIP-7825
constexpr std::size_t max_transaction_blobs = 6;        // EIP-7594
constexpr std::uint64_t max_nonce = std::numeric_limits<std::uint64_t>::max();
constexpr std::int64_t existing_authority_refund = 12'500;
constexpr std::uint64_t system_gas = 30'000'000;
constexpr Address system_address = from_hex<20>("fffffffffffffffffffffffffffffffffffffffe");

[[nodiscard]] Fork first_fork(std::uint8_t tx_type) noexcept {
    if (tx_type == type::set_code) return Fork::prague;
    return tx_type == type::blob ? Fork::cancun : Fork::shanghai;
}

[[nodiscard]] Status check_blobs(const BlockEnv& block, const Transaction& tx) noexcept {
    if (!tx.to) return Status::tx_blob_create;
    if (tx.blob_hashes.empty()) return Status::tx_blob_zero;
    if (tx.blob_hashes.size() > block.max_blobs) return Status::tx_blob_gas;
    if (block.fork >= Fork::osaka && tx.blob_hashes.size() > max_transaction_blobs)
        return Status::tx_blob_count;
    for (const Hash& hash : tx.blob_hashes)
        if (hash[0] != 1) return Status::tx_blob_version;
    return tx.max_blob_fee < block.blob_base_fee ? Status::tx_blob_fee : Status::ok;
}

[[nodiscard]] Status check_sender(State& state, StateAccount& sender, const BlockEnv& block,
                                  const Transaction& tx) {
    if (tx.nonce < sender.nonce) return Status::tx_nonce_low;
    if (tx.nonce > sender.nonce) return Status::tx_nonce_high;
    if (sender.nonce == max_nonce) return Status::tx_nonce_max;
    if (block.fork >= Fork::osaka && tx.gas_limit > max_transaction_gas) return Status::tx_gas_cap;
    // EIP-3607; EIP-7702 excepts delegated accounts.
    if (sender.has_code() && (block.fork < Fork::prague || !state.delegate(sender)))
        return Status::tx_sender_not_eoa;
    return Status::ok;
}

[[nodiscard]] Status check_shape(const BlockEnv& block, const Transaction& tx) noexcept {
    if (tx.max_fee < tx.max_priority_fee) return Status::tx_priority_fee;
    if (tx.max_fee < block.base_fee) return Status::tx_max_fee;
    if (tx.type == type::blob)
        if (const Status status = check_blobs(block, tx); status != Status::ok) return status;
    if (tx.type == type::set_code && !tx.to) return Status::tx_set_code_create;
    if (tx.type == type::set_code && tx.authorizations.empty()) return Status::tx_set_code_empty;
    if (!tx.to && tx.data.size() > max_initcode_size) return Status::tx_initcode_size;
    return Status::ok;
}

// Whether the most the transaction may cost is more than there is.
[[nodiscard]] bool is_unaffordable(const Word& balance, const Transaction& tx) noexcept {
    Word gas, blobs, sum;
    if (multiply_overflows(tx.gas_limit, tx.max_fee, gas)) return true;
    if (multiply_overflows(tx.blob_gas(), tx.max_blob_fee, blobs)) return true;
    if (add_overflows(gas, blobs, sum) || add_overflows(sum, tx.value, sum)) return true;
    return balance < sum;
}

[[nodiscard]] Status check_gas(const Transaction& tx, const IntrinsicGas& cost) noexcept {
    if (tx.gas_limit < cost.gas) return Status::tx_intrinsic_gas;
    if (tx.gas_limit < cost.floor) return Status::tx_floor_gas;
    if (tx.gas_limit > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        return Status::tx_block_gas;
    return Status::ok;
}

[[nodiscard]] Status check(State& state, StateAccount& sender, const BlockEnv& block,
                           const Transaction& tx, const IntrinsicGas& cost) {
    if (block.fork < first_fork(tx.type)) return Status::tx_type;
    if (tx.chain_id && *tx.chain_id != Word(block.chain_id)) return Status::tx_chain_id;
    if (const Status status = check_sender(state, sender, block, tx); status != Status::ok)
        return status;
    if (const Status status = check_shape(block, tx); status != Status::ok) return status;
    if (is_unaffordable(sender.balance, tx)) return Status::tx_funds;
    return check_gas(tx, cost);
}

[[nodiscard]] Status check_call(const StateAccount& sender, const Transaction& message,
                                const IntrinsicGas& cost) {
    if (is_unaffordable(sender.balance, message)) return Status::tx_funds;
    if (const Status status = check_gas(message, cost); status != Status::ok) return status;
    const bool fits = message.to || message.data.size() <= max_initcode_size;
    return fits ? Status::ok : Status::tx_initcode_size;
}

// What is warm from the start (EIP-2929, EIP-2930, EIP-3651).
void warm_up(State& state, const BlockEnv& block, const Transaction& tx, StateAccount& sender) {
    const auto warm = [&](const Address& address) -> StateAccount& {
        StateAccount& entry = state.account_entry(address);
        static_cast<void>(state.warm_up(entry));
        return entry;
    };
    for (const Address& address : precompile_addresses(block.fork)) warm(address);
    static_cast<void>(state.warm_up(sender));
    if (tx.to) warm(*tx.to);
    warm(block.coinbase);
    for (const AccessListEntry& listed : tx.access_list) {
        state.meter.add(zk_gas::listed_account);
        state.meter.add(zk_gas::listed_slot, listed.slots.size());
        StateAccount& entry = warm(listed.address);
        for (const Word& slot : listed.slots)
            static_cast<void>(state.warm_up(state.slot_entry(entry, slot)));
    }
}

// Applies one authorization, or passes over one that is not valid (EIP-7702).
void authorize(Machine& machine, const Authorization& authorization) {
    State& state = machine.state;
    state.meter.add(zk_gas::authorization);
    if (!authorization.chain_id.is_zero() && authorization.chain_id != Word(machine.block.chain_id))
        return;
    if (authorization.nonce == max_nonce) return;
    const auto address = authority_of(authorization);
    if (!address) return;
    StateAccount& authority = state.account(*address);
    static_cast<void>(state.warm_up(authority));
    if (authority.has_code() && !state.delegate(authority)) return;
    if (authority.nonce != authorization.nonce) return;
    if (authority.exists) state.add_refund(existing_authority_refund);
    const bool clears = authorization.address == Address{};
    state.set_code(authority, clears ? Bytes{} : delegation_to(authorization.address));
    state.set_nonce(authority, authorization.nonce + 1);
}

[[nodiscard]] Outcome run_call(Machine& machine, const Transaction& tx, const Address& sender,
                               std::int64_t gas) {
    State& state = machine.state;
    Message message{.sender = sender, .value = tx.value, .input = tx.data, .gas = gas};
    message.to = &state.account_entry(*tx.to);
    message.precompile = precompile_at(machine.block.fork, *tx.to);
    if (message.precompile == 0) {
        StateAccount& to = state.load(*message.to);
        StateAccount* code = &to;
        if (machine.block.fork >= Fork::prague) {
            if (const auto delegate = state.delegate(to)) {
                code = &state.account(*delegate);
                static_cast<void>(state.warm_up(*code));
            }
        }
        message.code = &state.code(*code);
    }
    return machine.run(message);
}

[[nodiscard]] Outcome run_create(Machine& machine, const Transaction& tx, const Address& sender,
                                 const Address& contract, std::int64_t gas) {
    State& state = machine.state;
    state.meter.add(zk_gas::initcode_byte, tx.data.size());
    const Code initcode(tx.data, Hash{});
    Message message{.is_create = true, .sender = sender, .value = tx.value, .gas = gas};
    message.code = &initcode;
    message.to = &state.account_entry(contract);
    static_cast<void>(state.warm_up(*message.to));
    return machine.run(message);
}

// Refunds, the calldata floor, fees.
void settle(Machine& machine, const Transaction& tx, StateAccount& sender, const Word& price,
            std::uint64_t gas_left, std::uint64_t floor, TransactionResult& result) {
    State& state = machine.state;
    const std::uint64_t spent = tx.gas_limit - gas_left;
    const auto refund = static_cast<std::uint64_t>(std::max<std::int64_t>(state.refund(), 0));
    result.gas_refund = std::min(refund, spent / 5);
    result.gas_used = std::max(spent - result.gas_refund, floor);
    result.max_gas_used = std::max(spent, floor);
    if (!price.is_zero()) state.add_balance(sender, Word(tx.gas_limit - result.gas_used) * price);
    state.add_balance(state.account(machine.block.coinbase),
                      Word(result.gas_used) * (price - machine.block.base_fee));
}

// What was checked. price: paid per gas; blob_fee: paid for blobs.
void execute(Machine& machine, const Transaction& tx, StateAccount& sender, const Word& price,
             const Word& blob_fee, const IntrinsicGas& cost, TransactionResult& result) {
    State& state = machine.state;
    state.meter.add(zk_gas::transaction);
    state.meter.add(zk_gas::transaction_byte, tx.data.size());
    state.begin_transaction();
    machine.transaction = {sender.address, price, tx.blob_hashes};
    const Word paid = Word(tx.gas_limit) * price + blob_fee;
    if (!paid.is_zero()) state.set_balance(sender, sender.balance - paid);
    if (!tx.to) result.contract = create_address(sender.address, sender.nonce);
    state.set_nonce(sender, sender.nonce + 1);
    warm_up(state, machine.block, tx, sender);
    for (const Authorization& authorization : tx.authorizations) authorize(machine, authorization);

    const auto gas = static_cast<std::int64_t>(tx.gas_limit - cost.gas);
    Outcome outcome = tx.to ? run_call(machine, tx, sender.address, gas)
                            : run_create(machine, tx, sender.address, *result.contract, gas);
    result.success = outcome.success();
    if (!result.success) result.contract.reset();
    result.signal = outcome.signal;
    result.halt = outcome.halt;
    result.output = std::move(outcome.output);
    settle(machine, tx, sender, price, static_cast<std::uint64_t>(outcome.gas_left), cost.floor,
           result);
    result.logs = state.end_transaction();
    if (!result.success) result.logs.clear();
}

}  // namespace

Status transact(Machine& machine, const Transaction& tx, TransactionResult& result) {
    const auto sender = sender_of(tx);
    return sender ? transact(machine, tx, *sender, result) : Status::tx_signature;
}

Status transact(Machine& machine, const Transaction& tx, const Address& address,
                TransactionResult& result) {
    const BlockEnv& block = machine.block;
    StateAccount& sender = machine.state.account(address);
    const IntrinsicGas cost = intrinsic_gas(block.fork, tx);
    const Status status = check(machine.state, sender, block, tx, cost);
    if (status == Status::ok)
        execute(machine, tx, sender, tx.gas_price(block.base_fee),
                Word(tx.blob_gas()) * block.blob_base_fee, cost, result);
    return status;
}

Status call(Machine& machine, const Transaction& message, const Address& address,
            TransactionResult& result) {
    StateAccount& sender = machine.state.account(address);
    const IntrinsicGas cost = intrinsic_gas(machine.block.fork, message);
    const Status status = check_call(sender, message, cost);
    if (status == Status::ok)
        execute(machine, message, sender, message.max_fee, Word(), cost, result);
    return status;
}

Outcome system_call(Machine& machine, const Address& address, View input) {
    State& state = machine.state;
    state.begin_transaction();
    StateAccount& contract = state.account(address);
    if (!contract.has_code()) return {};
    machine.transaction = {system_address, Word(), {}};
    Message message{.sender = system_address, .input = input, .gas = system_gas};
    message.to = &contract;
    message.code = &state.code(contract);
    Outcome outcome = machine.run(message);
    static_cast<void>(state.end_transaction());
    return outcome;
}

void credit(State& state, const Address& address, const Word& wei) {
    state.begin_transaction();
    state.add_balance(state.account(address), wei);
    static_cast<void>(state.end_transaction());
}

}  // namespace strikefold::evm
