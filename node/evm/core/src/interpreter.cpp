// The loop over a frame's instructions. Program counter, stack pointer and gas live in registers;
// an instruction that needs the frame gets them written back first.
#include "instructions.hpp"
#include "opcodes.hpp"

namespace strikefold::evm {

namespace {

struct Requirement {
    std::int64_t gas;
    std::ptrdiff_t taken, left;
};

namespace requirement {
#define STRIKEFOLD_REQUIREMENT(opcode, name, gas, taken, left) \
    inline constexpr Requirement name{gas, taken, left};
STRIKEFOLD_INSTRUCTIONS(STRIKEFOLD_REQUIREMENT)
#undef STRIKEFOLD_REQUIREMENT
}  // namespace requirement

// Gas is counted in a register. Where that is narrower than gas, it holds a portion, and the frame
// what is beyond.
using Portion = SignedLimb;
constexpr bool holds_all_gas = sizeof(Portion) == sizeof(std::int64_t);
constexpr std::int64_t portion_limit = 1 << 16;  // more than any instruction's base price

[[nodiscard]] inline Portion take_gas(Frame& frame) noexcept {
    if constexpr (holds_all_gas) return static_cast<Portion>(frame.gas);
    const std::int64_t portion = std::min(frame.gas, portion_limit);
    frame.gas -= portion;
    return static_cast<Portion>(portion);
}

// Unsigned: otherwise compilers compare first, and then keep both numbers.
[[nodiscard]] inline Portion pay(Portion gas, std::int64_t price) noexcept {
    return static_cast<Portion>(static_cast<Limb>(gas) - static_cast<Limb>(price));
}

[[nodiscard]] inline std::int64_t gas_left(const Frame& frame, Portion portion) noexcept {
    return holds_all_gas ? portion : frame.gas + portion;
}

// What was counted for an instruction by the time that its portion of gas ran out.
struct Counted {
    std::int64_t gas = 0;
    std::uint64_t cells = 0;
};
constexpr auto counted = [] {
    std::array<Counted, 256> by_opcode{};
// without a meter no cells: the guest does not depend on the table that is measured on it
#define STRIKEFOLD_COUNTED(opcode, name, gas, taken, left) \
    by_opcode[opcode] = {gas, is_metered ? zk_gas::name : 0};
    STRIKEFOLD_INSTRUCTIONS(STRIKEFOLD_COUNTED)
#undef STRIKEFOLD_COUNTED
    return by_opcode;
}();

// The number in the `size` bytes after a push.
template <std::size_t size>
[[nodiscard]] inline Word immediate(const std::uint8_t* bytes) noexcept {
    Word word;
#pragma GCC unroll 32
    for (std::size_t i = 0; i < size; ++i) {
        const std::size_t place = size - 1 - i;
        word.limbs[place / sizeof(Limb)] |=
            static_cast<Limb>(static_cast<Limb>(bytes[i]) << (8 * (place % sizeof(Limb))));
    }
    return word;
}

constexpr Word zero, ones = ~zero;

// a := b.
inline void assign(Word& a, const Word& b) noexcept {
    if constexpr (has_word_operations)
        operate(WordOperation::copy, a.limbs, b.limbs);
    else
        a = b;
}

// Whether a word is zero, which may put the answer in its place.
[[nodiscard]] inline bool test_zero(Word& word) noexcept {
    if constexpr (has_word_operations) {
        operate(WordOperation::eq, word.limbs, zero.limbs);
        return word.limbs[0] != 0;
    } else {
        return word.is_zero();
    }
}

inline void swap(Word& a, Word& b) noexcept {
    if constexpr (has_word_operations)
        exchange(a.limbs, b.limbs);
    else
        std::swap(a, b);
}

[[nodiscard]] inline unsigned shift_of(const Word& word) noexcept {
    return static_cast<unsigned>(std::min<std::uint64_t>(word.saturated64(), 256));
}

}  // namespace

// A label an instruction, each ending in the jump to the next: what branch prediction likes best.
Signal interpret(Machine& machine, Frame& frame) {
#define TARGET(name) &&target_##name,
#define NO_TARGET() &&undefined,
    static constexpr const void* const targets[256] = {STRIKEFOLD_OPCODES(TARGET, NO_TARGET)};
#undef TARGET
#undef NO_TARGET

    const std::uint8_t* const code = frame.code->data();
    const std::uint8_t* pc = frame.pc;
    Word* const stack = frame.stack;
    Word* const stack_end = stack + stack_limit;
    Word* sp = frame.sp;
    Portion gas = take_gas(frame);
    std::uint8_t* memory = machine.memory_of(frame);
    std::size_t memory_size = frame.memory_size;
    Signal signal = Signal::next;
    [[maybe_unused]] std::uint64_t cells = 0;  // zk gas of the instructions

#define DISPATCH() goto* targets[*pc]
#define NEXT() \
    ++pc;      \
    DISPATCH()
#define ENTER(name)                                                       \
    target_##name : if constexpr (is_metered) cells += zk_gas::name;      \
    static_assert(requirement::name.left <= requirement::name.taken + 1); \
    if constexpr (requirement::name.taken == 1) {                         \
        if (sp == stack) [[unlikely]]                                     \
            goto underflow;                                               \
    } else if constexpr (requirement::name.taken > 1) {                   \
        if (sp < stack + requirement::name.taken) [[unlikely]]            \
            goto underflow;                                               \
    }                                                                     \
    if constexpr (requirement::name.left > requirement::name.taken) {     \
        if (sp == stack_end) [[unlikely]]                                 \
            goto overflow;                                                \
    }                                                                     \
    if constexpr (requirement::name.gas != 0) {                           \
        static_assert(requirement::name.gas < portion_limit);             \
        gas = pay(gas, requirement::name.gas);                            \
        if (gas < 0) [[unlikely]]                                         \
            goto out_of_gas;                                              \
    }
#define SINCE(first_fork) \
    if (machine.block.fork < Fork::first_fork) goto undefined
#define BINARY(name, expression)   \
    ENTER(name) {                  \
        const Word& a = sp[-1];    \
        const Word& b = sp[-2];    \
        const Word r = expression; \
        sp[-2] = r;                \
        --sp;                      \
    }                              \
    NEXT();
// The same in place, where the machine has a way for it.
#define OPERATE(name, operation, expression)                               \
    ENTER(name) {                                                          \
        if constexpr (has_word_operations) {                               \
            operate(WordOperation::operation, sp[-2].limbs, sp[-1].limbs); \
        } else {                                                           \
            const Word& a = sp[-1];                                        \
            const Word& b = sp[-2];                                        \
            const Word r = expression;                                     \
            sp[-2] = r;                                                    \
        }                                                                  \
        --sp;                                                              \
    }                                                                      \
    NEXT();
// So for one operand, by an operation with a constant.
#define UNARY(name, operation, constant, expression)                           \
    ENTER(name) {                                                              \
        if constexpr (has_word_operations) {                                   \
            operate(WordOperation::operation, sp[-1].limbs, (constant).limbs); \
        } else {                                                               \
            const Word& a = sp[-1];                                            \
            sp[-1] = expression;                                               \
        }                                                                      \
    }                                                                          \
    NEXT();
#define PUSH_VALUE(name, expression) \
    ENTER(name) {                    \
        *sp++ = Word(expression);    \
    }                                \
    NEXT();
// What follows an instruction that had the frame.
#define RUN(call)                       \
    frame.gas = gas_left(frame, gas);   \
    frame.sp = sp;                      \
    signal = (call);                    \
    if (signal != Signal::next) {       \
        machine.state.meter.add(cells); \
        frame.pc = pc + 1;              \
        return signal;                  \
    }                                   \
    gas = take_gas(frame);              \
    sp = frame.sp;                      \
    memory = machine.memory_of(frame);  \
    memory_size = frame.memory_size;    \
    NEXT()
#define COMPLEX(name, function) \
    ENTER(name)                 \
    RUN(instructions::function(machine, frame));

    DISPATCH();

    ENTER(STOP)
    frame.gas = gas_left(frame, gas);
    machine.state.meter.add(cells);
    return Signal::stop;

    OPERATE(ADD, add, a + b)
    BINARY(MUL, a * b)
    OPERATE(SUB, sub, a - b)
    BINARY(DIV, divide(a, b).quotient)
    BINARY(SDIV, divide_signed(a, b).quotient)
    BINARY(MOD, divide(a, b).remainder)
    BINARY(SMOD, divide_signed(a, b).remainder)
    BINARY(SIGNEXTEND, sign_extend(a, b))
    OPERATE(LT, lt, Word(a < b))
    OPERATE(GT, gt, Word(b < a))
    OPERATE(SLT, slt, Word(less_signed(a, b)))
    OPERATE(SGT, sgt, Word(less_signed(b, a)))
    OPERATE(EQ, eq, Word(a == b))
    BINARY(AND, a & b)
    BINARY(OR, a | b)
    BINARY(XOR, a ^ b)
    BINARY(BYTE, byte_of(a, b))
    BINARY(SHL, b << shift_of(a))
    BINARY(SHR, b >> shift_of(a))
    BINARY(SAR, shift_right_signed(b, shift_of(a)))
    UNARY(ISZERO, eq, zero, Word(a.is_zero()))
    UNARY(NOT, sub, ones, ~a)

    ENTER(CLZ)
    SINCE(osaka);
    sp[-1] = Word(sp[-1].leading_zeros());
    NEXT();

    ENTER(ADDMOD)
    sp[-3] = add_mod(sp[-1], sp[-2], sp[-3]);
    sp -= 2;
    NEXT();

    ENTER(MULMOD)
    sp[-3] = multiply_mod(sp[-1], sp[-2], sp[-3]);
    sp -= 2;
    NEXT();

    PUSH_VALUE(ADDRESS, frame.self->address)
    PUSH_VALUE(ORIGIN, machine.transaction.origin)
    PUSH_VALUE(CALLER, frame.caller)
    PUSH_VALUE(CALLVALUE, frame.value)
    PUSH_VALUE(CALLDATASIZE, frame.input_size)
    PUSH_VALUE(CODESIZE, frame.code->size())
    PUSH_VALUE(GASPRICE, machine.transaction.gas_price)
    PUSH_VALUE(RETURNDATASIZE, machine.return_data.size())
    PUSH_VALUE(COINBASE, machine.block.coinbase)
    PUSH_VALUE(TIMESTAMP, machine.block.timestamp)
    PUSH_VALUE(NUMBER, machine.block.number)
    PUSH_VALUE(PREVRANDAO, machine.block.prev_randao)
    PUSH_VALUE(GASLIMIT, machine.block.gas_limit)
    PUSH_VALUE(CHAINID, machine.block.chain_id)
    PUSH_VALUE(BASEFEE, machine.block.base_fee)
    PUSH_VALUE(PC, static_cast<std::uint64_t>(pc - code))
    PUSH_VALUE(MSIZE, memory_size)
    PUSH_VALUE(GAS, static_cast<std::uint64_t>(gas_left(frame, gas)))
    PUSH_VALUE(PUSH0, std::uint64_t{0})

    ENTER(BLOBBASEFEE)
    SINCE(cancun);
    *sp++ = machine.block.blob_base_fee;
    NEXT();

    ENTER(POP)
    --sp;
    NEXT();

    ENTER(MLOAD)
    if (const Word& at = sp[-1];
        at.fits_u64() && memory_size >= 32 && at.low64() <= memory_size - 32) {
        sp[-1].load(std::span<const std::uint8_t, 32>(memory + at.low64(), 32));
        NEXT();
    }
    RUN(instructions::mload(machine, frame));

    ENTER(MSTORE)
    if (const Word& at = sp[-1];
        at.fits_u64() && memory_size >= 32 && at.low64() <= memory_size - 32) {
        sp[-2].store(memory + at.low64());
        sp -= 2;
        NEXT();
    }
    RUN(instructions::mstore(machine, frame));

    ENTER(JUMP)
    if (!sp[-1].fits_u64() || !frame.code->is_jumpdest(sp[-1].low64())) goto bad_jump;
    if (machine.is_stopped_at_jump()) [[unlikely]]
        goto stopped;
    pc = code + sp[-1].low64();
    --sp;
    DISPATCH();

    ENTER(JUMPI)
    sp -= 2;
    if (test_zero(sp[0])) {
        NEXT();
    }
    if (!sp[1].fits_u64() || !frame.code->is_jumpdest(sp[1].low64())) goto bad_jump;
    if (machine.is_stopped_at_jump()) [[unlikely]]
        goto stopped;
    pc = code + sp[1].low64();
    DISPATCH();

    ENTER(JUMPDEST)
    NEXT();

#define PUSH(n)                   \
    ENTER(PUSH##n)                \
    *sp++ = immediate<n>(pc + 1); \
    pc += n + 1;                  \
    DISPATCH();
    // clang-format off
    PUSH(1) PUSH(2) PUSH(3) PUSH(4) PUSH(5) PUSH(6) PUSH(7) PUSH(8)
    PUSH(9) PUSH(10) PUSH(11) PUSH(12) PUSH(13) PUSH(14) PUSH(15) PUSH(16)
    PUSH(17) PUSH(18) PUSH(19) PUSH(20) PUSH(21) PUSH(22) PUSH(23) PUSH(24)
    PUSH(25) PUSH(26) PUSH(27) PUSH(28) PUSH(29) PUSH(30) PUSH(31) PUSH(32)
    // clang-format on
#undef PUSH

#define DUP(n)             \
    ENTER(DUP##n)          \
    assign(sp[0], sp[-n]); \
    ++sp;                  \
    NEXT();
        // clang-format off
    DUP(1) DUP(2) DUP(3) DUP(4) DUP(5) DUP(6) DUP(7) DUP(8)
    DUP(9) DUP(10) DUP(11) DUP(12) DUP(13) DUP(14) DUP(15) DUP(16)
    // clang-format on
#undef DUP

#define SWAP(n)               \
    ENTER(SWAP##n)            \
    swap(sp[-1], sp[-1 - n]); \
    NEXT();
        // clang-format off
    SWAP(1) SWAP(2) SWAP(3) SWAP(4) SWAP(5) SWAP(6) SWAP(7) SWAP(8)
    SWAP(9) SWAP(10) SWAP(11) SWAP(12) SWAP(13) SWAP(14) SWAP(15) SWAP(16)
    // clang-format on
#undef SWAP

                COMPLEX(EXP, exp) COMPLEX(KECCAK256, keccak256) COMPLEX(BALANCE, balance)
                    COMPLEX(CALLDATALOAD, call_data_load) COMPLEX(CALLDATACOPY, call_data_copy)
                        COMPLEX(CODECOPY, code_copy) COMPLEX(EXTCODESIZE, ext_code_size) COMPLEX(
                            EXTCODECOPY, ext_code_copy) COMPLEX(RETURNDATACOPY, return_data_copy)
                            COMPLEX(EXTCODEHASH, ext_code_hash) COMPLEX(BLOCKHASH, block_hash)
                                COMPLEX(SELFBALANCE, self_balance) COMPLEX(MSTORE8, mstore8)
                                    COMPLEX(SLOAD, sload) COMPLEX(SSTORE, sstore)
                                        COMPLEX(CREATE, create) COMPLEX(CREATE2, create2)
                                            COMPLEX(CALL, call) COMPLEX(CALLCODE, callcode)
                                                COMPLEX(DELEGATECALL, delegatecall)
                                                    COMPLEX(STATICCALL, staticcall)
                                                        COMPLEX(RETURN, return_)
                                                            COMPLEX(REVERT, revert)
                                                                COMPLEX(SELFDESTRUCT, selfdestruct)

                                                                    ENTER(BLOBHASH) SINCE(cancun);
    RUN(instructions::blob_hash(machine, frame));

    ENTER(TLOAD)
    SINCE(cancun);
    RUN(instructions::tload(machine, frame));

    ENTER(TSTORE)
    SINCE(cancun);
    RUN(instructions::tstore(machine, frame));

    ENTER(MCOPY)
    SINCE(cancun);
    RUN(instructions::mcopy(machine, frame));

    ENTER(LOG0)
    RUN(instructions::log(machine, frame, 0));
    ENTER(LOG1)
    RUN(instructions::log(machine, frame, 1));
    ENTER(LOG2)
    RUN(instructions::log(machine, frame, 2));
    ENTER(LOG3)
    RUN(instructions::log(machine, frame, 3));
    ENTER(LOG4)
    RUN(instructions::log(machine, frame, 4));

undefined:
    signal = Signal::invalid_opcode;
    goto failed;
underflow:
    signal = Signal::stack_underflow;
    goto failed;
overflow:
    signal = Signal::stack_overflow;
    goto failed;
out_of_gas:
    if constexpr (!holds_all_gas) {
        if (frame.gas != 0) {  // of the portion only: the instruction again, with the next one
            frame.gas = gas_left(frame, gas) + counted[*pc].gas;
            gas = take_gas(frame);
            if constexpr (is_metered) cells -= counted[*pc].cells;
            DISPATCH();
        }
    }
stopped:
    signal = Signal::out_of_gas;
    goto failed;
bad_jump:
    signal = Signal::invalid_jump;
failed:
    machine.state.meter.add(cells);
    frame.pc = pc + 1;
    frame.sp = sp;
    return signal;
}

}  // namespace strikefold::evm
