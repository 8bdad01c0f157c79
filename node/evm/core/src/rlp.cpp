#include "evm/rlp.hpp"

namespace strikefold::evm::rlp {

namespace {

constexpr std::size_t short_limit = 55;

// The big-endian length at data[1..size]; nothing where it is cut off or not canonical.
[[nodiscard]] std::optional<std::size_t> long_length(View data, std::size_t size) noexcept {
    if (data.size() < 1 + size || size > sizeof(std::uint32_t) || data[1] == 0) return std::nullopt;
    std::size_t length = 0;
    for (std::size_t i = 1; i <= size; ++i) length = length << 8 | data[i];
    if (length <= short_limit) return std::nullopt;
    return length;
}

[[nodiscard]] std::optional<Item> item(View data, std::size_t header, std::size_t length,
                                       bool is_list) noexcept {
    if (data.size() - header < length) return std::nullopt;
    return Item{is_list, data.subspan(header, length), data.first(header + length)};
}

void append_header(Bytes& out, std::size_t size, std::uint8_t short_base) {
    if (size <= short_limit) {
        out.push_back(static_cast<std::uint8_t>(short_base + size));
        return;
    }
    std::size_t length_size = 0;
    for (std::size_t rest = size; rest != 0; rest >>= 8) ++length_size;
    out.push_back(static_cast<std::uint8_t>(short_base + short_limit + length_size));
    for (std::size_t i = length_size; i-- > 0;)
        out.push_back(static_cast<std::uint8_t>(size >> (8 * i)));
}

}  // namespace

std::optional<Item> decode_first(View data) noexcept {
    if (data.empty()) return std::nullopt;
    const std::uint8_t tag = data[0];
    if (tag < 0x80) return Item{false, data.first(1), data.first(1)};
    const bool is_list = tag >= 0xc0;
    const std::size_t size = tag - (is_list ? 0xc0U : 0x80U);
    if (size > short_limit) {
        const auto length = long_length(data, size - short_limit);
        if (!length) return std::nullopt;
        return item(data, 1 + size - short_limit, *length, is_list);
    }
    if (!is_list && size == 1 && data.size() > 1 && data[1] < 0x80) return std::nullopt;
    return item(data, 1, size, is_list);
}

std::optional<Item> decode(View data) noexcept {
    const auto item = decode_first(data);
    if (!item || item->encoded.size() != data.size()) return std::nullopt;
    return item;
}

Item Reader::next() noexcept {
    const auto item = ok_ ? decode_first(rest_) : std::nullopt;
    if (!item) {
        fail();
        return {};
    }
    rest_ = rest_.subspan(item->encoded.size());
    return *item;
}

View Reader::bytes() noexcept {
    const Item item = next();
    if (item.is_list) fail();
    return ok_ ? item.payload : View{};
}

Reader Reader::list() noexcept {
    const Item item = next();
    if (!item.is_list) fail();
    Reader reader(ok_ ? item.payload : View{});
    if (!ok_) reader.fail();
    return reader;
}

View Reader::integer(std::size_t size) noexcept {
    const View data = bytes();
    if (data.size() > size || (!data.empty() && data[0] == 0)) fail();
    return ok_ ? data : View{};
}

std::uint64_t Reader::u64() noexcept {
    std::uint64_t value = 0;
    for (const std::uint8_t byte : integer(8)) value = value << 8 | byte;
    return value;
}

Word Reader::word() noexcept {
    return Word::from_bytes(integer(32));
}

void append_bytes(Bytes& out, View bytes) {
    if (bytes.size() != 1 || bytes[0] >= 0x80) append_header(out, bytes.size(), 0x80);
    append(out, bytes);
}

void append_word(Bytes& out, const Word& word) {
    const Hash bytes = word.to_bytes();
    append_bytes(out, View(bytes).last(word.byte_length()));
}

void append_u64(Bytes& out, std::uint64_t value) {
    append_word(out, Word(value));
}

void append_list_header(Bytes& out, std::size_t size) {
    append_header(out, size, 0xc0);
}

View list_in(Bytes& buffer) {
    Bytes header;
    append_list_header(header, buffer.size() - header_room.size());
    const std::size_t start = header_room.size() - header.size();
    copy(buffer.data() + start, header);
    return View(buffer).subspan(start);
}

Bytes list(View items) {
    Bytes out;
    out.reserve(items.size() + 1 + sizeof items.size());
    append_list_header(out, items.size());
    append(out, items);
    return out;
}

}  // namespace strikefold::evm::rlp
