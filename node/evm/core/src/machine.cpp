#include "evm/machine.hpp"

#include "evm/precompiles.hpp"
#include "instructions.hpp"

namespace strikefold::evm {

namespace {

constexpr std::size_t max_code_size = 24'576;
constexpr std::uint64_t code_deposit_gas = 200;
// What the first frames find room in: growing later moves everything.
constexpr std::size_t first_words = 4 * stack_limit, first_memory = 1 << 16;
constexpr std::uint32_t jumps_between_polls = 1 << 14;  // well below a millisecond

}  // namespace

// Once stopped, frames end at their next jump.
bool Machine::poll() {
    if (status_ != Status::interrupted && interrupt != nullptr && interrupt->is_requested())
        fail(Status::interrupted);
    const bool stopped = status_ == Status::interrupted;
    jumps_left_ = stopped ? 0 : jumps_between_polls;
    return stopped;
}

Frame& Machine::push_frame() {
    if (depth_ == frames_.size()) frames_.push_back(std::make_unique<Frame>());
    Frame& frame = *frames_[depth_];
    std::size_t used = 0, memory = 0;
    if (depth_ != 0) {
        const Frame& parent = *frames_[depth_ - 1];
        used = static_cast<std::size_t>(parent.sp - stack_.data());
        memory = parent.memory_base + parent.memory_size;
    }
    reserve_stack(used + stack_limit);
    frame = Frame{};
    frame.stack = frame.sp = stack_.data() + used;
    frame.memory_base = memory;
    ++depth_;
    return frame;
}

void Machine::reserve_stack(std::size_t words) {
    if (words <= stack_.size()) return;
    const Word* before = stack_.data();
    stack_.resize(std::max({words, 2 * stack_.size(), first_words}));
    for (std::uint32_t i = 0; i < depth_; ++i) {
        Frame& frame = *frames_[i];
        frame.sp = stack_.data() + (frame.sp - before);
        frame.stack = stack_.data() + (frame.stack - before);
    }
}

void Machine::grow_memory(Frame& frame, std::size_t size) {
    state.meter.add(zk_gas::memory_growth);
    state.meter.add(zk_gas::memory_word, words_of(size - frame.memory_size));
    const std::size_t end = frame.memory_base + size;
    if (end > memory_.size()) memory_.resize(std::max({end, 2 * memory_.size(), first_memory}));
    std::memset(memory_of(frame) + frame.memory_size, 0, size - frame.memory_size);
    frame.memory_size = size;
}

Outcome Machine::run(const Message& message) {
    return_data.clear();
    output.clear();
    depth_ = 0;
    if (message.precompile != 0) return run_precompile(message);
    if (memory_.size() < message.input.size()) memory_.resize(message.input.size());
    copy(memory_.data(), message.input);
    Frame& frame = push_frame();
    frame.memory_base = message.input.size();
    frame.input_size = message.input.size();
    frame.is_create = message.is_create;
    frame.code = message.code;
    frame.self = message.to;
    frame.caller = message.sender;
    frame.value = message.value;
    frame.gas = message.gas;
    frame.pc = frame.code->data();
    frame.snapshot = state.snapshot();
    Signal signal = run_top();
    if (signal == Signal::out_of_gas && frame.memory_overflow) signal = Signal::gas_overflow;
    return {signal, frame.gas, std::move(output), halt_of(frame, signal)};
}

// Behind `pc` is the instruction; operands it took are above `sp` still.
Halt Machine::halt_of(const Frame& frame, Signal signal) const {
    if (is_success(signal) || frame.pc == frame.code->data()) return {};
    Halt halt{frame.pc[-1], static_cast<std::size_t>(frame.sp - frame.stack), {}};
    if (signal == Signal::initcode_too_large) halt.size = *frame.sp;
    return halt;
}

Outcome Machine::run_precompile(const Message& message) {
    const State::Snapshot before = state.snapshot();
    if (!message.value.is_zero())
        state.transfer(state.account(message.sender), state.load(*message.to), message.value);
    else
        touch_if_dead(state, *message.to);
    Outcome outcome{Signal::stop, message.gas, {}, {}};
    outcome.signal =
        call_precompile(*this, message.precompile, message.input, outcome.gas_left, outcome.output);
    if (!outcome.success()) {
        state.revert(before);
        outcome.gas_left = 0;
        outcome.output.clear();
    }
    return outcome;
}

// Runs frames until the first one ends.
Signal Machine::run_top() {
    Frame& first = *frames_[0];
    Signal signal = Signal::next;
    if (first.is_create)
        signal = begin_create(first);
    else if (!first.value.is_zero())
        state.transfer(state.account(first.caller), state.load(*first.self), first.value);
    else
        touch_if_dead(state, *first.self);
    while (true) {
        Frame& frame = *frames_[depth_ - 1];
        if (signal == Signal::next) signal = interpret(*this, frame);
        if (signal == Signal::call) {
            Frame& child = *frames_[depth_ - 1];
            signal = child.is_create ? begin_create(child) : Signal::next;
            continue;
        }
        signal = finish(frame, signal);
        --depth_;
        if (depth_ == 0) return signal;
        settle(*frames_[depth_ - 1], frame, signal);
        signal = Signal::next;
    }
}

// EIP-684, EIP-7610: nothing may be at the address but a balance.
Signal Machine::begin_create(Frame& frame) {
    StateAccount& created = state.load(*frame.self);
    if (created.nonce != 0 || created.has_code() || state.has_storage(created))
        return Signal::address_collision;
    state.set_nonce(created, 1);
    state.mark_created(created);
    state.transfer(state.account(frame.caller), created, frame.value);
    return Signal::next;
}

// Deploys created code; reverts on failure. Output is empty unless the frame gave some.
Signal Machine::finish(Frame& frame, Signal signal) {
    if (signal != Signal::returned && signal != Signal::reverted) output.clear();
    if (frame.is_create && is_success(signal)) signal = deploy(frame);
    if (is_success(signal)) return signal;
    state.revert(frame.snapshot);
    if (signal != Signal::reverted) {
        frame.gas = 0;
        output.clear();
    }
    return signal;
}

Signal Machine::deploy(Frame& frame) {
    if (output.size() > max_code_size) return Signal::code_too_large;
    if (!output.empty() && output[0] == 0xef) return Signal::invalid_code;
    if (!charge(frame, code_deposit_gas * output.size())) return Signal::deposit_out_of_gas;
    state.set_code(*frame.self, output);
    return Signal::stop;
}

// Hands a child's result to its parent.
void Machine::settle(Frame& parent, Frame& child, Signal signal) {
    parent.gas += child.gas;
    const bool success = is_success(signal);
    if (child.is_create) {
        *parent.sp++ = success ? Word(child.self->address) : Word();
        if (success) output.clear();
    } else {
        *parent.sp++ = success ? 1 : 0;
        const std::size_t size = std::min(child.output_size, output.size());
        copy(memory_of(parent) + child.output_offset, View(output).first(size));
    }
    child.initcode.reset();
    std::swap(return_data, output);
    output.clear();
}

}  // namespace strikefold::evm
