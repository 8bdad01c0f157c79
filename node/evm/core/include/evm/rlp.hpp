// Recursive length prefix (Yellow Paper, appendix B), strict: one encoding for each value.
#pragma once

#include <optional>

#include "evm/types.hpp"
#include "evm/word.hpp"

namespace strikefold::evm::rlp {

struct Item {
    bool is_list = false;
    View payload;
    View encoded;  // with its header
};

// The item at the start of `data`; nothing where it is malformed or not canonical.
[[nodiscard]] std::optional<Item> decode_first(View data) noexcept;

// The only item in `data`.
[[nodiscard]] std::optional<Item> decode(View data) noexcept;

// Walks through the items of a list. The first thing that is not as asked for makes it fail, and
// from then on it answers with neutral values: check `ok` once, at the end.
class Reader {
public:
    explicit Reader(View list_payload) noexcept : rest_(list_payload) {}
    explicit Reader(const std::optional<Item>& list) noexcept
        : rest_(list ? list->payload : View{}), ok_(list && list->is_list) {}

    [[nodiscard]] bool ok() const noexcept { return ok_; }
    [[nodiscard]] bool at_end() const noexcept { return rest_.empty() || !ok_; }
    // What has not been read yet.
    [[nodiscard]] View rest() const noexcept { return rest_; }
    // Whether all was well and nothing is left.
    [[nodiscard]] bool finished() const noexcept { return ok_ && rest_.empty(); }
    void fail() noexcept { ok_ = false; }

    [[nodiscard]] Item next() noexcept;
    [[nodiscard]] View bytes() noexcept;
    [[nodiscard]] Reader list() noexcept;
    [[nodiscard]] std::uint64_t u64() noexcept;
    [[nodiscard]] Word word() noexcept;

    template <std::size_t N>
    [[nodiscard]] std::array<std::uint8_t, N> array() noexcept {
        const View data = bytes();
        if (data.size() != N) fail();
        return ok_ ? array_at<N>(data, 0) : std::array<std::uint8_t, N>{};
    }
    // Empty, or N bytes.
    template <std::size_t N>
    [[nodiscard]] std::optional<std::array<std::uint8_t, N>> optional_array() noexcept {
        const View data = bytes();
        if (!data.empty() && data.size() != N) fail();
        if (!ok_ || data.empty()) return std::nullopt;
        return array_at<N>(data, 0);
    }

private:
    // The payload of an integer: at most `size` bytes, no leading zero.
    [[nodiscard]] View integer(std::size_t size) noexcept;

    View rest_;
    bool ok_ = true;
};

void append_bytes(Bytes& out, View bytes);
void append_word(Bytes& out, const Word& word);
void append_u64(Bytes& out, std::uint64_t value);
// The header of a list whose items take `size` bytes.
void append_list_header(Bytes& out, std::size_t size);
// What stands before a list's items in a buffer, until its header does. Headers of three bytes,
// which most nodes have, so make the list start at a whole word.
inline constexpr std::array<std::uint8_t, 7> header_room{};
// The list of the items in a buffer, which stand behind the room for the header.
[[nodiscard]] View list_in(Bytes& buffer);
// The list of the items already encoded in `items`.
[[nodiscard]] Bytes list(View items);

}  // namespace strikefold::evm::rlp
