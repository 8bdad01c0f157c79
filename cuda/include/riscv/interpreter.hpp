// The instructions, once: with a trace that counts what is touched, or one that records everything.
//
// A trace has
//     RECORDS                    whether times matter
//     access(word, time)         notes an access to memory; when the word was accessed before
//     access_register(r, time)   the same for a register
//     step(family, event)        takes what an instruction did, if RECORDS
//     count(op)                  sees every instruction that ran
//     interrupted()              asks for a pause after this instruction
#pragma once

#include <array>
#include <cstdint>
#include <riscv/program.hpp>
#include <riscv/rows.hpp>
#include <riscv/stop.hpp>
#include <utility>

namespace strikefold::riscv
{
inline constexpr uint32_t TICKS = 4;

/// time, pc, a, b, before, last1, last2, last3: as node/recursion/riscv/events.py tells.
using Event = std::array<uint32_t, 8>;

template <Op OP>
[[nodiscard]] constexpr uint32_t compute(uint32_t a, uint32_t b) noexcept
{
    const auto signed_a = static_cast<int32_t>(a);
    const auto signed_b = static_cast<int32_t>(b);
    const bool overflows = a == 0x8000'0000 && b == 0xffff'ffff;
    switch (OP)
    {
    case Op::ADD: return a + b;
    case Op::SUB: return a - b;
    case Op::XOR: return a ^ b;
    case Op::OR: return a | b;
    case Op::AND: return a & b;
    case Op::SLT: return signed_a < signed_b ? 1 : 0;
    case Op::SLTU: return a < b ? 1 : 0;
    case Op::SLL: return a << (b & 31);
    case Op::SRL: return a >> (b & 31);
    case Op::SRA: return static_cast<uint32_t>(signed_a >> (b & 31));
    case Op::MUL: return a * b;
    case Op::MULH: return static_cast<uint32_t>(int64_t{signed_a} * signed_b >> 32);
    case Op::MULHSU: return static_cast<uint32_t>(int64_t{signed_a} * int64_t{b} >> 32);
    case Op::MULHU: return static_cast<uint32_t>(uint64_t{a} * b >> 32);
    case Op::DIV:
        return b == 0 ? ~0U : overflows ? a : static_cast<uint32_t>(signed_a / signed_b);
    case Op::DIVU: return b == 0 ? ~0U : a / b;
    case Op::REM: return b == 0 ? a : overflows ? 0 : static_cast<uint32_t>(signed_a % signed_b);
    case Op::REMU: return b == 0 ? a : a % b;
    default: return 0;
    }
}

template <Op OP>
[[nodiscard]] constexpr bool branches(uint32_t a, uint32_t b) noexcept
{
    switch (OP)
    {
    case Op::BEQ: return a == b;
    case Op::BNE: return a != b;
    case Op::BLT: return static_cast<int32_t>(a) < static_cast<int32_t>(b);
    case Op::BGE: return static_cast<int32_t>(a) >= static_cast<int32_t>(b);
    case Op::BLTU: return a < b;
    default: return a >= b;
    }
}

/// Bytes of an access.
[[nodiscard]] constexpr uint32_t width(Op op) noexcept
{
    if (op == Op::LW || op == Op::SW)
        return 4;
    return op == Op::LH || op == Op::LHU || op == Op::SH ? 2 : 1;
}

/// What a load makes of the memory word.
template <Op OP>
[[nodiscard]] constexpr uint32_t extract(uint32_t word, uint32_t address) noexcept
{
    const uint32_t shifted = word >> (address % 4 * 8);
    switch (OP)
    {
    case Op::LB: return static_cast<uint32_t>(static_cast<int8_t>(shifted));
    case Op::LH: return static_cast<uint32_t>(static_cast<int16_t>(shifted));
    case Op::LBU: return shifted & 0xff;
    case Op::LHU: return shifted & 0xffff;
    default: return word;
    }
}

/// The memory word after a store.
template <Op OP>
[[nodiscard]] constexpr uint32_t insert(uint32_t word, uint32_t address, uint32_t value) noexcept
{
    if constexpr (OP == Op::SW)
        return value;
    const uint32_t shift = address % 4 * 8;
    const uint32_t mask = (OP == Op::SH ? 0xffffU : 0xffU) << shift;
    return (word & ~mask) | (value << shift & mask);
}

/// Why `bytes` bytes from there cannot be read (or written) in pieces of `width`.
template <bool WRITES>
[[nodiscard]] constexpr Stop check_access(uint32_t address, uint32_t width, uint32_t bytes) noexcept
{
    if (address % width != 0) [[unlikely]]
        return Stop::MISALIGNED_ACCESS;
    constexpr uint32_t START = WRITES ? DATA_START : CODE_START;
    if (address - START > MEMORY_END - START - bytes) [[unlikely]]
    {
        const bool in_code = address >= CODE_START && address < DATA_START;
        return WRITES && in_code ? Stop::STORE_TO_CODE : Stop::OUTSIDE_MEMORY;
    }
    return Stop::NONE;
}

template <class Trace>
class Interpreter
{
    using Next = const Instruction*;
    using Handler = Next (*)(Interpreter&, Next, uint32_t*);

