// The nodes of a trie in memory: private to the trie.
#pragma once

#include "evm/trie.hpp"

namespace strikefold::evm {

// kind tells which members count: a leaf has path and value, an extension path and child (not
// empty), a branch children. hashed: `hash` is that of the node as it is now. An unresolved node
// has its hash only.
struct Trie::Node {
    enum class Kind : std::uint8_t { unresolved, leaf, extension, branch };
    using Children = std::array<Node*, 16>;

    Kind kind = Kind::unresolved;
    bool hashed = false;
    Path path{};
    View value{};
    Node* child = nullptr;
    Children* children = nullptr;
    Hash hash{};
};

}  // namespace strikefold::evm
