#include <sys/mman.h>

#include <map>
#include <mutex>
#include <new>
#include <prover/arrays.hpp>

namespace strikefold
{
namespace
{
constexpr std::align_val_t CACHE_LINE{64};
constexpr size_t HUGE_PAGE = size_t{1} << 21;
constexpr std::align_val_t PAGE{HUGE_PAGE};
constexpr size_t REGION = size_t{1} << 38;  ///< Bytes of addresses; memory is what was touched of it.

[[nodiscard]] constexpr size_t whole_pages(size_t bytes) noexcept
{
    return (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
}

/// A region of addresses, handed out from its lowest free place on.
class Region
{
    std::mutex mutex_;
    std::map<std::byte*, size_t> free_;  ///< Begin and length, apart from each other.
    std::byte* begin_ = nullptr;
    std::byte* end_ = nullptr;

public:
    Region()
    {
        void* const mapped = mmap(nullptr, REGION + HUGE_PAGE, PROT_READ | PROT_WRITE,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (mapped == MAP_FAILED)
            return;
        void* aligned = mapped;
        size_t space = REGION + HUGE_PAGE;
        begin_ = static_cast<std::byte*>(std::align(HUGE_PAGE, REGION, aligned, space));
        end_ = begin_ + REGION;
        (void)madvise(begin_, REGION, MADV_HUGEPAGE);  // a hint: it may fail
        free_.emplace(begin_, REGION);
    }

    [[nodiscard]] bool holds(void* block) const noexcept
    {
        return block >= begin_ && block < end_;
    }

    /// Null where there is no place.
    [[nodiscard]] void* take(size_t size)
    {
        const std::lock_guard lock{mutex_};
        const auto place = std::ranges::find_if(
            free_, [size](const auto& range) { return range.second >= size; });
        if (place == free_.end())
            return nullptr;
        const auto [begin, length] = *place;
        if (length != size)
            free_.emplace_hint(place, begin + size, length - size);
        free_.erase(place);
        return begin;
    }

    void give_back(void* block, size_t size)
    {
        const std::lock_guard lock{mutex_};
        auto range = free_.emplace(static_cast<std::byte*>(block), size).first;
        if (const auto next = std::next(range);
            next != free_.end() && range->first + range->second == next->first)
        {
            range->second += next->second;
            free_.erase(next);
        }
        if (range == free_.begin())
            return;
        if (const auto last = std::prev(range); last->first + last->second == range->first)
        {
            last->second += range->second;
            free_.erase(range);
        }
    }
};

/// Never destroyed: arrays may outlive every destructor.
[[nodiscard]] Region& region()
{
    static Region* const shared = new Region;
    return *shared;
}
}  // namespace

void* allocate(size_t bytes)
{
    if (bytes < HUGE_PAGE)
        return ::operator new(bytes, CACHE_LINE);
    void* const block = region().take(whole_pages(bytes));
    return block != nullptr ? block : ::operator new(bytes, PAGE);
}

void release(void* memory, size_t bytes) noexcept
{
    if (bytes < HUGE_PAGE)
        ::operator delete(memory, CACHE_LINE);
    else if (region().holds(memory))
        region().give_back(memory, whole_pages(bytes));
    else
        ::operator delete(memory, PAGE);
}
}  // namespace strikefold
