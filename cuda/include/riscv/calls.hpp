// The calls, once, for every trace: docs/zkvm.md lists them.
//
// A trace also has
//     call(call, row)            takes what a call did; counts it
#pragma once

#include <riscv/accelerators.hpp>
#include <riscv/interpreter.hpp>
#include <riscv/machine.hpp>
#include <riscv/rows.hpp>

namespace strikefold::riscv
{
inline constexpr uint32_t A7 = 17;

/// The most leaves that one call touches, and nodes above them: two runs of words, 50 in all.
inline constexpr uint64_t CALL_LEAVES = 10;
inline constexpr uint64_t CALL_NODES = 104;

/// The call with this number; ECALL where there is none.
[[nodiscard]] constexpr Call call_of(uint32_t number) noexcept
{
    if (number == 93)
        return Call::HALT;
    return number >= 256 && number <= 263 ?
               static_cast<Call>(number - 256 + static_cast<uint32_t>(Call::HINT)) :
               Call::ECALL;
}

template <class Trace>
class Caller
{
    Machine& machine_;
    Trace& trace_;
    uint32_t time_, a0_, a1_, a2_;
    std::array<uint32_t, 104> row_;  ///< The longest: keccakf's.
    size_t filled_ = 0;

public:
    Caller(Machine& machine, Trace& trace, uint32_t time) noexcept
      : machine_{machine},
        trace_{trace},
        time_{time},
        a0_{machine.words[10]},
        a1_{machine.words[11]},
        a2_{machine.words[12]}
    {}

    /// NONE where the call is done and the program goes on.
    [[nodiscard]] Stop perform(uint32_t pc)
    {
        const uint32_t number = machine_.words[A7];
        const Call call = call_of(number);
        if (call == Call::ECALL)
            return Stop::UNKNOWN_CALL;
        put({{time_, pc, number, a0_, a1_, a2_}});
        for (const uint32_t r : {A7, 10U, 11U, 12U})
            put({{trace_.access_register(r, time_)}});
        trace_.call(Call::ECALL, row());
        put({{time_, a0_, a1_, a2_}});
        const Stop stop = dispatch(call);
        if (stop == Stop::NONE || stop == Stop::HALTED)
            trace_.call(call, row());
        return stop;
    }

private:
    [[nodiscard]] Stop dispatch(Call call)
    {
        switch (call)
        {
        case Call::HALT: return halt();
        case Call::HINT: return hint();
        case Call::KECCAKF: return keccak();
        case Call::SHA256: return sha();
        case Call::POSEIDON2: return poseidon();
        case Call::MULADDMOD: return multiply();
        case Call::SECP256K1_ADD: return add_points();
        case Call::SECP256K1_DOUBLE: return double_point();
        case Call::WORD_ALU: return compute_word();
        case Call::ECALL: break;
        }
        return Stop::UNKNOWN_CALL;
    }

    /// What was put, which begins anew.
    [[nodiscard]] std::span<const uint32_t> row() noexcept
    {
        return {row_.data(), std::exchange(filled_, 0)};
    }
    void put(std::span<const uint32_t> words) noexcept
    {
        if constexpr (Trace::RECORDS)
        {
            std::ranges::copy(words, row_.begin() + static_cast<std::ptrdiff_t>(filled_));
            filled_ += words.size();
        }
    }
    /// Accesses N words; when they were accessed before.
    template <size_t N>
    [[nodiscard]] std::array<uint32_t, N> touch(uint32_t address, uint32_t tick) noexcept
    {
        std::array<uint32_t, N> last;
        for (uint32_t i = 0; i < N; ++i)
            last[i] = trace_.access(address / 4 + i, time_ + tick);
        return last;
    }
    template <size_t N>
    [[nodiscard]] std::span<uint32_t, N> words(uint32_t address) noexcept
    {
        return std::span<uint32_t, N>{machine_.words.data() + address / 4, N};
    }
    template <size_t N>
    [[nodiscard]] std::array<uint32_t, N> copy(uint32_t address) noexcept
    {
        std::array<uint32_t, N> out;
        std::ranges::copy(words<N>(address), out.begin());
        return out;
    }
    [[nodiscard]] static Stop check_read(uint32_t address, uint32_t count) noexcept
    {
        return check_access<false>(address, 4, 4 * count);
    }
    [[nodiscard]] static Stop check_write(uint32_t address, uint32_t count) noexcept
    {
        return check_access<true>(address, 4, 4 * count);
    }

