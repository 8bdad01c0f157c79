#include <new>
#include <prover/memory.hpp>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace strikefold
{
namespace
{
constexpr size_t LARGE = size_t{1} << 21;  ///< A large page of x86-64.
constexpr size_t MOST_WAITING = 64;

[[nodiscard]] std::align_val_t alignment(size_t bytes) noexcept
{
    return std::align_val_t{bytes >= LARGE ? LARGE : 64};
}

}  // namespace

void* allocate(size_t bytes)
{
    void* const memory = ::operator new(bytes, alignment(bytes));
#ifdef __linux__
    if (bytes >= LARGE)
        (void)madvise(memory, bytes, MADV_HUGEPAGE);  // advice: without it, only slower
#endif
    return memory;
}

void release(void* memory, size_t bytes) noexcept
{
    ::operator delete(memory, alignment(bytes));
}
}  // namespace strikefold
