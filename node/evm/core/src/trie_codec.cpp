// Trie nodes from RLP and to RLP.
#include "evm/keccak.hpp"
#include "evm/rlp.hpp"
#include "trie_node.hpp"

namespace strikefold::evm {

namespace {

// The headers of an empty string and of a hash.
constexpr std::uint8_t empty = 0x80, hash_header = 0xa0;
constexpr std::size_t hash_size = 32;

}  // namespace

Hash Trie::hash_of(const Node& node) noexcept {
    return array_at<hash_size>({node.hash, hash_size}, 0);
}

// The node itself in place of its hash; null, and the set failed, where it is missing or malformed.
Trie::Node* Trie::resolve(Node* node) {
    if (node->kind != Node::Kind::unresolved) return node;
    const auto encoded = nodes_->find(hash_of(*node));
    if (!encoded) {
        nodes_->fail(Status::witness_node_missing);
        return nullptr;
    }
    const Node* decoded = decode(*encoded);
    if (decoded == nullptr) return nullptr;
    const std::uint8_t* const hash = node->hash;
    *node = *decoded;
    node->hash = hash;
    return node;
}

Trie::Node* Trie::decode(View encoded) {
    const auto item = rlp::decode(encoded);
    if (!item || !item->is_list) return malformed();
    rlp::Reader reader(item->payload);
    const rlp::Item first = reader.next();
    const rlp::Item second = reader.next();
    if (!reader.ok()) return malformed();
    if (!reader.at_end()) return decode_branch(item->payload);
    if (first.is_list) return malformed();
    return decode_short(first.payload, second);
}

// Hex-prefix encoding: the flags' second bit marks a leaf, the first an odd number of nibbles.
Trie::Node* Trie::decode_short(View path, const rlp::Item& second) {
    if (path.empty() || path[0] >= 0x40 || path.size() > 33) return malformed();
    const bool is_leaf = (path[0] & 0x20) != 0, is_odd = (path[0] & 0x10) != 0;
    if (!is_odd && (path[0] & 15) != 0) return malformed();
    std::array<std::uint8_t, 66> nibbles;
    for (std::size_t i = 0; i < path.size(); ++i) {
        nibbles[2 * i] = path[i] >> 4;
        nibbles[2 * i + 1] = path[i] & 15;
    }
    const std::size_t start = is_odd ? 1 : 2;
    const Path kept = keep({nibbles.data() + start, 2 * path.size() - start});
    if (is_leaf) {
        if (second.is_list || second.payload.empty()) return malformed();
        return make({.kind = Node::Kind::leaf, .path = kept, .value = second.payload});
    }
    View reference = second.encoded;
    Node* child = nullptr;
    if (!take_reference(reference, child)) return nullptr;
    if (child == nullptr || kept.size == 0) return malformed();
    return make({.kind = Node::Kind::extension, .path = kept, .child = child});
}

Trie::Node* Trie::decode_branch(View payload) {
    Node::Children children{};
    for (Node*& child : children)
        if (!take_reference(payload, child)) return nullptr;
    rlp::Reader reader(payload);
    const View value = reader.bytes();
    if (!reader.finished() || !value.empty()) return malformed();
    return make({.kind = Node::Kind::branch, .children = nodes_->arena_.make(children)});
}

// A hash, an empty string, or a node of less than 32 bytes itself: so the recursion is shallow.
bool Trie::take_reference(View& rest, Node*& node) {
    if (!rest.empty() && rest[0] == empty) {
        node = nullptr;
        rest = rest.subspan(1);
        return true;
    }
    if (rest.size() > hash_size && rest[0] == hash_header) {
        node = make({.kind = Node::Kind::unresolved, .hash = rest.data() + 1});
        rest = rest.subspan(1 + hash_size);
        return true;
    }
    const auto item = rlp::decode_first(rest);
    if (!item || !item->is_list || item->encoded.size() >= hash_size) return malformed() != nullptr;
    node = decode(item->encoded);
    rest = rest.subspan(item->encoded.size());
    return node != nullptr;
}

View Trie::encode(const Node* node, Bytes& buffer) {
    buffer.reserve(rlp::header_room.size() + 17 * (1 + hash_size));
    append(buffer, rlp::header_room);
    if (node->kind == Node::Kind::branch) {
        for (Node* child : *node->children) append_reference(buffer, child);
        buffer.push_back(empty);
        return rlp::list_in(buffer);
    }
    append_path(buffer, *node);
    if (node->kind == Node::Kind::leaf)
        rlp::append_bytes(buffer, node->value);
    else
        append_reference(buffer, node->child);
    return rlp::list_in(buffer);
}

void Trie::append_path(Bytes& out, const Node& node) {
    const auto [nibbles, size] = node.path;
    const std::size_t odd = size % 2;
    const unsigned flags = (node.kind == Node::Kind::leaf ? 0x20U : 0U) | (odd != 0 ? 0x10U : 0U);
    std::array<std::uint8_t, 33> encoded;
    encoded[0] = static_cast<std::uint8_t>(flags | (odd != 0 ? nibbles[0] : 0U));
    for (std::size_t i = odd; i < size; i += 2)
        encoded[1 + i / 2] = static_cast<std::uint8_t>(nibbles[i] << 4 | nibbles[i + 1]);
    rlp::append_bytes(out, View(encoded).first(1 + size / 2));
}

// The hash of a node, or the node itself where it takes less than 32 bytes.
void Trie::append_reference(Bytes& out, Node* node) {
    if (node == nullptr) {
        out.push_back(empty);
        return;
    }
    if (node->hash == nullptr) {
        Bytes buffer;
        const View encoded = encode(node, buffer);
        if (encoded.size() < hash_size) {
            append(out, encoded);
            return;
        }
        node->hash = nodes_->arena_.store(keccak256(encoded)).data();
    }
    out.push_back(hash_header);
    append(out, {node->hash, hash_size});
}

}  // namespace strikefold::evm
