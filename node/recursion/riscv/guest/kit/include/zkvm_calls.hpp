// The machine's calls as docs/zkvm.md numbers them, and how a run fails.
#pragma once

#include <cstdint>

namespace strikefold {

using KeccakState = std::uint32_t[50];
using Sha256State = std::uint32_t[8];
using Poseidon2State = std::uint32_t[16];
/// Words, least significant first.
using Word256 = std::uint32_t[8];

/// Exit codes of runs that the kit ends. main's own should be below.
enum class Failure : std::uint32_t {
    aborted = 250,         ///< abort, a failed assertion, what would have been an exception
    heap_exhausted = 251,  ///< operator new beyond the end of the heap
    input_too_long = 252,  ///< an input that its part of the memory cannot hold
};

/// Ends the run without success: it cannot be proved.
[[noreturn]] void fail(Failure why);

namespace call {

/// The results of a call are in memory: the compiler must take nothing for known across it.
inline void make(std::uint32_t number, const void* a0) {
    register const void* first asm("a0") = a0;
    register std::uint32_t which asm("a7") = number;
    asm volatile("ecall" : : "r"(first), "r"(which) : "memory");
}

inline void make(std::uint32_t number, const void* a0, const void* a1) {
    register const void* first asm("a0") = a0;
    register const void* second asm("a1") = a1;
    register std::uint32_t which asm("a7") = number;
    asm volatile("ecall" : : "r"(first), "r"(second), "r"(which) : "memory");
}

inline void make(std::uint32_t number, const void* a0, const void* a1, std::uint32_t a2) {
    register const void* first asm("a0") = a0;
    register const void* second asm("a1") = a1;
    register std::uint32_t third asm("a2") = a2;
    register std::uint32_t which asm("a7") = number;
    asm volatile("ecall" : : "r"(first), "r"(second), "r"(third), "r"(which) : "memory");
}

/// Ends the run; digest becomes its output.
[[noreturn]] inline void halt(std::uint32_t code, const Word256& digest) {
    register std::uint32_t first asm("a0") = code;
    register const void* second asm("a1") = digest;
    register std::uint32_t which asm("a7") = 93;
    asm volatile("ecall" : : "r"(first), "r"(second), "r"(which) : "memory");
    __builtin_unreachable();
}

/// Writes the next 32 bytes of the input stream: untrusted.
inline void hint(Word256& to) {
    make(256, to);
}

inline void keccakf(KeccakState& state) {
    make(257, state);
}

/// block: its big-endian words already turned into native ones.
inline void sha256(Sha256State& state, const std::uint32_t (&block)[16]) {
    make(258, state, block);
}

/// Every word must be below p = 2^31 - 2^24 + 1.
inline void poseidon2(Poseidon2State& state) {
    make(259, state);
}

struct MulAddModIn {
    Word256 a, b, c, m;
};
struct MulAddModOut {
    Word256 remainder, quotient;
};
/// a b + c = quotient m + remainder; m = 0 stands for 2^256, and the quotient is cut to 256 bits.
inline void muladdmod(MulAddModOut& out, const MulAddModIn& in) {
    make(260, &out, &in);
}

/// An affine point of secp256k1, not the point at infinity.
struct Point {
    Word256 x, y;
};
/// p := p + q, of which the x must differ.
inline void secp256k1_add(Point& p, const Point& q) {
    make(261, &p, &q);
}

/// p := 2 p.
inline void secp256k1_double(Point& p) {
    make(262, &p);
}

enum class WordOp : std::uint32_t { add = 1, sub, lt, gt, slt, sgt, eq, copy };
/// p := q op p on numbers modulo 2^256; 1 or 0 where it compares.
inline void word_alu(Word256& p, const Word256& q, WordOp op) {
    make(263, &p, &q, static_cast<std::uint32_t>(op));
}

/// a and b change places by way of spare: three copies whose number and operation are set once.
inline void word_swap(Word256& a, Word256& b, Word256& spare) {
    register const void* first asm("a0") = spare;
    register const void* second asm("a1") = a;
    register auto third asm("a2") = static_cast<std::uint32_t>(WordOp::copy);
    register std::uint32_t which asm("a7") = 263;
    asm volatile(
        "ecall\n\tmv a0, a1\n\tmv a1, %[b]\n\tecall\n\tmv a0, a1\n\tmv a1, %[spare]\n\tecall"
        : "+&r"(first), "+&r"(second)
        : "r"(third), "r"(which), [b] "r"(b), [spare] "r"(spare)
        : "memory");
}

}  // namespace call
}  // namespace strikefold
