// A hash map whose values never move: keys compare with ==, and hash_of(key, seed) mixes them.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "evm/word.hpp"

namespace strikefold::evm {

// Tables take the low bits: the word's high ones, the last bytes of an address, have to reach them.
[[nodiscard]] constexpr std::uint32_t mix(std::uint32_t hash, std::uint32_t word) noexcept {
    hash = (hash ^ word) * 0x9e3779b1U;
    return hash ^ hash >> 15 ^ hash >> 24;
}

[[nodiscard]] constexpr std::uint32_t hash_of(const Word& key, std::uint32_t seed) noexcept {
    std::uint32_t hash = seed;
    for (const Limb limb : key.limbs) {
        hash = mix(hash, static_cast<std::uint32_t>(limb));
        if constexpr (limb_bits == 64) hash = mix(hash, static_cast<std::uint32_t>(limb >> 32));
    }
    return hash;
}

template <std::size_t N>
[[nodiscard]] std::uint32_t hash_of(const std::array<std::uint8_t, N>& key,
                                    std::uint32_t seed) noexcept {
    static_assert(N % 4 == 0);
    std::uint32_t hash = seed;
    for (std::size_t i = 0; i < N; i += 4) {
        std::uint32_t word = 0;
        std::memcpy(&word, key.data() + i, 4);
        hash = mix(hash, word);
    }
    return hash;
}

// Few entries are searched one by one; beyond that an open-addressed table of indices finds them.
// seed: what makes collisions hard to arrange in advance, for instance from the parent's hash.
template <typename Key, typename Value>
class Map {
public:
    struct Entry {
        Key key;
        Value value;
    };

    explicit Map(std::uint32_t seed = 0) noexcept : seed_(seed) {}

    [[nodiscard]] Value* find(const Key& key) const noexcept {
        if (table_.empty()) {
            for (const auto& entry : entries_)
                if (entry->key == key) return &entry->value;
            return nullptr;
        }
        for (std::size_t at = start(key); table_[at] != 0; at = (at + 1) & (table_.size() - 1))
            if (Entry& entry = *entries_[table_[at] - 1]; entry.key == key) return &entry.value;
        return nullptr;
    }

    // Adds an entry whose key must not be there yet.
    Value& insert(const Key& key, Value value) {
        entries_.push_back(std::make_unique<Entry>(Entry{key, std::move(value)}));
        if (entries_.size() > few && 2 * entries_.size() > table_.size())
            rebuild();
        else if (!table_.empty())
            place(entries_.size());
        return entries_.back()->value;
    }

    // In the order in which they were added.
    [[nodiscard]] const std::vector<std::unique_ptr<Entry>>& entries() const noexcept {
        return entries_;
    }
    [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }

    void clear() noexcept {
        entries_.clear();
        table_.clear();
    }

private:
    static constexpr std::size_t few = 8;

    [[nodiscard]] std::size_t start(const Key& key) const noexcept {
        return hash_of(key, seed_) & (table_.size() - 1);
    }

    void place(std::size_t number) {
        std::size_t at = start(entries_[number - 1]->key);
        while (table_[at] != 0) at = (at + 1) & (table_.size() - 1);
        table_[at] = static_cast<std::uint32_t>(number);
    }

    void rebuild() {
        table_.assign(table_.empty() ? 4 * few : 2 * table_.size(), 0);
        for (std::size_t number = 1; number <= entries_.size(); ++number) place(number);
    }

    std::vector<std::unique_ptr<Entry>> entries_;
    std::vector<std::uint32_t> table_;  // number of an entry, from 1; 0 where free
    std::uint32_t seed_;
};

}  // namespace strikefold::evm
