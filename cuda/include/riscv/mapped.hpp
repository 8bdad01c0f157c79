// Large sparse arrays: zeros until written, memory only where touched.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

namespace strikefold::riscv
{
/// An array of zeros that takes memory only for the pages that are written.
template <class T>
class Mapped
{
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
    T* data_ = nullptr;
    size_t bytes_ = 0;

public:
    explicit Mapped(size_t size) : bytes_{size * sizeof(T)}
    {
        void* const memory = ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory == MAP_FAILED)
            throw std::bad_alloc{};
        data_ = static_cast<T*>(memory);
    }
    Mapped(Mapped&& other) noexcept
      : data_{std::exchange(other.data_, nullptr)}, bytes_{other.bytes_}
    {}
    Mapped(const Mapped&) = delete;
    Mapped& operator=(const Mapped&) = delete;
    Mapped& operator=(Mapped&&) = delete;
    ~Mapped()
    {
        if (data_ != nullptr)
            ::munmap(data_, bytes_);
    }

    [[nodiscard]] T* data() noexcept { return data_; }
    [[nodiscard]] T& operator[](size_t i) noexcept { return data_[i]; }
    [[nodiscard]] const T& operator[](size_t i) const noexcept { return data_[i]; }
};
}  // namespace strikefold::riscv