    const Program& program_;
    Trace& trace_;
    uint32_t* words_;  ///< Memory; the registers lie at its start.
    Next at_;
    uint32_t outside_;  ///< The pc where `at_` is OUTSIDE: from there, nothing runs any more.
    uint32_t time_ = TICKS;
    Stop stop_ = Stop::NONE;

public:
    Interpreter(const Program& program, Trace& trace, uint32_t* words, uint32_t pc) noexcept
      : program_{program},
        trace_{trace},
        words_{words},
        at_{program.code()},
        outside_{program.base() + program.size()}
    {
        at_ = jump(pc);
    }

    [[nodiscard]] uint32_t pc() const noexcept { return pc_of(at_); }
    [[nodiscard]] uint32_t time() const noexcept { return time_; }
    /// The call it stands at is done.
    void pass() noexcept
    {
        ++at_;
        time_ += TICKS;
    }

    /// Runs at most `count` instructions. Returns how many ran, and what they stopped at.
    std::pair<uint64_t, Stop> run(uint64_t count) noexcept
    {
        uint64_t left = count;
        while (left != 0)
        {
            const Next at = at_;
            const Next next = HANDLERS[static_cast<size_t>(at->op)](*this, at, words_);
            if (next == nullptr) [[unlikely]]
                return {count - left, std::exchange(stop_, Stop::NONE)};
            trace_.count(at->op);
            at_ = next;
            time_ += TICKS;
            --left;
            if (trace_.interrupted()) [[unlikely]]
                break;
        }
        return {count - left, Stop::NONE};
    }

private:
    [[nodiscard]] uint32_t pc_of(Next at) const noexcept
    {
        return at->op == Op::OUTSIDE ?
                   outside_ :
                   program_.base() + 4 * static_cast<uint32_t>(at - program_.code());
    }
    [[nodiscard]] Next fail(Stop stop) noexcept
    {
        stop_ = stop;
        return nullptr;
    }

    void record(Op op, Next at, uint32_t a, uint32_t b, uint32_t before,
        const std::array<uint32_t, 3>& last)
    {
        trace_.step(family(op), {time_, pc_of(at), a, b, before, last[0], last[1], last[2]});
    }
    [[nodiscard]] uint32_t touch(uint32_t number, uint32_t tick) noexcept
    {
        return trace_.access_register(number, time_ + tick);
    }

    [[nodiscard]] Next jump(uint32_t target) noexcept
    {
        if (program_.contains(target)) [[likely]]
            return program_.code() + (target - program_.base()) / 4;
        outside_ = target;
        return program_.code() + program_.size() / 4;
    }

    template <Op OP>
    static Next operate(Interpreter& m, Next at, uint32_t* words) noexcept
    {
        const uint32_t a = words[at->rs1];
        const uint32_t b = words[at->rs2] + at->imm;
        if constexpr (Trace::RECORDS)
            m.record(OP, at, a, b, words[at->rd],
                {m.touch(at->rs1, 0), m.touch(at->rs2, 1), m.touch(at->rd, 2)});
        words[at->rd] = compute<OP>(a, b);
        return at + 1;
    }

    template <Op OP>
    static Next load(Interpreter& m, Next at, uint32_t* words) noexcept
    {
        const uint32_t a = words[at->rs1];
        const uint32_t address = a + at->imm;
        const Stop problem = check_access<false>(address, width(OP), width(OP));
        if (problem != Stop::NONE) [[unlikely]]
            return m.fail(problem);
        const uint32_t first = m.touch(at->rs1, 0);
        const uint32_t second = m.trace_.access(address / 4, m.time_ + 1);
        const uint32_t word = words[address / 4];
        if constexpr (Trace::RECORDS)
            m.record(OP, at, a, word, words[at->rd], {first, second, m.touch(at->rd, 2)});
        words[at->rd] = extract<OP>(word, address);
        return at + 1;
    }

