// Contract code, ready to run.
#pragma once

#include <optional>

#include "evm/types.hpp"

namespace strikefold::evm {

class Code {
public:
    Code(View code, const Hash& hash);

    [[nodiscard]] const Hash& hash() const noexcept { return hash_; }
    [[nodiscard]] View bytes() const noexcept { return View(padded_).first(size_); }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    // The code followed by so many STOPs that every push can be read whole.
    [[nodiscard]] const std::uint8_t* data() const noexcept { return padded_.data(); }

    // Whether a JUMPDEST that is no data of a push is at this place.
    [[nodiscard]] bool is_jumpdest(std::uint64_t at) const {
        if (at >= size_) return false;
        const auto place = static_cast<std::size_t>(at);
        return is_marked(place) || find_jumpdest(place);
    }

    // Where a delegation designator points (EIP-7702).
    [[nodiscard]] std::optional<Address> delegate() const noexcept;

private:
    [[nodiscard]] bool is_marked(std::size_t at) const noexcept {
        return (jumpdests_[at / 8] >> (at % 8) & 1) != 0;
    }
    [[nodiscard]] bool find_jumpdest(std::size_t at) const;
    [[nodiscard]] std::optional<std::size_t> begin_before(std::size_t place) const;
    void mark(std::size_t begin, std::size_t end) const;

    Hash hash_;
    std::size_t size_;
    Bytes padded_;
    mutable Bytes jumpdests_;  // a bit a place, of those found so far
    mutable std::size_t looks_left_;
    mutable bool marked_ = false;  // all are found
};

// The designator that points to an address.
[[nodiscard]] Bytes delegation_to(const Address& address);

}  // namespace strikefold::evm
