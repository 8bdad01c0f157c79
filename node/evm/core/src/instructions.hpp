// Instructions with more to them than arithmetic: what they share, and the ones the interpreter
// calls. Each finds its operands on the frame's stack (checked) and takes them from it.
#pragma once

#include "evm/machine.hpp"

namespace strikefold::evm {

inline constexpr std::uint64_t warm_gas = 100;
inline constexpr std::uint64_t cold_account_gas = 2600;
inline constexpr std::uint64_t cold_slot_gas = 2100;
inline constexpr std::uint64_t new_account_gas = 25'000;
inline constexpr std::size_t keccak_rate = 136;  // bytes a permutation

// A frame's gas is never negative.
[[nodiscard]] inline bool charge(Frame& frame, std::uint64_t gas) noexcept {
    if (gas > static_cast<std::uint64_t>(frame.gas)) return false;
    frame.gas -= static_cast<std::int64_t>(gas);
    return true;
}

[[nodiscard]] inline Word pop(Frame& frame) noexcept {
    return *--frame.sp;
}
inline void push(Frame& frame, const Word& word) noexcept {
    *frame.sp++ = word;
}

[[nodiscard]] constexpr std::uint64_t words_of(std::uint64_t bytes) noexcept {
    return (bytes + 31) / 32;
}

// A part of a frame's memory.
struct Range {
    std::size_t offset = 0, size = 0;
};

// Pays for the memory up to the end of a range and makes it; false where it cannot be paid for.
[[nodiscard]] bool expand(Machine& machine, Frame& frame, const Word& offset, const Word& size,
                          Range& range);

[[nodiscard]] inline View read(Machine& machine, const Frame& frame, const Range& range) noexcept {
    return {machine.memory_of(frame) + range.offset, range.size};
}

// Charges for touching an account and warms it up (EIP-2929).
[[nodiscard]] inline bool access(Machine& machine, Frame& frame, StateAccount& entry) {
    return charge(frame, machine.state.warm_up(entry) ? cold_account_gas : warm_gas);
}

// A message without value touches an account that is there but empty (EIP-161).
inline void touch_if_dead(State& state, StateAccount& account) {
    if (state.load(account).exists && account.is_empty()) state.touch(account);
}

// Charges for a precompile and runs it; `gas` is what is left.
[[nodiscard]] Signal call_precompile(Machine& machine, std::uint32_t number, View input,
                                     std::int64_t& gas, Bytes& output);

// Runs the frame until it ends or calls.
[[nodiscard]] Signal interpret(Machine& machine, Frame& frame);

namespace instructions {

using Instruction = Signal(Machine& machine, Frame& frame);

Instruction exp, keccak256, balance, call_data_load, call_data_copy, code_copy, ext_code_size,
    ext_code_copy, ext_code_hash, return_data_copy, block_hash, self_balance, blob_hash, sload,
    sstore, tload, tstore, mcopy, mload, mstore, mstore8, create, create2, call, callcode,
    delegatecall, staticcall, return_, revert, selfdestruct;

[[nodiscard]] Signal log(Machine& machine, Frame& frame, std::size_t topics);

}  // namespace instructions

}  // namespace strikefold::evm
