// Rows of sha256: its calls and their steps of four rounds.
#include <riscv/fillers.hpp>
#include <riscv/hashes.hpp>

namespace strikefold::riscv
{
namespace
{
constexpr size_t STATE = 8;
constexpr size_t BLOCK = 16;
constexpr size_t STEP = 4;  ///< Rounds.

/// A call's event: time, a0, a1, a2, the state, its last times, the block, its own.
struct CallWords
{
    const uint32_t *state, *state_last, *block, *block_last;

    explicit CallWords(const uint32_t* words) noexcept
      : state{words + 4},
        state_last{state + STATE},
        block{state_last + STATE},
        block_last{block + BLOCK}
    {}
    [[nodiscard]] sha256::Rounds rounds() const noexcept
    {
        return {std::span<const uint32_t, STATE>{state, STATE},
            std::span<const uint32_t, BLOCK>{block, BLOCK}};
    }
};

/// Words that are added up, limb by limb.
struct Sum
{
    int32_t low = 0, high = 0;

    void add(uint32_t word, int32_t times = 1) noexcept
    {
        low += times * static_cast<int32_t>(word & 0xffff);
        high += times * static_cast<int32_t>(word >> 16);
    }
};

using Words = std::array<uint32_t, 64>;

/// What goes into w[t], once that many words are known.
[[nodiscard]] Sum sum_for(const Words& w, size_t t, size_t known) noexcept
{
    Sum out;
    if (t < BLOCK)
    {
        out.add(w[t]);
        return out;
    }
    out.add(w[t - 16]);
    if (t - 15 < known)
        out.add(sha256::small_0(w[t - 15]));
    if (t - 7 < known)
        out.add(w[t - 7]);
    if (t - 2 < known)
        out.add(sha256::small_1(w[t - 2]));
    return out;
}

/// The sums for the next sixteen words.
void sums(const Words& w, size_t known, Row& row) noexcept
{
    for (size_t t = known; t < known + BLOCK; ++t)
    {
        const Sum sum = sum_for(w, t, known);
        row.put(sum.low, sum.high);
    }
}

/// sha256.WordCarries of a sum.
void carries(const Sum& sum, uint32_t result, Row& row) noexcept
{
    int32_t carry = 0;
    const std::array<std::pair<int32_t, uint32_t>, 2> limbs{
        {{sum.low, result & 0xffff}, {sum.high, result >> 16}}};
    for (const auto& [total, limb] : limbs)
    {
        carry = (total + carry - static_cast<int32_t>(limb)) / 0x10000;
        if (carry < 0)
            row.put(0, 1);
        else
            row.put(carry % 3, carry / 3);
    }
}

/// The bits of words.
void bits(const uint32_t* words, size_t count, Row& row) noexcept
{
    for (size_t i = 0; i < count; ++i)
        row.bits(words[i]);
}

void a_carries(const sha256::Rounds& r, size_t t, Row& row) noexcept
{
    Sum sum;
    sum.add(r.e[t + 4]);
    sum.add(sha256::large_0(r.a[t + 3]));
    sum.add(sha256::majority(r.a[t + 3], r.a[t + 2], r.a[t + 1]));
    sum.add(r.a[t], -1);
    carries(sum, r.a[t + 4], row);
}

void e_carries(const sha256::Rounds& r, size_t t, Row& row) noexcept
{
    Sum sum;
    sum.add(r.a[t]);
    sum.add(r.e[t]);
    sum.add(sha256::large_1(r.e[t + 3]));
    sum.add(sha256::choice(r.e[t + 3], r.e[t + 2], r.e[t + 1]));
    sum.add(sha256::CONSTANTS[t]);
    sum.add(r.w[t]);
    carries(sum, r.e[t + 4], row);
}

/// Of word t, in the step that begins at `known`: sigma_1 of two words of a step comes late.
void w_carries(const sha256::Rounds& r, size_t t, size_t known, Row& row) noexcept
{
    Sum sum = sum_for(r.w, t, known);
    if (t >= BLOCK && t - 2 >= known)
        sum.add(sha256::small_1(r.w[t - 2]));
    carries(sum, r.w[t], row);
}
}  // namespace

void fill_sha256_step(const uint32_t* event, size_t number, Row& row) noexcept
{
    const sha256::Rounds r = CallWords{event}.rounds();
    const size_t begin = STEP * number;
    row.put(event[0]);
    row.one_hot(number / 4, 4);
    row.one_hot(number % 4, 4);
    row.word(r.a[begin]);
    row.word(r.e[begin]);
    bits(&r.a[begin + 1], 6, row);
    bits(&r.e[begin + 1], 6, row);
    row.word(r.a[begin + 7]);
    row.word(r.e[begin + 7]);
    bits(&r.w[begin], STEP, row);
    sums(r.w, begin, row);
    for (size_t t = begin; t < begin + STEP; ++t)
        row.word(sha256::small_1(r.w[t]));
    row.word(sha256::small_0(r.w[begin]));
    for (size_t t = begin; t < begin + STEP; ++t)
        a_carries(r, t, row);
    for (size_t t = begin; t < begin + STEP; ++t)
        e_carries(r, t, row);
    for (size_t t = begin; t < begin + STEP; ++t)
        w_carries(r, t, begin, row);
}

void fill_sha256_call(const uint32_t* event, Row& row) noexcept
{
    const CallWords words{event};
    const sha256::Rounds r = words.rounds();
    const std::array<uint32_t, STATE> last = r.last();
    call(event, row);
    row.words(words.state, STATE);
    for (size_t i = 0; i < STATE; ++i)
        row.word(words.state[i] + last[i]);
    row.words(words.block, BLOCK);
    row.words(last.data(), STATE);
    sums(r.w, r.w.size(), row);
    row.accesses(event[0] + 2, words.state_last, STATE);
    row.accesses(event[0] + 1, words.block_last, BLOCK);
    row.put(1);
}
}  // namespace strikefold::riscv
