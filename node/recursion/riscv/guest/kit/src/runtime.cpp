// The heap, input and output, and the ends of a run.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

#include "zkvm_calls.hpp"
#include "zkvm_hash.hpp"
#include "zkvm_io.h"

using strikefold::Failure;
using strikefold::Keccak256;
using strikefold::Word256;

namespace {

extern "C" std::uint8_t _heap_start[], _heap_end[], _input_start[], _input_end[];

constinit Keccak256 committed;

/// The output of a run that fails.
constexpr Word256 nothing{};

/// Where what was never given out begins.
constinit std::uint8_t* next = _heap_start;

void* allocate_new(std::size_t size, std::size_t alignment) {
    const std::size_t skipped = -reinterpret_cast<std::uintptr_t>(next) % alignment;
    const auto left = static_cast<std::size_t>(_heap_end - next);
    if (skipped > left || size > left - skipped) strikefold::fail(Failure::heap_exhausted);
    std::uint8_t* result = next + skipped;
    next = result + size;
    return result;
}

constexpr std::size_t unit = __STDCPP_DEFAULT_NEW_ALIGNMENT__;
/// Sizes are rounded up: to a whole unit up to here,
constexpr std::size_t small = 32 * unit;
/// to a power of two up to here; beyond it rounding would cost too much of the heap.
constexpr std::size_t large = 1 << 20;

/// What was given back, by size: blocks are neither split nor merged.
struct Free {
    Free* next;
    std::size_t size;
};
constinit Free* small_lists[small / unit] = {};
constinit Free* large_lists[32] = {};

/// The list of a size, which is rounded up.
Free*& list_of(std::size_t& size) {
    size = (size + (size == 0) + unit - 1) / unit * unit;
    if (size <= small) return small_lists[size / unit - 1];
    std::size_t index = 0, power = small;
    for (; power < size; power *= 2) ++index;
    if (size <= large) size = power;
    return large_lists[index];
}

void* allocate(std::size_t size) {
    if (size > static_cast<std::size_t>(_heap_end - _heap_start))
        strikefold::fail(Failure::heap_exhausted);
    Free*& list = list_of(size);
    if (list == nullptr || list->size < size) return allocate_new(size, unit);
    Free* found = list;
    list = found->next;
    return found;
}

void give_back(void* given, std::size_t size) {
    if (given == nullptr) return;
    Free*& list = list_of(size);
    auto* freed = static_cast<Free*>(given);
    *freed = {list, size};
    list = freed;
}

/// The stream's first four bytes, the length, stand before the input, which so starts a leaf.
constexpr std::size_t header = 4;
constexpr std::size_t block = sizeof(Word256);

std::size_t load_input() {
    std::uint8_t* stream = _input_start + block - header;
    strikefold::call::hint(*reinterpret_cast<Word256*>(stream));
    const std::size_t size = *reinterpret_cast<std::uint32_t*>(stream);
    if (size > static_cast<std::size_t>(_input_end - _input_start) - 2 * block)
        strikefold::fail(Failure::input_too_long);
    for (std::size_t at = block; at < header + size; at += block)
        strikefold::call::hint(*reinterpret_cast<Word256*>(stream + at));
    return size;
}

}  // namespace

void strikefold::fail(Failure why) {
    call::halt(static_cast<std::uint32_t>(why), nothing);
}

extern "C" {

void read_input(const uint8_t** buf_ptr, size_t* buf_size) {
    static bool loaded = false;
    static std::size_t size = 0;
    if (!loaded) {
        size = load_input();
        loaded = true;
    }
    *buf_ptr = _input_start + block;
    *buf_size = size;
}

void write_output(const uint8_t* output, size_t size) {
    committed.update({output, size});
}

/// What main returned: 0 ends the run with the digest of the output, all else without success.
[[noreturn]] void zkvm_exit(int code) {
    if (code != 0) strikefold::call::halt(static_cast<std::uint32_t>(code), nothing);
    const auto digest = committed.finish();
    Word256 words;
    std::memcpy(words, digest.data, sizeof words);
    strikefold::call::halt(0, words);
}

void abort() {
    strikefold::fail(Failure::aborted);
}
[[noreturn]] void __cxa_pure_virtual() {
    abort();
}
[[noreturn]] void __assert_fail(const char*, const char*, int, const char*) {
    abort();
}

}  // extern "C"

// libc++ reports here what would have been an exception, and broken preconditions.
namespace std::inline __1 {
[[noreturn]] void __libcpp_verbose_abort(const char*, ...) noexcept {
    abort();
}
}  // namespace std::inline __1

void* operator new(std::size_t size) {
    return allocate(size);
}
void* operator new[](std::size_t size) {
    return allocate(size);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    return allocate_new(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
    return allocate_new(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* given, std::size_t size) noexcept {
    give_back(given, size);
}
void operator delete[](void* given, std::size_t size) noexcept {
    give_back(given, size);
}
// Whose size nobody says, and what is aligned beyond the unit, is lost.
void operator delete(void*) noexcept {}
void operator delete[](void*) noexcept {}
void operator delete(void*, std::align_val_t) noexcept {}
void operator delete[](void*, std::align_val_t) noexcept {}
void operator delete(void*, std::size_t, std::align_val_t) noexcept {}
void operator delete[](void*, std::size_t, std::align_val_t) noexcept {}
