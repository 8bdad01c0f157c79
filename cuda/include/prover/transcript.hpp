// The prover's side of the transcript: node/recursion/transcript.py says what it does and why.
#pragma once

#include <algorithm>
#include <cstdint>
#include <prover/poseidon2.hpp>
#include <prover/threads.hpp>
#include <span>
#include <vector>

namespace strikefold
{
inline constexpr uint32_t GRIND_TAG = 0x47524e44;

class Transcript
{
    Fp state_[poseidon2::WIDTH]{};
    size_t absorbed_ = 0;
    size_t squeezed_ = poseidon2::RATE;

    void permute() noexcept
    {
        poseidon2::permute(state_);
        absorbed_ = 0;
    }

public:
    void observe(Fp x) noexcept
    {
        squeezed_ = poseidon2::RATE;
        state_[absorbed_] += x;
        if (++absorbed_ == poseidon2::RATE)
            permute();
    }

    [[nodiscard]] Fp sample() noexcept
    {
        if (squeezed_ == poseidon2::RATE)
        {
            permute();
            squeezed_ = 0;
        }
        return state_[squeezed_++];
    }

    [[nodiscard]] Fp5 sample_ext() noexcept
    {
        Fp5 out;
        for (Fp& coefficient : out.c)
            coefficient = sample();
        return out;
    }

    [[nodiscard]] uint32_t sample_index(uint32_t bits) noexcept
    {
        return sample().canonical() & ((uint32_t{1} << bits) - 1);
    }

    /// The smallest nonce whose work is `bits`, absorbed: every thread tries a stripe of nonces, and
    /// then the next, until one has found any.
    [[nodiscard]] uint32_t grind(uint32_t bits)
    {
        observe(Fp::from_canonical(GRIND_TAG));
        // a sixteenth of the expected work: little is done in vain, and threads seldom meet
        const size_t stripe = std::max<size_t>(64, (size_t{1} << bits) / 16 / thread_count());
        for (uint32_t start = 0;; start += static_cast<uint32_t>(stripe * thread_count()))
        {
            std::vector<uint32_t> found(thread_count(), NO_NONCE);
            parallel(stripe * thread_count(), stripe, [&](size_t begin, size_t end, size_t part) {
                found[part] = first_nonce(start + static_cast<uint32_t>(begin),
                    start + static_cast<uint32_t>(end), bits);
            });
            const uint32_t nonce = *std::ranges::min_element(found);
            if (nonce == NO_NONCE)
                continue;
            observe(Fp::from_canonical(nonce));
            (void)sample_index(bits);
            return nonce;
        }
    }

private:
    static constexpr uint32_t NO_NONCE = 0xffffffff;

    /// The smallest of the nonces begin .. end, a vector of them at once.
    [[nodiscard]] uint32_t first_nonce(uint32_t begin, uint32_t end, uint32_t bits) const noexcept
    {
        for (uint32_t start = begin; start < end; start += LANES<Packed>)
        {
            Fp lanes[LANES<Packed>];
            first_samples(start, lanes);
            for (uint32_t k = 0; k < LANES<Packed>; ++k)
            {
                if ((lanes[k].canonical() & ((uint32_t{1} << bits) - 1)) == 0)
                    return start + k;
            }
        }
        return NO_NONCE;
    }

    /// What the first sample would be after each of the nonces start, start + 1, ...
    void first_samples(uint32_t start, Fp (&lanes)[LANES<Packed>]) const noexcept
    {
        Packed state[poseidon2::WIDTH];
        for (size_t i = 0; i < poseidon2::WIDTH; ++i)
            state[i] = broadcast<Packed>(state_[i]);
        for (uint32_t k = 0; k < LANES<Packed>; ++k)
            lanes[k] = Fp::from_canonical(start + k);
        state[absorbed_] = state[absorbed_] + load<Packed>(lanes);
        if (absorbed_ + 1 == poseidon2::RATE)
            poseidon2::permute(state);
        poseidon2::permute(state);
        store(lanes, state[0]);
    }
};

/// Says elements: they go into the proof and into the transcript.
class Channel
{
    std::vector<uint32_t> elements_;

public:
    Transcript transcript;

    void say(Fp x)
    {
        transcript.observe(x);
        elements_.push_back(x.canonical());
    }
    void say(const Fp5& x)
    {
        for (const Fp coefficient : x.c)
            say(coefficient);
    }
    void say(std::span<const Fp> xs)
    {
        for (const Fp x : xs)
            say(x);
    }
    /// Observed, not written: the verifier knows it.
    void imply(const Fp5& x)
    {
        for (const Fp coefficient : x.c)
            transcript.observe(coefficient);
    }
    /// Written, not observed: what a root binds already.
    void write(std::span<const Fp> xs)
    {
        for (const Fp x : xs)
            elements_.push_back(x.canonical());
    }
    void grind(uint32_t bits)
    {
        if (bits != 0)
            elements_.push_back(transcript.grind(bits));
    }
    [[nodiscard]] Fp5 sample() noexcept { return transcript.sample_ext(); }
    [[nodiscard]] std::vector<uint32_t> take() noexcept { return std::move(elements_); }
};
}  // namespace strikefold
