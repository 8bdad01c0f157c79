// Loops shared out to threads that wait for them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <thread>

namespace strikefold
{
/// The number of threads of every parallel loop.
inline size_t& thread_count() noexcept
{
    static size_t count = std::max(1U, std::thread::hardware_concurrency());
    return count;
}

/// Calls body(loop, part) for the parts 0 .. parts, on this thread and on waiting ones.
///
/// One loop at a time is shared out: a loop within a loop, or one of another thread meanwhile, runs
/// on its caller alone.
void run_parts(size_t parts, void (*body)(const void* loop, size_t part), const void* loop);

/// Calls body(begin, end, part) on consecutive parts of 0 .. size, at most one a thread.
///
/// Parts start at multiples of 64, so two threads never share a vector. Small loops stay on this
/// thread.
template <class Body>
void parallel(size_t size, size_t smallest, const Body& body)
{
    const size_t threads = std::clamp<size_t>(size / std::max<size_t>(smallest, 1), 1, thread_count());
    const size_t chunk = ((size + threads - 1) / threads + 63) / 64 * 64;
    if (threads == 1 || chunk >= size)
    {
        body(size_t{0}, size, size_t{0});
        return;
    }
    const auto loop = [&](size_t part) {
        body(part * chunk, std::min(size, (part + 1) * chunk), part);
    };
    run_parts((size + chunk - 1) / chunk,
        [](const void* of, size_t part) { (*static_cast<const decltype(loop)*>(of))(part); }, &loop);
}

/// Calls body(i, part) for 0 .. count; a thread gets at least `smallest`.
template <class Body>
void parallel_items(size_t count, const Body& body, size_t smallest = 1)
{
    constexpr size_t UNIT = 64;  // at multiples of which parts of loops begin
    parallel(count * UNIT, smallest * UNIT, [&](size_t begin, size_t end, size_t part) {
        for (size_t i = begin / UNIT; i < end / UNIT; ++i)
            body(i, part);
    });
}
}  // namespace strikefold
