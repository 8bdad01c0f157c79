// Trie nodes from RLP and to RLP.
#include "evm/keccak.hpp"
#include "evm/rlp.hpp"
#include "trie_node.hpp"

namespace strikefold::evm {

// The node itself in place of its hash; null, and the set failed, where it is missing or malformed.
Trie::Node* Trie::resolve(Node* node) {
    if (node->kind != Node::Kind::unresolved) return node;
    const auto encoded = nodes_->find(node->hash);
    if (!encoded) {
        nodes_->fail(Status::witness_node_missing);
        return nullptr;
    }
    const Node* decoded = decode(*encoded);
    if (decoded == nullptr) return nullptr;
    const Hash hash = node->hash;
    *node = *decoded;
    node->hash = hash;
    node->hashed = true;
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
    return decode_short(first.payload, second.encoded);
}

// Hex-prefix encoding: the flags' second bit marks a leaf, the first an odd number of nibbles.
Trie::Node* Trie::decode_short(View path, View second_item) {
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
        const auto value = rlp::decode(second_item);
        if (!value || value->is_list || value->payload.empty()) return malformed();
        return make({.kind = Node::Kind::leaf, .path = kept, .value = value->payload});
    }
    Node* child = nullptr;
    if (!decode_reference(second_item, child)) return nullptr;
    if (child == nullptr || kept.size == 0) return malformed();
    return make({.kind = Node::Kind::extension, .path = kept, .child = child});
}

Trie::Node* Trie::decode_branch(View payload) {
    rlp::Reader reader(payload);
    Node::Children children{};
    for (Node*& child : children)
        if (!decode_reference(reader.next().encoded, child)) return nullptr;
    const View value = reader.bytes();
    if (!reader.finished() || !value.empty()) return malformed();
    return make({.kind = Node::Kind::branch, .children = nodes_->arena_.make(children)});
}

// A hash, an empty string, or a node of less than 32 bytes itself: so the recursion is shallow.
bool Trie::decode_reference(View item, Node*& node) {
    const auto decoded = rlp::decode(item);
    if (decoded && decoded->is_list && item.size() < 32) {
        node = decode(item);
        return node != nullptr;
    }
    if (!decoded || decoded->is_list ||
        (!decoded->payload.empty() && decoded->payload.size() != 32)) {
        return malformed() != nullptr;
    }
    node = decoded->payload.empty() ? nullptr
                                    : make({.kind = Node::Kind::unresolved,
                                            .hashed = true,
                                            .hash = array_at<32>(decoded->payload, 0)});
    return true;
}

Bytes Trie::encode(Node* node) {
    Bytes items;
    if (node->kind == Node::Kind::branch) {
        items.reserve(17 * 33);
        for (Node* child : *node->children) append_reference(items, child);
        items.push_back(0x80);
        return rlp::list(items);
    }
    const bool is_leaf = node->kind == Node::Kind::leaf;
    const bool is_odd = node->path.size % 2 == 1;
    const auto flags = static_cast<std::uint8_t>((is_leaf ? 0x20 : 0) | (is_odd ? 0x10 : 0));
    Bytes path{is_odd ? static_cast<std::uint8_t>(flags | node->path.nibbles[0]) : flags};
    for (std::size_t i = is_odd ? 1 : 0; i < node->path.size; i += 2)
        path.push_back(
            static_cast<std::uint8_t>(node->path.nibbles[i] << 4 | node->path.nibbles[i + 1]));
    rlp::append_bytes(items, path);
    if (is_leaf)
        rlp::append_bytes(items, node->value);
    else
        append_reference(items, node->child);
    return rlp::list(items);
}

// The hash of a node, or the node itself where it takes less than 32 bytes.
void Trie::append_reference(Bytes& out, Node* node) {
    if (node == nullptr) {
        out.push_back(0x80);
        return;
    }
    if (!node->hashed) {
        const Bytes encoded = encode(node);
        if (encoded.size() < 32) {
            append(out, encoded);
            return;
        }
        node->hash = keccak256(encoded);
        node->hashed = true;
    }
    rlp::append_bytes(out, node->hash);
}

}  // namespace strikefold::evm
