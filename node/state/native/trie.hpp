// Batched updates of a Merkle Patricia trie whose keys are hashes.
//
// The updates are sorted and the trie is walked once: every node on a changed path is read, decoded,
// encoded and hashed once, whatever the number of updates below it.
// Source: Yellow Paper, appendix C (hex prefix) and appendix D (modified Merkle Patricia tree).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace strikefold::state {

// Bytes that something else owns: the arena, a node just read, a key. Nibbles are a byte each.
using Bytes = std::string_view;

inline constexpr std::size_t key_nibbles = 64;

// A trie node that breaks the rules. Nodes of a witness come from strangers.
class Malformed : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Where trie nodes come from. What `node` returns must live until the batch ends; it may throw.
class Reader {
public:
    virtual ~Reader() = default;
    [[nodiscard]] virtual Bytes node(Bytes path, Bytes hash) = 0;
};

// Memory for what a batch makes, given back all at once.
class Arena {
public:
    [[nodiscard]] char* take(std::size_t size);
    [[nodiscard]] Bytes copy(Bytes first, Bytes second = {});

private:
    std::vector<std::unique_ptr<char[]>> chunks_;
    char* next_ = nullptr;
    std::size_t left_ = 0;
};

// One write: a key's nibbles and its value's RLP item, empty to delete.
struct Update {
    Bytes key;
    Bytes value;
};
using Updates = std::span<const Update>;

enum class Kind : std::uint8_t { branch, leaf, extension };

// A decoded node. Items stay RLP items: children are references or embedded nodes.
struct Node {
    Kind kind = Kind::leaf;
    Bytes nibbles;                 // leaf and extension
    Bytes item;                    // a leaf's value, an extension's child
    std::array<Bytes, 17> items{}; // branch: 16 children and a value
};

// What becomes of a node. Without `node`, `changed` says that nothing is left.
struct Outcome {
    bool changed = false;
    std::optional<Node> node;
};

// A node to store (or no longer to store) at a path. The last change of a path counts.
struct Change {
    Bytes path;
    std::optional<Bytes> data;
};

class Batch {
public:
    explicit Batch(Reader& reader) : reader_(reader) {}

    [[nodiscard]] Arena& arena() { return arena_; }

    // The RLP item of a value, kept by the batch.
    [[nodiscard]] Bytes string_item(Bytes data);

    // Applies updates, sorted by key, to the trie whose root node has this hash (none: the empty trie).
    // Returns the outcome for the root; `changes` has its node as well.
    [[nodiscard]] Outcome run(std::optional<Bytes> root_hash, Updates updates);

    [[nodiscard]] const std::vector<Change>& changes() const { return changes_; }

private:
    Outcome child(Bytes ref, Bytes path, Updates updates);
    Outcome update(const Node& node, Bytes path, Updates updates);
    Outcome at_leaf(const Node* leaf, Bytes path, Updates updates);
    Outcome at_branch(const Node& branch, std::size_t depth, Updates updates);
    Outcome at_extension(const Node& node, Bytes path, Updates updates);
    Outcome leaving_extension(const Node& node, Bytes path, Updates updates);
    Outcome forked(const Node& node, Bytes path, std::size_t shared, Updates updates);
    Node pulled_up(const Node& branch, std::size_t nibble, Bytes path);
    Node build(Updates items, std::size_t depth);
    Node prefixed(Bytes path, Bytes nibbles, const Node& node);
    Bytes load(Bytes path, Bytes ref);
    Node decode(Bytes data);
    Bytes decode_nibbles(Bytes compact, bool& is_leaf);
    Bytes encode(const Node& node);
    Bytes encode_compact(Bytes nibbles, bool is_leaf);
    Bytes list(Bytes first, Bytes second);
    Bytes seal(Bytes path, const Node& node);

    Reader& reader_;
    Arena arena_;
    std::vector<Change> changes_;
    std::deque<std::vector<Update>> kept_;  // update lists that outlive the call that made them
};

}  // namespace strikefold::state
