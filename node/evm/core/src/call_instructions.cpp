// Instructions that start messages, and SELFDESTRUCT. Each checks, charges, and pushes a frame for
// the machine to run; a precompile or a message that cannot start is done with at once.
#include "evm/keccak.hpp"
#include "evm/precompiles.hpp"
#include "evm/rlp.hpp"
#include "instructions.hpp"
#include "precompile_input.hpp"

namespace strikefold::evm {

namespace {

constexpr std::uint64_t value_gas = 9000;
constexpr std::int64_t stipend = 2300;
constexpr std::uint64_t initcode_word_gas = 2;  // EIP-3860
constexpr std::uint64_t hash_word_gas = 6;
constexpr std::uint64_t max_nonce = ~std::uint64_t{0};

// One message as an instruction describes it. moves_value: from the caller's account to `to`'s.
struct Call {
    StateAccount* to;    // whose account it acts on
    StateAccount* code;  // whose code runs
    Address caller;
    Word value;
    bool moves_value;
    bool is_static;
    std::int64_t gas = 0;
    Range input{}, output{};
};

// The operands after the address (and the value): input and output in memory, paid for.
[[nodiscard]] bool pop_ranges(Machine& machine, Frame& frame, Call& call) {
    const Word in = pop(frame), in_size = pop(frame), out = pop(frame), out_size = pop(frame);
    return expand(machine, frame, in, in_size, call.input) &&
           expand(machine, frame, out, out_size, call.output);
}

[[nodiscard]] std::int64_t all_but_a_64th(std::int64_t gas) noexcept {
    return gas - gas / 64;
}

// The code that a message runs, with delegation followed and charged for (EIP-7702); null where the
// gas runs out.
[[nodiscard]] const Code* code_to_run(Machine& machine, Frame& frame, StateAccount& account) {
    State& state = machine.state;
    const Code& code = state.code(state.load(account));
    if (machine.block.fork < Fork::prague) return &code;
    const auto delegate = code.delegate();
    if (!delegate) return &code;
    StateAccount& target = state.account_entry(*delegate);
    if (!access(machine, frame, target)) return nullptr;
    return &state.code(state.load(target));
}

[[nodiscard]] bool has_obstacle(Machine& machine, Frame& frame, const Word& moved) {
    if (machine.depth() > max_depth) return true;
    return !moved.is_zero() && machine.state.load(*frame.self).balance < moved;
}

// Runs a precompile without a frame of its own.
void run_precompile(Machine& machine, Frame& frame, Call& call, std::uint32_t number) {
    State& state = machine.state;
    const State::Snapshot before = state.snapshot();
    if (call.moves_value)
        state.transfer(*frame.self, state.load(*call.to), call.value);
    else if (call.to == call.code)
        touch_if_dead(state, *call.to);
    const Signal signal = call_precompile(machine, number, read(machine, frame, call.input),
                                          call.gas, machine.return_data);
    const bool success = is_success(signal);
    if (!success) {
        state.revert(before);
        machine.return_data.clear();
        call.gas = 0;
    }
    const View output =
        View(machine.return_data).first(std::min(call.output.size, machine.return_data.size()));
    copy(machine.memory_of(frame) + call.output.offset, output);
    frame.gas += call.gas;
    push(frame, success ? 1 : 0);
}

void push_call(Machine& machine, Frame& frame, const Call& call, const Code& code) {
    State& state = machine.state;
    const State::Snapshot before = state.snapshot();
    if (call.moves_value)
        state.transfer(*frame.self, state.load(*call.to), call.value);
    else if (call.to == call.code)
        touch_if_dead(state, *call.to);
    const std::size_t input_offset = frame.memory_base + call.input.offset;
    Frame& child = machine.push_frame();
    child.code = &code;
    child.self = call.to;
    child.caller = call.caller;
    child.value = call.value;
    child.gas = call.gas;
    child.pc = code.data();
    child.input_offset = input_offset;
    child.input_size = call.input.size;
    child.output_offset = call.output.offset;
    child.output_size = call.output.size;
    child.is_static = call.is_static;
    child.snapshot = before;
}

// requested: the gas operand. Everything but the code's own price has been paid.
[[nodiscard]] Signal start(Machine& machine, Frame& frame, Call& call, const Word& requested) {
    const std::uint32_t number = precompile_at(machine.block.fork, call.code->address);
    const Code* code = nullptr;
    if (number == 0) {
        code = code_to_run(machine, frame, *call.code);
        if (code == nullptr) return Signal::out_of_gas;
    }
    const std::int64_t available = all_but_a_64th(frame.gas);
    call.gas = static_cast<std::int64_t>(
        std::min(requested.saturated64(), static_cast<std::uint64_t>(available)));
    frame.gas -= call.gas;
    if (call.moves_value) call.gas += stipend;
    machine.return_data.clear();
    if (has_obstacle(machine, frame, call.moves_value ? call.value : Word())) {
        frame.gas += call.gas;
        push(frame, 0);
        return Signal::next;
    }
    if (number != 0) {
        run_precompile(machine, frame, call, number);
        return Signal::next;
    }
    push_call(machine, frame, call, *code);
    return Signal::call;
}

// A precompile costs so much, and so much per gas of its price.
struct PrecompileZkGas {
    std::uint32_t number;
    std::uint64_t base, per_gas;
};
#define STRIKEFOLD_PRECOMPILE_ENTRY(number, base, per_gas) {number, base, per_gas},
constexpr PrecompileZkGas precompile_zk_gas[] = {
    STRIKEFOLD_PRECOMPILE_ZK_GAS(STRIKEFOLD_PRECOMPILE_ENTRY)};
#undef STRIKEFOLD_PRECOMPILE_ENTRY

// Whether a precompile can take an input of this size: otherwise it fails, or answers, at once.
[[nodiscard, maybe_unused]] bool fits_precompile(std::uint32_t number, std::size_t size) noexcept {
    switch (number) {
        case 0x08:
            return size % 192 == 0;
        case 0x09:
            return size == 213;
        case 0x0a:
            return size == 192;
        case 0x0b:
            return size == 256;
        case 0x0c:
            return size % 160 == 0;
        case 0x0d:
            return size == 512;
        case 0x0e:
            return size % 288 == 0;
        case 0x0f:
            return size % 384 == 0;
        case 0x10:
            return size == 64;
        case 0x11:
            return size == 128;
        case 0x100:
            return size == 160;
        default:
            return true;
    }
}

// Getting ready for MODEXP takes what the price does not know of: the square of the size.
[[maybe_unused]] void meter_precompile(Meter& meter, std::uint32_t number, std::uint64_t price,
                                       View input) noexcept {
    constexpr std::uint64_t largest = 1024;  // EIP-7823
    if (!fits_precompile(number, input.size())) return;
    for (const PrecompileZkGas& entry : precompile_zk_gas)
        if (entry.number == number) meter.add(entry.base + entry.per_gas * price);
    if (number != 0x05) return;
    const ModexpInput sizes(input);
    const std::uint64_t limbs =
        (std::min(std::max(sizes.base_length(), sizes.modulus_length()), largest) + 7) / 8;
    meter.add(zk_gas::modexp_square, limbs * limbs);
}

[[nodiscard]] Address create2_address(const Address& creator, const Word& salt, View initcode) {
    Bytes seed{0xff};
    append(seed, creator);
    append(seed, salt.to_bytes());
    append(seed, keccak256(initcode));
    return array_at<20>(keccak256(seed), 12);
}

// Takes the operands of a creation and pays for its initcode; `next` where that can be.
[[nodiscard]] Signal prepare_create(Machine& machine, Frame& frame, Word& value, Range& initcode,
                                    std::uint64_t word_gas) {
    if (frame.is_static) return Signal::write_protection;
    value = pop(frame);
    const Word offset = pop(frame), size = pop(frame);
    if (size > Word(max_initcode_size)) return Signal::initcode_too_large;
    const bool paid = expand(machine, frame, offset, size, initcode) &&
                      charge(frame, word_gas * words_of(initcode.size));
    return paid ? Signal::next : Signal::out_of_gas;
}

[[nodiscard]] Signal start_create(Machine& machine, Frame& frame, const Word& value,
                                  const Range& range, const Address& address) {
    State& state = machine.state;
    const std::int64_t gas = all_but_a_64th(frame.gas);
    machine.return_data.clear();
    StateAccount& creator = state.load(*frame.self);
    if (has_obstacle(machine, frame, value) || creator.nonce == max_nonce) {
        push(frame, 0);
        return Signal::next;
    }
    frame.gas -= gas;
    state.set_nonce(creator, creator.nonce + 1);
    StateAccount& created = state.account_entry(address);
    static_cast<void>(state.warm_up(created));
    const State::Snapshot before = state.snapshot();
    if constexpr (is_metered) state.meter.add(zk_gas::initcode_byte, range.size);
    auto initcode = std::make_unique<Code>(read(machine, frame, range), Hash{});
    Frame& child = machine.push_frame();
    child.is_create = true;
    child.self = &created;
    child.caller = creator.address;
    child.value = value;
    child.gas = gas;
    child.code = initcode.get();
    child.pc = initcode->data();
    child.initcode = std::move(initcode);
    child.snapshot = before;
    return Signal::call;
}

}  // namespace

Address create_address(const Address& creator, std::uint64_t nonce) {
    Bytes items;
    rlp::append_bytes(items, creator);
    rlp::append_u64(items, nonce);
    return array_at<20>(keccak256(rlp::list(items)), 12);
}

Signal call_precompile(Machine& machine, std::uint32_t number, View input, std::int64_t& gas,
                       Bytes& output) {
    const Fork fork = machine.block.fork;
    const std::uint64_t price = precompile_gas(fork, number, input);
    if (price > static_cast<std::uint64_t>(gas)) return Signal::out_of_gas;
    gas -= static_cast<std::int64_t>(price);
    if constexpr (is_metered) meter_precompile(machine.state.meter, number, price, input);
    const bool succeeds = evm::run_precompile(fork, number, input, output);
    return succeeds ? Signal::stop : Signal::precompile_failed;
}

namespace instructions {

Signal call(Machine& machine, Frame& frame) {
    const Word gas = pop(frame);
    StateAccount& to = machine.state.account_entry(pop(frame).to_address());
    const Word value = pop(frame);
    const bool moves_value = !value.is_zero();
    if (moves_value && frame.is_static) return Signal::write_protection;
    Call call{&to, &to, frame.self->address, value, moves_value, frame.is_static};
    if (!pop_ranges(machine, frame, call) || !access(machine, frame, to)) return Signal::out_of_gas;
    if (moves_value && !charge(frame, value_gas)) return Signal::out_of_gas;
    if (moves_value && machine.state.load(to).is_dead() && !charge(frame, new_account_gas))
        return Signal::out_of_gas;
    return start(machine, frame, call, gas);
}

Signal callcode(Machine& machine, Frame& frame) {
    const Word gas = pop(frame);
    StateAccount& code = machine.state.account_entry(pop(frame).to_address());
    const Word value = pop(frame);
    const bool moves_value = !value.is_zero();
    Call call{frame.self, &code, frame.self->address, value, moves_value, frame.is_static};
    if (!pop_ranges(machine, frame, call) || !access(machine, frame, code))
        return Signal::out_of_gas;
    if (moves_value && !charge(frame, value_gas)) return Signal::out_of_gas;
    return start(machine, frame, call, gas);
}

Signal delegatecall(Machine& machine, Frame& frame) {
    const Word gas = pop(frame);
    StateAccount& code = machine.state.account_entry(pop(frame).to_address());
    Call call{frame.self, &code, frame.caller, frame.value, false, frame.is_static};
    if (!pop_ranges(machine, frame, call) || !access(machine, frame, code))
        return Signal::out_of_gas;
    return start(machine, frame, call, gas);
}

Signal staticcall(Machine& machine, Frame& frame) {
    const Word gas = pop(frame);
    StateAccount& to = machine.state.account_entry(pop(frame).to_address());
    Call call{&to, &to, frame.self->address, Word(), false, true};
    if (!pop_ranges(machine, frame, call) || !access(machine, frame, to)) return Signal::out_of_gas;
    return start(machine, frame, call, gas);
}

Signal create(Machine& machine, Frame& frame) {
    Word value;
    Range range;
    const Signal signal = prepare_create(machine, frame, value, range, initcode_word_gas);
    if (signal != Signal::next) return signal;
    const StateAccount& creator = machine.state.load(*frame.self);
    return start_create(machine, frame, value, range,
                        create_address(creator.address, creator.nonce));
}

Signal create2(Machine& machine, Frame& frame) {
    Word value;
    Range range;
    const Signal signal =
        prepare_create(machine, frame, value, range, initcode_word_gas + hash_word_gas);
    if (signal != Signal::next) return signal;
    const Word salt = pop(frame);
    if constexpr (is_metered)
        machine.state.meter.add(zk_gas::keccak_block, range.size / keccak_rate);
    return start_create(machine, frame, value, range,
                        create2_address(frame.self->address, salt, read(machine, frame, range)));
}

// EIP-150, EIP-161, EIP-2929, EIP-3529, EIP-6780.
Signal selfdestruct(Machine& machine, Frame& frame) {
    if (frame.is_static) return Signal::write_protection;
    State& state = machine.state;
    StateAccount& self = state.load(*frame.self);
    StateAccount& heir_entry = state.account_entry(pop(frame).to_address());
    if (state.warm_up(heir_entry) && !charge(frame, cold_account_gas)) return Signal::out_of_gas;
    const Word wei = self.balance;
    StateAccount& heir = state.load(heir_entry);
    if (!wei.is_zero() && heir.is_dead() && !charge(frame, new_account_gas))
        return Signal::out_of_gas;
    const bool dies = machine.block.fork < Fork::cancun || state.is_created(self);
    if (&heir != &self)
        state.transfer(self, heir, wei);
    else if (dies)
        state.set_balance(self, Word());
    if (dies) state.mark_destroyed(self);
    return Signal::stop;
}

}  // namespace instructions

}  // namespace strikefold::evm