    [[nodiscard]] Stop halt() noexcept
    {
        if (const Stop problem = check_read(a1_, 8); problem != Stop::NONE)
            return problem;
        const auto last = touch<8>(a1_, 1);
        machine_.output = copy<8>(a1_);
        machine_.exit_code = a0_;
        put(machine_.output);
        put(last);
        return Stop::HALTED;
    }

    [[nodiscard]] Stop hint() noexcept
    {
        if (const Stop problem = check_write(a0_, 8); problem != Stop::NONE)
            return problem;
        if (machine_.hints >= machine_.input.blocks())
            return Stop::INPUT_EXHAUSTED;
        const Leaf value = machine_.input.block(machine_.hints++);
        const auto last = touch<8>(a0_, 2);
        put(value);
        put(words<8>(a0_));
        put(last);
        std::ranges::copy(value, words<8>(a0_).begin());
        return Stop::NONE;
    }

    /// Exchanges N words at a0 for what `compute` makes of them.
    template <size_t N, class Compute>
    [[nodiscard]] Stop exchange(const Compute& compute) noexcept
    {
        if (const Stop problem = check_write(a0_, N); problem != Stop::NONE)
            return problem;
        const auto last = touch<N>(a0_, 2);
        put(words<N>(a0_));
        put(last);
        return compute(words<N>(a0_));
    }

    /// The same of them and of M words at a1, which are read before.
    template <size_t N, size_t M, class Compute>
    [[nodiscard]] Stop exchange_with(const Compute& compute) noexcept
    {
        if (const Stop problem = check_write(a0_, N); problem != Stop::NONE)
            return problem;
        if (const Stop problem = check_read(a1_, M); problem != Stop::NONE)
            return problem;
        const auto read_last = touch<M>(a1_, 1);
        const auto read = copy<M>(a1_);
        const auto last = touch<N>(a0_, 2);
        put(words<N>(a0_));
        put(last);
        put(read);
        put(read_last);
        return compute(words<N>(a0_), read);
    }

    [[nodiscard]] Stop keccak() noexcept
    {
        return exchange<50>([](auto state) {
            keccakf(state);
            return Stop::NONE;
        });
    }

    [[nodiscard]] Stop sha() noexcept
    {
        return exchange_with<8, 16>([](auto state, const auto& block) {
            sha256_compress(state, block);
            return Stop::NONE;
        });
    }

    [[nodiscard]] Stop poseidon() noexcept
    {
        return exchange<16>([](auto state) { return poseidon2_words(state); });
    }

    [[nodiscard]] Stop multiply() noexcept
    {
        if (const Stop problem = check_write(a0_, 16); problem != Stop::NONE)
            return problem;
        if (const Stop problem = check_read(a1_, 32); problem != Stop::NONE)
            return problem;
        const auto in_last = touch<32>(a1_, 1);
        const auto in = copy<32>(a1_);
        const auto out_last = touch<16>(a0_, 2);
        put(in);
        put(in_last);
        put(words<16>(a0_));
        put(out_last);
        const Division result = muladdmod(in);
        std::ranges::copy(result.remainder, words<8>(a0_).begin());
        std::copy_n(result.quotient.begin(), 8, words<8>(a0_ + 32).begin());
        return Stop::NONE;
    }

    [[nodiscard]] Stop add_points() noexcept
    {
        return exchange_with<16, 16>(
            [](auto p, const auto& q) { return secp256k1_add(p, q); });
    }

    [[nodiscard]] Stop double_point() noexcept
    {
        return exchange<16>([](auto p) { return secp256k1_double(p); });
    }

    [[nodiscard]] Stop compute_word() noexcept
    {
        return exchange_with<8, 8>(
            [this](auto p, const auto& q) { return word_alu(p, q, a2_); });
    }
};
}  // namespace strikefold::riscv
