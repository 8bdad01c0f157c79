// Rows of calls, of the ends of segments, of the memory tree and its hashes.
#include <prover/poseidon2.hpp>
#include <riscv/calls.hpp>
#include <riscv/fillers.hpp>

namespace strikefold::riscv
{
namespace
{
constexpr size_t CUBES =
    2 * poseidon2::HALF_FULL_ROUNDS * poseidon2::WIDTH + poseidon2::PARTIAL_ROUNDS;

/// The permutation of a state; its full rounds' cubes, then its partial rounds'.
void permute(
    const uint32_t* state, Fp (&s)[poseidon2::WIDTH], std::array<uint32_t, CUBES>& cubes) noexcept
{
    using namespace poseidon2;
    for (size_t i = 0; i < WIDTH; ++i)
        s[i] = Fp::from_canonical(state[i]);
    Row full{cubes.data()};
    const auto full_rounds = [&](size_t first) {
        for (size_t r = first; r < first + HALF_FULL_ROUNDS; ++r)
        {
            for (size_t i = 0; i < WIDTH; ++i)
            {
                s[i] = cube(s[i] + CONSTANTS.full[r][i]);
                full.put(s[i].canonical());
            }
            external_layer(s);
        }
    };
    external_layer(s);
    full_rounds(0);
    uint32_t* const partial = cubes.data() + 2 * HALF_FULL_ROUNDS * WIDTH;
    for (size_t r = 0; r < PARTIAL_ROUNDS; ++r)
    {
        partial[r] = cube(s[0] + CONSTANTS.partial[r]).canonical();
        partial_round(s, CONSTANTS.partial[r]);
    }
    full_rounds(HALF_FULL_ROUNDS);
}
}  // namespace

void fill_ecall(const uint32_t* event, Row& row) noexcept
{
    const uint32_t time = event[0];
    const uint32_t number = event[2];
    row.put(time, event[1], number);
    row.words(event + 3, 3);
    row.accesses(time, event + 6, 4);
    row.put(call_of(number) == Call::HALT, 1);
}

void fill_halt(const uint32_t* event, Row& row) noexcept
{
    call(event, row);
    row.words(event + 4, LEAF_WORDS);
    row.pointer(event[2]);
    row.accesses(event[0] + 1, event + 12, LEAF_WORDS);
    row.put(1);
}

void fill_hint(const uint32_t* event, Row& row) noexcept
{
    call(event, row);
    row.pointer(event[1]);
    row.words(event + 4, 2 * LEAF_WORDS);
    row.accesses(event[0] + 2, event + 20, LEAF_WORDS);
    row.put(1);
}

void fill_leaf(const LeafRow& event, Row& row) noexcept
{
    row.put(event[0]);
    row.words(&event[1], 2 * LEAF_WORDS);
    row.copy(&event[17], 24);
    row.put(1);
}

void fill_node(const NodeRow& event, Row& row) noexcept
{
    row.put(event[0], event[1]);
    row.copy(&event[4], 48);
    row.put(event[2], event[3], 1);
}

void fill_end(const Recorded& recorded, Row& row) noexcept
{
    row.put(recorded.end_time, recorded.last_pc, recorded.halted, 1);
    row.word(recorded.exit_code);
    row.words(recorded.output.data(), LEAF_WORDS);
}

void fill_poseidon2(const std::array<uint32_t, 16>& state, Row& row) noexcept
{
    Fp elements[poseidon2::WIDTH];
    std::array<uint32_t, CUBES> cubes;
    permute(state.data(), elements, cubes);
    row.copy(state.data(), state.size());
    row.copy(cubes.data(), cubes.size());
    row.put(1);
}

void fill_poseidon2_call(const uint32_t* event, Row& row) noexcept
{
    constexpr uint32_t TOP = Fp::P >> 16;
    const uint32_t* const before = event + 4;
    Fp elements[poseidon2::WIDTH];
    std::array<uint32_t, CUBES> cubes;
    permute(before, elements, cubes);
    call(event, row);
    row.words(before, poseidon2::WIDTH);
    for (const Fp x : elements)
        row.put(x.canonical() & 0xffff);
    row.copy(cubes.data(), cubes.size());
    for (size_t i = 0; i < poseidon2::WIDTH; ++i)
        row.put(inverse_difference(TOP, before[i] >> 16));
    for (const Fp x : elements)
        row.put(inverse_difference(TOP, x.canonical() >> 16));
    row.accesses(event[0] + 2, before + poseidon2::WIDTH, poseidon2::WIDTH);
    row.put(1);
}
}  // namespace strikefold::riscv
