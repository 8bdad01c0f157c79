// The virtual machine: frames of a message and its calls, on stacks of its own, so that depth costs
// none of the host's.
#pragma once

#include <memory>

#include "evm/environment.hpp"
#include "evm/state.hpp"

namespace strikefold::evm {

inline constexpr std::size_t stack_limit = 1024;
inline constexpr std::uint32_t max_depth = 1024;
inline constexpr std::uint64_t max_initcode_size = 49'152;

// What an instruction did. From out_of_gas on: why the frame failed, all of its gas gone.
enum class Signal : std::uint8_t {
    next,
    call,  // a frame was pushed
    stop,
    returned,
    reverted,
    out_of_gas,
    gas_overflow,        // memory beyond 64 bits
    sentry_out_of_gas,   // EIP-2200
    deposit_out_of_gas,  // for storing created code
    initcode_too_large,  // EIP-3860
    invalid_opcode,
    invalid_jump,
    stack_underflow,
    stack_overflow,
    write_protection,
    return_data_out_of_bounds,
    address_collision,
    code_too_large,
    invalid_code,
    precompile_failed,
};

[[nodiscard]] constexpr bool is_success(Signal signal) noexcept {
    return signal == Signal::stop || signal == Signal::returned;
}

// A call or creation from outside. to: whose account it acts on, and for a creation the new one.
// code: what runs; input: call data.
struct Message {
    bool is_create = false;
    Address sender{};
    StateAccount* to = nullptr;
    const Code* code = nullptr;
    std::uint32_t precompile = 0;
    Word value{};
    View input{};
    std::int64_t gas = 0;
};

// Where a frame failed, as far as its signal needs it said: the instruction, the height it found
// the stack at (stack_underflow, stack_overflow), the size asked for (initcode_too_large).
struct Halt {
    std::uint8_t opcode = 0;
    std::size_t height = 0;
    Word size;
};

struct Outcome {
    Signal signal = Signal::stop;
    std::int64_t gas_left = 0;
    Bytes output;
    Halt halt;

    [[nodiscard]] bool success() const noexcept { return is_success(signal); }
};

// Whether an execution can be told from outside to stop. What is proved runs to its end.
#ifdef __riscv
inline constexpr bool is_interruptible = false;
#else
inline constexpr bool is_interruptible = true;
#endif

// Asked every so often, at a jump.
class Interrupt {
public:
    virtual ~Interrupt() = default;

    [[nodiscard]] virtual bool is_requested() = 0;
};

struct Frame {
    const Code* code = nullptr;
    StateAccount* self = nullptr;
    Address caller{};
    Word value;
    std::int64_t gas = 0;
    const std::uint8_t* pc = nullptr;
    Word* sp = nullptr;     // the next free place
    Word* stack = nullptr;  // the first
    // In the machine's memory: this frame's, its input, and in its parent where output goes.
    std::size_t memory_base = 0, memory_size = 0;
    std::size_t input_offset = 0, input_size = 0;
    std::size_t output_offset = 0, output_size = 0;
    bool is_static = false, is_create = false;
    bool memory_overflow = false;  // what was asked for ends beyond 64 bits
    State::Snapshot snapshot{};
    std::unique_ptr<Code> initcode;
};

// Where CREATE, or a transaction without `to`, puts its contract.
[[nodiscard]] Address create_address(const Address& creator, std::uint64_t nonce);

class Machine {
public:
    Machine(State& on_state, const BlockEnv& in_block) : state(on_state), block(in_block) {}

    [[nodiscard]] Outcome run(const Message& message);

    // What execution itself ran into: then no outcome counts.
    [[nodiscard]] Status status() const noexcept { return status_; }
    void fail(Status status) noexcept {
        if (status_ == Status::ok) status_ = status;
    }

    // --- for instructions

    // A frame above the current one, with room on the stack and its memory after its parent's.
    Frame& push_frame();
    [[nodiscard]] std::uint32_t depth() const noexcept { return depth_; }
    [[nodiscard]] std::uint8_t* memory_of(const Frame& frame) noexcept {
        return memory_.data() + frame.memory_base;
    }
    [[nodiscard]] View input_of(const Frame& frame) const noexcept {
        return View(memory_).subspan(frame.input_offset, frame.input_size);
    }
    // Zeroes what is new.
    void grow_memory(Frame& frame, std::size_t size);
    // Counts a jump; whether execution has to stop.
    [[nodiscard]] bool is_stopped_at_jump() {
        if constexpr (!is_interruptible) return false;
        return jumps_left_-- == 0 && poll();
    }

    State& state;
    const BlockEnv& block;
    TransactionEnv transaction;
    Bytes return_data;  // of the last call that ended
    Bytes output;       // of the frame that ends
    Interrupt* interrupt = nullptr;

private:
    [[nodiscard]] bool poll();
    [[nodiscard]] Outcome run_precompile(const Message& message);
    [[nodiscard]] Signal begin_create(Frame& frame);
    [[nodiscard]] Signal run_top();
    [[nodiscard]] Halt halt_of(const Frame& frame, Signal signal) const;
    [[nodiscard]] Signal finish(Frame& frame, Signal signal);
    [[nodiscard]] Signal deploy(Frame& frame);
    void settle(Frame& parent, Frame& child, Signal signal);
    void reserve_stack(std::size_t words);

    std::vector<std::unique_ptr<Frame>> frames_;
    std::uint32_t depth_ = 0;  // frames in use
    std::vector<Word, Unset<Word>> stack_;
    Bytes memory_;
    Status status_ = Status::ok;
    std::uint32_t jumps_left_ = 0;
};

}  // namespace strikefold::evm
