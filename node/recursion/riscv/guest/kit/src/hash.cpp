// Keccak-256 and SHA-256 over the machine's calls.

#include <algorithm>
#include <bit>
#include <cstring>

#include "zkvm_hash.hpp"

namespace strikefold {

namespace {

using Word [[gnu::may_alias]] = std::uint32_t;

std::size_t misalignment(const void* p) {
    return reinterpret_cast<std::uintptr_t>(p) % 4;
}

/// Bytes from anywhere, added to words.
void add_words(std::uint32_t* to, const std::uint8_t* from, std::size_t count) {
    const std::size_t off = misalignment(from);
    auto* source = reinterpret_cast<const Word*>(from - off);
    if (off == 0) {
#pragma clang loop unroll_count(4)
        for (; count != 0; --count) *to++ ^= *source++;
        return;
    }
    const std::size_t down = 8 * off, up = -down % 32;
    std::uint32_t low = *source++;
#pragma clang loop unroll_count(4)
    for (; count != 0; --count) {
        const std::uint32_t high = *source++;
        *to++ ^= low >> down | high << up;
        low = high;
    }
}

}  // namespace

void Keccak256::absorb_byte(std::uint8_t byte) {
    state_[at_ / 4] ^= std::uint32_t{byte} << 8 * (at_ % 4);
    if (++at_ == rate) permute();
}

void Keccak256::permute() {
    call::keccakf(state_);
    at_ = 0;
}

void Keccak256::update(std::span<const std::uint8_t> data) {
    while (at_ % 4 != 0 && !data.empty()) {
        absorb_byte(data.front());
        data = data.subspan(1);
    }
    while (data.size() >= 4) {
        const std::size_t size = std::min(data.size() & ~std::size_t{3}, rate - at_);
        add_words(state_ + at_ / 4, data.data(), size / 4);
        data = data.subspan(size);
        at_ += size;
        if (at_ == rate) permute();
    }
    for (const std::uint8_t byte : data) absorb_byte(byte);
}

/// The first block is copied, not added to zeros.
Digest Keccak256::digest(std::span<const std::uint8_t> data) {
    Keccak256 hasher{Unset{}};
    const std::size_t size = std::min(data.size(), rate);
    auto* bytes = reinterpret_cast<std::uint8_t*>(hasher.state_);
    if (size != 0) std::memcpy(bytes, data.data(), size);
    std::memset(bytes + size, 0, sizeof hasher.state_ - size);
    hasher.at_ = size;
    if (size == rate) hasher.permute();
    hasher.update(data.subspan(size));
    return hasher.finish();
}

Digest Keccak256::finish() {
    state_[at_ / 4] ^= std::uint32_t{1} << 8 * (at_ % 4);
    state_[rate / 4 - 1] ^= 0x80000000;
    permute();
    Digest digest;
    std::memcpy(digest.data, state_, sizeof digest.data);
    return digest;
}

void Sha256::absorb(const std::uint8_t* data) {
    std::uint32_t words[16];
    auto* source = reinterpret_cast<const Word*>(data);
    if (misalignment(data) != 0) source = static_cast<Word*>(std::memcpy(words, data, block));
#pragma clang loop unroll_count(4)
    for (std::uint32_t& word : words) word = __builtin_bswap32(*source++);
    call::sha256(state_, words);
}

void Sha256::update(std::span<const std::uint8_t> data) {
    if (buffered_ != 0) {
        const std::size_t size = std::min(data.size(), block - buffered_);
        std::memcpy(buffer_ + buffered_, data.data(), size);
        data = data.subspan(size);
        length_ += size;
        buffered_ += size;
        if (buffered_ < block) return;
        absorb(buffer_);
    }
    length_ += data.size();
    for (; data.size() >= block; data = data.subspan(block)) absorb(data.data());
    std::memcpy(buffer_, data.data(), data.size());
    buffered_ = data.size();
}

Digest Sha256::finish() {
    constexpr std::size_t length_at = block - sizeof length_;
    const std::uint64_t bits = __builtin_bswap64(8 * length_);
    buffer_[buffered_++] = 0x80;
    if (buffered_ > length_at) {
        std::memset(buffer_ + buffered_, 0, block - buffered_);
        absorb(buffer_);
        buffered_ = 0;
    }
    std::memset(buffer_ + buffered_, 0, length_at - buffered_);
    std::memcpy(buffer_ + length_at, &bits, sizeof bits);
    absorb(buffer_);
    for (std::uint32_t& word : state_) word = __builtin_bswap32(word);
    return std::bit_cast<Digest>(state_);
}

}  // namespace strikefold

extern "C" {

zkvm_status zkvm_keccak256(const uint8_t* data, size_t len, zkvm_keccak256_hash* output) {
    *output = strikefold::Keccak256::digest({data, len});
    return ZKVM_EOK;
}

zkvm_status zkvm_sha256(const uint8_t* data, size_t len, zkvm_sha256_hash* output) {
    strikefold::Sha256 hasher;
    hasher.update({data, len});
    *output = hasher.finish();
    return ZKVM_EOK;
}

}  // extern "C"