    template <Op OP>
    static Next store(Interpreter& m, Next at, uint32_t* words) noexcept
    {
        const uint32_t a = words[at->rs1];
        const uint32_t b = words[at->rs2];
        const uint32_t address = a + at->imm;
        const Stop problem = check_access<true>(address, width(OP), width(OP));
        if (problem != Stop::NONE) [[unlikely]]
            return m.fail(problem);
        const uint32_t first = m.touch(at->rs1, 0);
        const uint32_t second = m.touch(at->rs2, 1);
        const uint32_t third = m.trace_.access(address / 4, m.time_ + 2);
        uint32_t& word = words[address / 4];
        if constexpr (Trace::RECORDS)
            m.record(OP, at, a, b, word, {first, second, third});
        word = insert<OP>(word, address, b);
        return at + 1;
    }

    template <Op OP>
    static Next branch(Interpreter& m, Next at, uint32_t* words) noexcept
    {
        const uint32_t a = words[at->rs1];
        const uint32_t b = words[at->rs2];
        const bool taken = branches<OP>(a, b);
        if (taken && at->target % 4 != 0) [[unlikely]]
            return m.fail(Stop::MISALIGNED_JUMP);
        if constexpr (Trace::RECORDS)
            m.record(OP, at, a, b, 0, {m.touch(at->rs1, 0), m.touch(at->rs2, 1), 0});
        return taken ? m.jump(at->target) : at + 1;
    }

    static Next set(Interpreter& m, Next at, uint32_t* words) noexcept
    {
        if (at->target % 4 != 0) [[unlikely]]
            return m.fail(Stop::MISALIGNED_JUMP);
        if constexpr (Trace::RECORDS)
            m.record(Op::SET, at, 0, 0, words[at->rd], {0, 0, m.touch(at->rd, 2)});
        words[at->rd] = at->imm;
        return m.jump(at->target);
    }

    /// The lowest bit of the target is cleared (ISA manual, section 2.5).
    static Next jump_register(Interpreter& m, Next at, uint32_t* words) noexcept
    {
        const uint32_t a = words[at->rs1];
        const uint32_t target = (a + at->imm) & ~1U;
        if (target % 4 != 0) [[unlikely]]
            return m.fail(Stop::MISALIGNED_JUMP);
        if constexpr (Trace::RECORDS)
            m.record(Op::JALR, at, a, 0, words[at->rd], {m.touch(at->rs1, 0), 0, m.touch(at->rd, 2)});
        words[at->rd] = m.pc_of(at) + 4;
        return m.jump(target);
    }

    template <Stop STOP>
    static Next stand(Interpreter& m, Next, uint32_t*) noexcept
    {
        return m.fail(STOP);
    }

    template <size_t I>
    [[nodiscard]] static constexpr Handler handler() noexcept
    {
        constexpr Op OP{I};
        if constexpr (OP >= Op::ADD && OP <= Op::REMU)
            return &operate<OP>;
        else if constexpr (OP >= Op::LW && OP <= Op::LHU)
            return &load<OP>;
        else if constexpr (OP >= Op::SW && OP <= Op::SH)
            return &store<OP>;
        else if constexpr (OP >= Op::BEQ && OP <= Op::BGEU)
            return &branch<OP>;
        else if constexpr (OP == Op::SET)
            return &set;
        else if constexpr (OP == Op::JALR)
            return &jump_register;
        else if constexpr (OP == Op::ECALL)
            return &stand<Stop::CALL>;
        else
            return &stand<OP == Op::OUTSIDE ? Stop::OUTSIDE_CODE : Stop::ILLEGAL_INSTRUCTION>;
    }
    template <size_t... I>
    [[nodiscard]] static constexpr std::array<Handler, OPS> handlers(
        std::index_sequence<I...>) noexcept
    {
        return {handler<I>()...};
    }
    static constexpr std::array<Handler, OPS> HANDLERS = handlers(std::make_index_sequence<OPS>{});
};
}  // namespace strikefold::riscv
