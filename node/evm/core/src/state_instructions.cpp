// Instructions on accounts, storage and the block.
#include "instructions.hpp"

namespace strikefold::evm::instructions {

namespace {

constexpr std::uint64_t sentry_gas = 2300;  // EIP-2200
constexpr std::uint64_t set_gas = 20'000;
constexpr std::uint64_t reset_gas = 5000 - cold_slot_gas;
constexpr std::int64_t clear_refund = 4800;  // EIP-3529

// What storing `value` costs and gives back (EIP-2200, EIP-2929, EIP-3529).
struct StorePrice {
    std::uint64_t gas;
    std::int64_t refund;
};

[[nodiscard]] StorePrice store_price(const Slot& slot, const Word& value) noexcept {
    if (value == slot.value) return {warm_gas, 0};
    const bool had_value = !slot.original.is_zero();
    const std::uint64_t first_gas = had_value ? reset_gas : set_gas;
    if (slot.original == slot.value)
        return {first_gas, had_value && value.is_zero() ? clear_refund : 0};
    std::int64_t refund = 0;
    if (had_value && slot.value.is_zero()) refund -= clear_refund;
    if (had_value && value.is_zero()) refund += clear_refund;
    if (value == slot.original) refund += static_cast<std::int64_t>(first_gas - warm_gas);
    return {warm_gas, refund};
}

// The account that the top of the stack names, paid for; null where the gas runs out.
[[nodiscard]] StateAccount* access_top(Machine& machine, Frame& frame) {
    StateAccount& entry = machine.state.account_entry(frame.sp[-1].to_address());
    return access(machine, frame, entry) ? &machine.state.load(entry) : nullptr;
}

}  // namespace

Signal exp(Machine& machine, Frame& frame) {
    const Word base = pop(frame), exponent = pop(frame);
    if (!charge(frame, 50 * exponent.byte_length())) return Signal::out_of_gas;
    if constexpr (is_metered) machine.state.meter.add(zk_gas::exp_byte, exponent.byte_length());
    push(frame, power(base, exponent));
    return Signal::next;
}

Signal balance(Machine& machine, Frame& frame) {
    const StateAccount* account = access_top(machine, frame);
    if (account == nullptr) return Signal::out_of_gas;
    frame.sp[-1] = account->balance;
    return Signal::next;
}

Signal self_balance(Machine& machine, Frame& frame) {
    push(frame, machine.state.load(*frame.self).balance);
    return Signal::next;
}

Signal ext_code_size(Machine& machine, Frame& frame) {
    StateAccount* account = access_top(machine, frame);
    if (account == nullptr) return Signal::out_of_gas;
    frame.sp[-1] = machine.state.code(*account).size();
    return Signal::next;
}

Signal ext_code_hash(Machine& machine, Frame& frame) {
    const StateAccount* account = access_top(machine, frame);
    if (account == nullptr) return Signal::out_of_gas;
    frame.sp[-1] = account->is_dead() ? Word() : Word(account->code_hash);
    return Signal::next;
}

Signal block_hash(Machine& machine, Frame& frame) {
    const std::uint64_t current = machine.block.number;
    const std::uint64_t number = frame.sp[-1].saturated64();
    frame.sp[-1] = Word();
    if (number >= current || current - number > 256) return Signal::next;
    machine.state.meter.reach_back(current - number);
    const auto index = static_cast<std::size_t>(current - number - 1);
    if (index < machine.block.ancestors.size())
        frame.sp[-1] = Word(machine.block.ancestors[index]);
    else if (const auto hash = machine.state.ancestor(number))
        frame.sp[-1] = Word(*hash);
    else
        machine.fail(Status::witness_header_missing);
    return Signal::next;
}

Signal blob_hash(Machine& machine, Frame& frame) {
    const auto hashes = machine.transaction.blob_hashes;
    const std::uint64_t index = frame.sp[-1].saturated64();
    frame.sp[-1] = index < hashes.size() ? Word(hashes[static_cast<std::size_t>(index)]) : Word();
    return Signal::next;
}

Signal sload(Machine& machine, Frame& frame) {
    const Word key = frame.sp[-1];
    Slot& slot = machine.state.slot_entry(*frame.self, key);
    if (!charge(frame, machine.state.warm_up(slot) ? cold_slot_gas : warm_gas))
        return Signal::out_of_gas;
    frame.sp[-1] = machine.state.load(*frame.self, key, slot).value;
    return Signal::next;
}

Signal sstore(Machine& machine, Frame& frame) {
    if (frame.is_static) return Signal::write_protection;
    if (frame.gas <= static_cast<std::int64_t>(sentry_gas)) return Signal::sentry_out_of_gas;
    const Word key = pop(frame), value = pop(frame);
    State& state = machine.state;
    Slot& slot = state.slot_entry(*frame.self, key);
    if (state.warm_up(slot) && !charge(frame, cold_slot_gas)) return Signal::out_of_gas;
    const StorePrice price = store_price(state.load(*frame.self, key, slot), value);
    if (!charge(frame, price.gas)) return Signal::out_of_gas;
    state.add_refund(price.refund);
    if (value != slot.value) state.set_slot(*frame.self, slot, value);
    return Signal::next;
}

Signal tload(Machine& machine, Frame& frame) {
    frame.sp[-1] = machine.state.transient(*frame.self, frame.sp[-1]);
    return Signal::next;
}

Signal tstore(Machine& machine, Frame& frame) {
    if (frame.is_static) return Signal::write_protection;
    const Word key = pop(frame), value = pop(frame);
    machine.state.set_transient(*frame.self, key, value);
    return Signal::next;
}

}  // namespace strikefold::evm::instructions
