#include "evm/code.hpp"

namespace strikefold::evm {

namespace {

constexpr std::size_t padding = 33;
constexpr std::array<std::uint8_t, 3> delegation_prefix{0xef, 0x01, 0x00};
constexpr std::uint8_t jumpdest = 0x5b, push1 = 0x60;
constexpr std::size_t longest_push = 32;
// How far before a jump's target to look for where instructions begin; and bytes of code for one
// such look, so that all of a code's take less than going through it.
constexpr std::size_t near = 256, bytes_a_look = 64;

// How many bytes of data follow a push; not above zero for what is none: the opcodes beyond PUSH32
// are negative as signed bytes.
[[nodiscard]] constexpr std::ptrdiff_t data_size(std::uint8_t opcode) noexcept {
    return static_cast<std::int8_t>(opcode) - (push1 - 1);
}

// How far before a place the nearest byte is that looks like a push whose data reaches it; zero
// where there is none. So many bytes have to be there.
[[nodiscard]] std::size_t distance_of_push(const std::uint8_t* place) noexcept {
#pragma GCC unroll 32
    for (std::ptrdiff_t distance = 1; distance <= std::ptrdiff_t{longest_push}; ++distance)
        if (data_size(place[-distance]) >= distance) return static_cast<std::size_t>(distance);
    return 0;
}

}  // namespace

Code::Code(View code, const Hash& hash)
    : hash_(hash),
      size_(code.size()),
      jumpdests_(code.size() / 8 + 1, 0),
      looks_left_(code.size() / bytes_a_look + 1) {
    padded_.reserve(size_ + padding);
    append(padded_, code);
    padded_.resize(size_ + padding, 0);
}

// Marks the JUMPDESTs of a part that begins with an instruction.
void Code::mark(std::size_t begin, std::size_t end) const {
    const std::uint8_t* const code = padded_.data();
    std::uint8_t* const bits = jumpdests_.data();
    for (std::size_t at = begin; at < end; ++at) {
        if (code[at] == jumpdest)
            bits[at / 8] |= static_cast<std::uint8_t>(1U << (at % 8));
        else if (const std::ptrdiff_t size = data_size(code[at]); size > 0)
            at += static_cast<std::size_t>(size);
    }
}

// Where an instruction begins for certain, at a place or before it: no byte before that looks like
// a push would reach it. Nothing where that is far, or too much was looked for already: a code can
// be written so that every place takes long.
std::optional<std::size_t> Code::begin_before(std::size_t place) const {
    std::size_t begin = place;
    while (looks_left_ > 0 && place - begin <= near) {
        --looks_left_;
        if (begin < longest_push) return 0;
        const std::size_t distance = distance_of_push(padded_.data() + begin);
        if (distance == 0) return begin;
        begin -= distance;
    }
    return std::nullopt;
}

bool Code::find_jumpdest(std::size_t at) const {
    if (marked_ || padded_[at] != jumpdest) return false;
    if (const auto begin = begin_before(at)) {
        mark(*begin, at + 1);
    } else {
        mark(0, size_);
        marked_ = true;
    }
    return is_marked(at);
}

std::optional<Address> Code::delegate() const noexcept {
    if (size_ != delegation_prefix.size() + 20 || !equal(bytes().first(3), delegation_prefix))
        return std::nullopt;
    return array_at<20>(bytes(), delegation_prefix.size());
}

Bytes delegation_to(const Address& address) {
    Bytes code;
    append(code, delegation_prefix);
    append(code, address);
    return code;
}

}  // namespace strikefold::evm
