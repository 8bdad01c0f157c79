// Memory that lives as long as its owner: allocated in chunks, never freed one by one.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <vector>

#include "evm/types.hpp"

namespace strikefold::evm {

class Arena {
public:
    // An object that needs no destructor.
    template <typename T>
    [[nodiscard]] T* make(const T& value) {
        static_assert(std::is_trivially_destructible_v<T> &&
                      alignof(T) <= alignof(std::max_align_t));
        return new (allocate(sizeof(T))) T(value);
    }

    [[nodiscard]] View store(View bytes) {
        auto* to = static_cast<std::uint8_t*>(allocate(bytes.size()));
        copy(to, bytes);
        return {to, bytes.size()};
    }

private:
    static constexpr std::size_t chunk_size = 32'768;

    [[nodiscard]] void* allocate(std::size_t size) {
        constexpr std::size_t align = alignof(std::max_align_t);
        size = (size + align - 1) / align * align;
        if (size > left_) {
            left_ = std::max(size, chunk_size);
            chunks_.push_back(std::make_unique_for_overwrite<std::byte[]>(left_));
            next_ = chunks_.back().get();
        }
        void* at = next_;
        next_ += size;
        left_ -= size;
        return at;
    }

    std::vector<std::unique_ptr<std::byte[]>> chunks_;
    std::byte* next_ = nullptr;
    std::size_t left_ = 0;
};

}  // namespace strikefold::evm
