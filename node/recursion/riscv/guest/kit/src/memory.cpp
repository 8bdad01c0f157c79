// memcpy, memmove, memset, memcmp, bcmp, strlen: by words and unrolled, because every instruction
// is proved.

#include <cstddef>
#include <cstdint>

namespace {

using Byte = std::uint8_t;
using Word [[gnu::may_alias]] = std::uint32_t;

std::size_t misalignment(const void* p) {
    return reinterpret_cast<std::uintptr_t>(p) % 4;
}

// The copies below take each word before anything is stored over it, if regions overlap in the
// direction that the name says.

void copy_words_up(Byte*& to, const Byte*& from, std::size_t& size) {
    auto* d = reinterpret_cast<Word*>(to);
    auto* s = reinterpret_cast<const Word*>(from);
    for (; size >= 32; size -= 32, d += 8, s += 8) {
        const Word a = s[0], b = s[1], c = s[2], e = s[3], f = s[4], g = s[5], h = s[6], i = s[7];
        d[0] = a, d[1] = b, d[2] = c, d[3] = e, d[4] = f, d[5] = g, d[6] = h, d[7] = i;
    }
    for (; size >= 4; size -= 4) *d++ = *s++;
    to = reinterpret_cast<Byte*>(d);
    from = reinterpret_cast<const Byte*>(s);
}

/// from is off a word: each stored word is put together from two. No word is read without need.
void copy_shifted_up(Byte*& to, const Byte*& from, std::size_t& size) {
    const std::size_t off = misalignment(from);
    const std::size_t down = 8 * off, up = -down % 32;
    auto* d = reinterpret_cast<Word*>(to);
    auto* s = reinterpret_cast<const Word*>(from - off);
    const std::size_t bytes = size & ~std::size_t{3};
    Word low = *s++;
    for (; size >= 16; size -= 16, d += 4, s += 4) {
        const Word a = s[0], b = s[1], c = s[2], e = s[3];
        d[0] = low >> down | a << up;
        d[1] = a >> down | b << up;
        d[2] = b >> down | c << up;
        d[3] = c >> down | e << up;
        low = e;
    }
    for (; size >= 4; size -= 4) {
        const Word high = *s++;
        *d++ = low >> down | high << up;
        low = high;
    }
    to = reinterpret_cast<Byte*>(d);
    from += bytes;
}

[[gnu::always_inline]] inline void copy_up(Byte* to, const Byte* from, std::size_t size) {
    if (misalignment(to) == 0 && misalignment(from) == 0) {
        copy_words_up(to, from, size);
    } else if (size >= 8) {
        for (; misalignment(to) != 0; --size) *to++ = *from++;
        if (misalignment(from) == 0)
            copy_words_up(to, from, size);
        else
            copy_shifted_up(to, from, size);
    }
    for (; size != 0; --size) *to++ = *from++;
}

void copy_words_down(Byte*& to, const Byte*& from, std::size_t& size) {
    auto* d = reinterpret_cast<Word*>(to);
    auto* s = reinterpret_cast<const Word*>(from);
    for (; size >= 16; size -= 16) {
        d -= 4, s -= 4;
        const Word a = s[3], b = s[2], c = s[1], e = s[0];
        d[3] = a, d[2] = b, d[1] = c, d[0] = e;
    }
    for (; size >= 4; size -= 4) *--d = *--s;
    to = reinterpret_cast<Byte*>(d);
    from = reinterpret_cast<const Byte*>(s);
}

void copy_shifted_down(Byte*& to, const Byte*& from, std::size_t& size) {
    const std::size_t off = misalignment(from);
    const std::size_t down = 8 * off, up = -down % 32;
    auto* d = reinterpret_cast<Word*>(to);
    auto* s = reinterpret_cast<const Word*>(from - off);
    const std::size_t bytes = size & ~std::size_t{3};
    Word high = *s;
#pragma clang loop unroll_count(4)
    for (; size >= 4; size -= 4) {
        const Word low = *--s;
        *--d = low >> down | high << up;
        high = low;
    }
    to = reinterpret_cast<Byte*>(d);
    from -= bytes;
}

/// to and from: one past the last byte.
void copy_down(Byte* to, const Byte* from, std::size_t size) {
    if (size >= 8) {
        for (; misalignment(to) != 0; --size) *--to = *--from;
        if (misalignment(from) == 0)
            copy_words_down(to, from, size);
        else
            copy_shifted_down(to, from, size);
    }
    for (; size != 0; --size) *--to = *--from;
}

}  // namespace

extern "C" {

void* memcpy(void* to, const void* from, std::size_t size) {
    copy_up(static_cast<Byte*>(to), static_cast<const Byte*>(from), size);
    return to;
}

void* memmove(void* to, const void* from, std::size_t size) {
    auto* d = static_cast<Byte*>(to);
    auto* s = static_cast<const Byte*>(from);
    if (reinterpret_cast<std::uintptr_t>(d) - reinterpret_cast<std::uintptr_t>(s) < size)
        copy_down(d + size, s + size, size);
    else
        copy_up(d, s, size);
    return to;
}

void* memset(void* to, int value, std::size_t size) {
    auto* d = static_cast<Byte*>(to);
    const auto byte = static_cast<Byte>(value);
    if (size >= 8) {
        for (; misalignment(d) != 0; --size) *d++ = byte;
        const Word word = byte * Word{0x01010101};
        auto* w = reinterpret_cast<Word*>(d);
        for (; size >= 32; size -= 32, w += 8)
            w[0] = w[1] = w[2] = w[3] = w[4] = w[5] = w[6] = w[7] = word;
        for (; size >= 4; size -= 4) *w++ = word;
        d = reinterpret_cast<Byte*>(w);
    }
    for (; size != 0; --size) *d++ = byte;
    return to;
}

int memcmp(const void* left, const void* right, std::size_t size) {
    auto* a = static_cast<const Byte*>(left);
    auto* b = static_cast<const Byte*>(right);
    if (misalignment(a) == 0 && misalignment(b) == 0) {
        auto* x = reinterpret_cast<const Word*>(a);
        auto* y = reinterpret_cast<const Word*>(b);
        for (; size >= 16; size -= 16, x += 4, y += 4)
            if (x[0] != y[0] || x[1] != y[1] || x[2] != y[2] || x[3] != y[3]) break;
        for (; size >= 4 && *x == *y; size -= 4, ++x, ++y) {
        }
        a = reinterpret_cast<const Byte*>(x);
        b = reinterpret_cast<const Byte*>(y);
    }
    for (; size != 0; --size, ++a, ++b)
        if (*a != *b) return *a - *b;
    return 0;
}

/// Compilers call it where only equality matters.
int bcmp(const void* left, const void* right, std::size_t size) {
    return memcmp(left, right, size);
}

std::size_t strlen(const char* text) {
    const char* end = text;
    while (*end != '\0') ++end;
    return static_cast<std::size_t>(end - text);
}

}  // extern "C"
