// Hexary Patricia tries over a set of nodes (Yellow Paper, appendix D). Nodes are taken from the
// set by their hash when a path leads to them; what is missing or malformed fails the set, and no
// answer given afterwards counts.
#pragma once

#include <optional>

#include "evm/arena.hpp"
#include "evm/rlp.hpp"
#include "evm/status.hpp"
#include "evm/types.hpp"

namespace strikefold::evm {

// Nodes by hash, and the memory that tries over them live in.
class NodeSet {
public:
    // node: kept by reference. Adding one twice is allowed.
    void add(View node);

    [[nodiscard]] Status status() const noexcept { return status_; }
    [[nodiscard]] bool ok() const noexcept { return status_ == Status::ok; }
    // The first failure stays.
    void fail(Status status) noexcept {
        if (ok()) status_ = status;
    }

private:
    friend class Trie;
    struct Entry {
        Hash hash;
        View node;
    };

    [[nodiscard]] std::size_t slot_of(const Hash& hash) const noexcept;
    [[nodiscard]] std::optional<View> find(const Hash& hash) const noexcept;

    std::vector<Entry> entries_;
    std::vector<std::uint32_t> table_;
    Status status_ = Status::ok;
    Arena arena_;
};

// A trie whose keys are prefix-free and at most 32 bytes long (hashes; RLP of an index). Values are
// not empty.
class Trie {
public:
    explicit Trie(NodeSet& nodes, const Hash& root = empty_trie_root);

    // The value under a key, empty where there is none.
    [[nodiscard]] View get(View key);
    // value: copied.
    void set(View key, View value);
    void erase(View key);

    [[nodiscard]] Hash root();

private:
    struct Node;
    struct Path {
        const std::uint8_t* nibbles;
        std::size_t size;

        [[nodiscard]] Path from(std::size_t start) const noexcept {
            return {nibbles + start, size - start};
        }
    };
    using Nibbles = std::array<std::uint8_t, 64>;

    [[nodiscard]] static Path expand(View key, Nibbles& nibbles) noexcept;
    [[nodiscard]] Path keep(Path path);
    [[nodiscard]] Path join(Path first, std::uint8_t nibble, Path second);
    [[nodiscard]] Node* make(const Node& node);

    [[nodiscard]] Node* resolve(Node* node);
    [[nodiscard]] Node* decode(View encoded);
    [[nodiscard]] Node* decode_short(View path, const rlp::Item& second);
    [[nodiscard]] Node* decode_branch(View payload);
    // Takes a reference from the front. False where it is malformed; the node is null for an empty
    // one.
    [[nodiscard]] bool take_reference(View& rest, Node*& node);

    [[nodiscard]] Node* insert(Node* node, Path key, View value);
    [[nodiscard]] Node* split(Node* node, Path key, View value, std::size_t shared);
    [[nodiscard]] Node* remove(Node* node, Path key);
    [[nodiscard]] Node* remove_from_branch(Node* node, Path key);
    // `node` reached through more nibbles: paths are joined, a branch gets an extension.
    [[nodiscard]] Node* prefixed(Path path, Node* node);
    [[nodiscard]] Node* malformed() noexcept;

    [[nodiscard]] static Hash hash_of(const Node& node) noexcept;
    // In the buffer, which is empty.
    [[nodiscard]] View encode(const Node* node, Bytes& buffer);
    void append_path(Bytes& out, const Node& node);
    void append_reference(Bytes& out, Node* node);

    NodeSet* nodes_;
    Node* root_ = nullptr;
};

// The root over a list: transactions, receipts, withdrawals. Keys are rlp(index).
[[nodiscard]] Hash ordered_root(std::span<const View> values);

}  // namespace strikefold::evm
