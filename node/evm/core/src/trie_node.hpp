// The nodes of a trie in memory: private to the trie.
#pragma once

#include "evm/trie.hpp"

namespace strikefold::evm {

// kind tells which members count: a leaf has path and value, an extension path and child (not
// empty), a branch children. hash: of the node as it is now, kept elsewhere; null where it is not
// known. An unresolved node has its hash only.
struct Trie::Node {
    enum class Kind : std::uint8_t { unresolved, leaf, extension, branch };
    using Children = std::array<Node*, 16>;

    Kind kind = Kind::unresolved;
    Path path{};
    View value{};
    Node* child = nullptr;
    Children* children = nullptr;
    const std::uint8_t* hash = nullptr;
};

}  // namespace strikefold::evm
