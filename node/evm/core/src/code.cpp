#include "evm/code.hpp"

namespace strikefold::evm {

namespace {

constexpr std::size_t padding = 33;
constexpr std::array<std::uint8_t, 3> delegation_prefix{0xef, 0x01, 0x00};
constexpr std::uint8_t jumpdest = 0x5b, push1 = 0x60, push32 = 0x7f;

}  // namespace

Code::Code(View code, const Hash& hash) : hash_(hash), size_(code.size()) {
    padded_.reserve(size_ + padding);
    append(padded_, code);
    padded_.resize(size_ + padding);
}

void Code::analyse() const {
    jumpdests_.assign(size_ / 8 + 1, 0);
    for (std::size_t at = 0; at < size_; ++at) {
        const std::uint8_t opcode = padded_[at];
        if (opcode == jumpdest)
            jumpdests_[at / 8] |= static_cast<std::uint8_t>(1U << (at % 8));
        else if (opcode >= push1 && opcode <= push32)
            at += opcode - push1 + 1U;
    }
    analysed_ = true;
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
