#include "evm/trie.hpp"

#include "evm/keccak.hpp"
#include "evm/rlp.hpp"
#include "trie_node.hpp"

namespace strikefold::evm {

namespace {

template <typename Path>
[[nodiscard]] std::size_t common_prefix(const Path& a, const Path& b) noexcept {
    const std::size_t size = std::min(a.size, b.size);
    std::size_t shared = 0;
    while (shared < size && a.nibbles[shared] == b.nibbles[shared]) ++shared;
    return shared;
}

}  // namespace

void NodeSet::add(View node) {
    if (2 * (entries_.size() + 1) > table_.size()) {
        table_.assign(std::max<std::size_t>(64, 2 * table_.size()), 0);
        for (std::size_t i = 0; i < entries_.size(); ++i)
            table_[slot_of(entries_[i].hash)] = static_cast<std::uint32_t>(i + 1);
    }
    const Hash hash = keccak256(node);
    std::uint32_t& slot = table_[slot_of(hash)];
    if (slot != 0) return;
    entries_.push_back({hash, node});
    slot = static_cast<std::uint32_t>(entries_.size());
}

// Where the hash is in the table, or would be.
std::size_t NodeSet::slot_of(const Hash& hash) const noexcept {
    std::uint32_t start = 0;
    std::memcpy(&start, hash.data(), sizeof start);
    std::size_t at = start & (table_.size() - 1);
    while (table_[at] != 0 && entries_[table_[at] - 1].hash != hash)
        at = (at + 1) & (table_.size() - 1);
    return at;
}

std::optional<View> NodeSet::find(const Hash& hash) const noexcept {
    if (table_.empty()) return std::nullopt;
    const std::uint32_t number = table_[slot_of(hash)];
    if (number == 0) return std::nullopt;
    return entries_[number - 1].node;
}

Trie::Trie(NodeSet& nodes, const Hash& root) : nodes_(&nodes) {
    if (root != empty_trie_root)
        root_ = make({.kind = Node::Kind::unresolved, .hash = nodes_->arena_.store(root).data()});
}

Trie::Path Trie::expand(View key, Nibbles& nibbles) noexcept {
    for (std::size_t i = 0; i < key.size(); ++i) {
        nibbles[2 * i] = key[i] >> 4;
        nibbles[2 * i + 1] = key[i] & 15;
    }
    return {nibbles.data(), 2 * key.size()};
}

Trie::Path Trie::keep(Path path) {
    return {nodes_->arena_.store({path.nibbles, path.size}).data(), path.size};
}

Trie::Path Trie::join(Path first, std::uint8_t nibble, Path second) {
    Bytes joined(first.nibbles, first.nibbles + first.size);
    joined.push_back(nibble);
    joined.insert(joined.end(), second.nibbles, second.nibbles + second.size);
    return keep({joined.data(), joined.size()});
}

Trie::Node* Trie::make(const Node& node) {
    return nodes_->arena_.make(node);
}

Trie::Node* Trie::malformed() noexcept {
    nodes_->fail(Status::witness_node_malformed);
    return nullptr;
}

View Trie::get(View key) {
    Nibbles nibbles;
    Path path = expand(key, nibbles);
    for (Node* node = root_; node != nullptr;) {
        node = resolve(node);
        if (node == nullptr) return {};
        if (node->kind == Node::Kind::branch) {
            if (path.size == 0) break;
            node = node->children->at(path.nibbles[0]);
            path = path.from(1);
            continue;
        }
        const std::size_t size = node->path.size;
        if (common_prefix(node->path, path) != size) return {};
        if (node->kind == Node::Kind::leaf) return size == path.size ? node->value : View{};
        path = path.from(size);
        node = node->child;
    }
    return {};
}

void Trie::set(View key, View value) {
    Nibbles nibbles;
    root_ = insert(root_, expand(key, nibbles), nodes_->arena_.store(value));
}

void Trie::erase(View key) {
    Nibbles nibbles;
    root_ = remove(root_, expand(key, nibbles));
}

// Depth of the recursion: each level takes a nibble of the key at least, so at most 64.
Trie::Node* Trie::insert(Node* node, Path key, View value) {
    if (node == nullptr) return make({.kind = Node::Kind::leaf, .path = keep(key), .value = value});
    if (resolve(node) == nullptr) return node;
    node->hash = nullptr;
    if (node->kind == Node::Kind::branch) {
        if (key.size == 0) return malformed();
        Node*& child = node->children->at(key.nibbles[0]);
        child = insert(child, key.from(1), value);
        return node;
    }
    const std::size_t shared = common_prefix(node->path, key);
    if (shared < node->path.size) return split(node, key, value, shared);
    if (node->kind == Node::Kind::extension) {
        node->child = insert(node->child, key.from(shared), value);
        return node;
    }
    if (shared != key.size) return malformed();
    node->value = value;
    return node;
}

// A branch where the paths of `node` and `key` part, after `shared` nibbles.
Trie::Node* Trie::split(Node* node, Path key, View value, std::size_t shared) {
    if (key.size == shared) return malformed();
    Node::Children children{};
    const Path rest = node->path;
    Node*& old_child = children[rest.nibbles[shared]];
    if (node->kind == Node::Kind::extension && rest.size == shared + 1) {
        old_child = node->child;
    } else {
        node->path = rest.from(shared + 1);
        old_child = node;
    }
    children[key.nibbles[shared]] = insert(nullptr, key.from(shared + 1), value);
    Node* branch = make({.kind = Node::Kind::branch, .children = nodes_->arena_.make(children)});
    return prefixed({rest.nibbles, shared}, branch);
}

Trie::Node* Trie::remove(Node* node, Path key) {
    if (node == nullptr || resolve(node) == nullptr) return node;
    if (node->kind == Node::Kind::branch) return remove_from_branch(node, key);
    const std::size_t size = node->path.size;
    if (common_prefix(node->path, key) != size) return node;
    if (node->kind == Node::Kind::leaf) return size == key.size ? nullptr : node;
    Node* child = remove(node->child, key.from(size));
    if (child == nullptr) return nullptr;
    if (child == node->child) {
        if (child->hash == nullptr) node->hash = nullptr;
        return node;
    }
    return prefixed(node->path, child);
}

Trie::Node* Trie::remove_from_branch(Node* node, Path key) {
    if (key.size == 0) return node;
    Node*& child = node->children->at(key.nibbles[0]);
    if (child == nullptr) return node;
    Node* after = remove(child, key.from(1));
    if (after == child) {
        if (child->hash == nullptr) node->hash = nullptr;
        return node;
    }
    child = after;
    node->hash = nullptr;
    std::size_t count = 0, last = 0;
    for (std::size_t i = 0; i < 16; ++i) {
        if (node->children->at(i) == nullptr) continue;
        ++count;
        last = i;
    }
    if (count == 0) return nullptr;
    if (count > 1) return node;
    Node* only = node->children->at(last);
    if (resolve(only) == nullptr) return node;
    const auto nibble = static_cast<std::uint8_t>(last);
    return prefixed({&nibble, 1}, only);
}

Trie::Node* Trie::prefixed(Path path, Node* node) {
    if (path.size == 0) return node;
    if (node->kind == Node::Kind::branch || node->kind == Node::Kind::unresolved)
        return make({.kind = Node::Kind::extension, .path = keep(path), .child = node});
    node->path = join({path.nibbles, path.size - 1}, path.nibbles[path.size - 1], node->path);
    node->hash = nullptr;
    return node;
}

Hash Trie::root() {
    if (root_ == nullptr) return empty_trie_root;
    if (root_->hash == nullptr) {
        Bytes buffer;
        root_->hash = nodes_->arena_.store(keccak256(encode(root_, buffer))).data();
    }
    return hash_of(*root_);
}

Hash ordered_root(std::span<const View> values) {
    NodeSet none;
    Trie trie(none);
    for (std::size_t i = 0; i < values.size(); ++i) {
        Bytes key;
        rlp::append_u64(key, i);
        trie.set(key, values[i]);
    }
    return trie.root();
}

}  // namespace strikefold::evm
