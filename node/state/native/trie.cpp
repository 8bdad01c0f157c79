#include "trie.hpp"

#include <algorithm>
#include <cstring>

#include "evm/keccak.hpp"

namespace strikefold::state {

namespace {

constexpr Bytes empty_item{"\x80", 1};
constexpr char hash_tag = '\xa0';
constexpr std::size_t hash_item_size = 33;
constexpr std::size_t value_slot = 16;

[[nodiscard]] constexpr std::uint8_t byte(char c) { return static_cast<std::uint8_t>(c); }

[[nodiscard]] bool is_list(Bytes item) { return byte(item.front()) >= 0xc0; }

// Where an RLP item's payload starts and ends; both within `data`.
struct Extent {
    std::size_t payload;
    std::size_t end;
};

[[nodiscard]] Extent extent(Bytes data, std::size_t at) {
    const std::uint8_t tag = byte(data[at]);
    if (tag < 0x80) return {at, at + 1};
    const bool list = tag >= 0xc0;
    const std::size_t code = tag - (list ? 0xc0u : 0x80u);
    Extent result{at + 1, at + 1 + code};
    if (code > 55) {
        const std::size_t width = code - 55;
        if (width > 4 || at + 1 + width > data.size()) throw Malformed("trie node cut short");
        std::size_t length = 0;
        for (std::size_t i = 0; i < width; ++i) length = length << 8 | byte(data[at + 1 + i]);
        result = {at + 1 + width, at + 1 + width + length};
    }
    if (result.end > data.size()) throw Malformed("trie node whose last item runs past its end");
    return result;
}

[[nodiscard]] Bytes string_payload(Bytes item) {
    if (is_list(item)) throw Malformed("trie node with a list where a string belongs");
    return item.substr(extent(item, 0).payload);
}

// The header of a string (base 0x80) or list (0xc0) of this length.
struct Header {
    std::array<char, 9> data;
    std::size_t size;

    [[nodiscard]] operator Bytes() const { return {data.data(), size}; }
};

[[nodiscard]] Header header(std::size_t base, std::size_t length) {
    if (length < 56) return {{static_cast<char>(base + length)}, 1};
    Header result{};
    std::size_t width = 0;
    for (std::size_t rest = length; rest != 0; rest >>= 8) ++width;
    result.data[0] = static_cast<char>(base + 55 + width);
    for (std::size_t i = 0; i < width; ++i)
        result.data[1 + i] = static_cast<char>(length >> (8 * (width - 1 - i)));
    result.size = 1 + width;
    return result;
}

[[nodiscard]] std::size_t common_prefix(Bytes a, Bytes b) {
    const std::size_t limit = std::min(a.size(), b.size());
    const auto end = a.begin() + static_cast<std::ptrdiff_t>(limit);
    return static_cast<std::size_t>(std::mismatch(a.begin(), end, b.begin()).first - a.begin());
}

// How many of the updates, from the first on, have its nibble at `depth`; they share what is before.
[[nodiscard]] std::size_t group_size(Updates updates, std::size_t depth) {
    const char nibble = updates.front().key[depth];
    std::size_t size = 1;
    while (size < updates.size() && updates[size].key[depth] == nibble) ++size;
    return size;
}

[[nodiscard]] std::size_t index_of(char nibble) { return byte(nibble); }

}  // namespace

char* Arena::take(std::size_t size) {
    constexpr std::size_t chunk_size = std::size_t{1} << 16;
    if (size > left_) {
        left_ = std::max(size, chunk_size);
        chunks_.push_back(std::make_unique_for_overwrite<char[]>(left_));
        next_ = chunks_.back().get();
    }
    char* result = next_;
    next_ += size;
    left_ -= size;
    return result;
}

Bytes Arena::copy(Bytes first, Bytes second) {
    char* data = take(first.size() + second.size());
    std::copy(second.begin(), second.end(), std::copy(first.begin(), first.end(), data));
    return {data, first.size() + second.size()};
}

Outcome Batch::run(std::optional<Bytes> root_hash, Updates updates) {
    const Bytes ref =
        root_hash ? arena_.copy(Bytes(&hash_tag, 1), *root_hash) : Bytes(empty_item);
    Outcome outcome = child(ref, {}, updates);
    if (outcome.node) changes_.push_back({{}, encode(*outcome.node)});
    return outcome;
}

// What the node behind a reference becomes.
Outcome Batch::child(Bytes ref, Bytes path, Updates updates) {
    if (ref == empty_item) return at_leaf(nullptr, path, updates);
    Outcome outcome = update(decode(load(path, ref)), path, updates);
    if (outcome.changed && !is_list(ref)) changes_.push_back({path, std::nullopt});
    return outcome;
}

Outcome Batch::update(const Node& node, Bytes path, Updates updates) {
    switch (node.kind) {
        case Kind::branch: return at_branch(node, path.size(), updates);
        case Kind::leaf: return at_leaf(&node, path, updates);
        case Kind::extension: break;
    }
    return at_extension(node, path, updates);
}

// A subtrie of at most one leaf: what remains of it and the updates is built from nothing.
Outcome Batch::at_leaf(const Node* leaf, Bytes path, Updates updates) {
    const Bytes key = leaf ? arena_.copy(path, leaf->nibbles) : Bytes{};
    if (leaf && key.size() != key_nibbles) throw Malformed("trie leaf of another length than its keys");
    std::vector<Update> items;
    items.reserve(updates.size() + 1);
    bool pending = leaf != nullptr;
    for (const Update& update : updates) {
        if (pending && key <= update.key) {
            pending = false;
            if (key != update.key) items.push_back({key, leaf->item});
        }
        if (!update.value.empty()) items.push_back(update);
    }
    if (pending) items.push_back({key, leaf->item});
    if (items.empty()) return {leaf != nullptr, std::nullopt};
    if (leaf && items.size() == 1 && items[0].key == key && items[0].value == leaf->item) return {};
    return {true, build(items, path.size())};
}

// The node at `depth` over one item or more, which share that many nibbles.
Node Batch::build(Updates items, std::size_t depth) {
    const Bytes first = items.front().key;
    Node node;
    if (items.size() == 1) {
        node.nibbles = first.substr(depth);
        node.item = items.front().value;
        return node;
    }
    const std::size_t split = common_prefix(first, items.back().key);
    node.kind = Kind::branch;
    node.items.fill(empty_item);
    for (Updates rest = items; !rest.empty();) {
        const std::size_t size = group_size(rest, split);
        const Bytes path = rest.front().key.substr(0, split + 1);
        node.items[index_of(path.back())] = seal(path, build(rest.first(size), split + 1));
        rest = rest.subspan(size);
    }
    return prefixed(first.substr(0, split), first.substr(depth, split - depth), node);
}

Outcome Batch::at_branch(const Node& branch, std::size_t depth, Updates updates) {
    if (depth >= key_nibbles) throw Malformed("trie branch below its keys");
    if (branch.items[value_slot] != empty_item) throw Malformed("trie branch with a value");
    std::vector<std::pair<Bytes, Node>> children;
    Node result = branch;
    bool changed = false;
    for (Updates rest = updates; !rest.empty();) {
        const std::size_t size = group_size(rest, depth);
        const Bytes path = rest.front().key.substr(0, depth + 1);
        Bytes& ref = result.items[index_of(path.back())];
        Outcome outcome = child(ref, path, rest.first(size));
        changed |= outcome.changed;
        if (outcome.changed) ref = empty_item;
        if (outcome.node) children.emplace_back(path, *outcome.node);
        rest = rest.subspan(size);
    }
    if (!changed) return {};
    const auto gaps = std::count(result.items.begin(), result.items.begin() + value_slot, empty_item);
    const std::size_t unchanged = value_slot - static_cast<std::size_t>(gaps);
    if (unchanged + children.size() == 0) return {true, std::nullopt};
    if (unchanged == 0 && children.size() == 1) {
        const auto& [path, node] = children.front();
        return {true, prefixed(path, path.substr(depth), node)};
    }
    if (unchanged == 1 && children.empty()) {
        const auto left = std::find_if(result.items.begin(), result.items.end(),
                                       [](Bytes item) { return item != empty_item; });
        const auto nibble = static_cast<std::size_t>(left - result.items.begin());
        return {true, pulled_up(result, nibble, updates.front().key.substr(0, depth))};
    }
    for (const auto& [path, node] : children) result.items[index_of(path.back())] = seal(path, node);
    return {true, result};
}

// What replaces a branch whose only child was not part of the update: it has to be read.
Node Batch::pulled_up(const Node& branch, std::size_t nibble, Bytes path) {
    const char step = static_cast<char>(nibble);
    const Bytes ref = branch.items[nibble];
    const Bytes child_path = arena_.copy(path, Bytes(&step, 1));
    Node node = decode(load(child_path, ref));
    if (node.kind == Kind::branch) {
        Node extension;
        extension.kind = Kind::extension;
        extension.nibbles = child_path.substr(path.size());
        extension.item = ref;
        return extension;
    }
    if (!is_list(ref)) changes_.push_back({child_path, std::nullopt});
    node.nibbles = arena_.copy(child_path.substr(path.size()), node.nibbles);
    return node;
}

Outcome Batch::at_extension(const Node& node, Bytes path, Updates updates) {
    const Bytes below = arena_.copy(path, node.nibbles);
    if (below.size() >= key_nibbles) throw Malformed("trie extension below its keys");
    if (!updates.front().key.starts_with(below) || !updates.back().key.starts_with(below))
        return leaving_extension(node, path, updates);
    Outcome outcome = child(node.item, below, updates);
    if (outcome.node) outcome.node = prefixed(below, node.nibbles, *outcome.node);
    return outcome;
}

// An extension that some updates leave; those that delete there delete nothing.
Outcome Batch::leaving_extension(const Node& node, Bytes path, Updates updates) {
    const Bytes below = arena_.copy(path, node.nibbles);
    std::vector<Update>& kept = kept_.emplace_back();
    std::copy_if(updates.begin(), updates.end(), std::back_inserter(kept), [&](const Update& update) {
        return !update.value.empty() || update.key.starts_with(below);
    });
    if (kept.empty()) return {};
    const std::size_t shared = std::min(common_prefix(below, kept.front().key),
                                        common_prefix(below, kept.back().key));
    if (shared == below.size()) return at_extension(node, path, kept);
    return forked(node, path, shared - path.size(), kept);
}

// An extension cut after `shared` nibbles by a branch, where an update leaves it.
Outcome Batch::forked(const Node& node, Bytes path, std::size_t shared, Updates updates) {
    const Bytes below = arena_.copy(path, node.nibbles);
    const std::size_t depth = path.size() + shared;
    Node rest = node;
    rest.nibbles = node.nibbles.substr(shared + 1);
    // held inside the branch whatever its size, so that updates below it do not ask the reader
    const Bytes held = rest.nibbles.empty() ? node.item : encode(rest);
    Node branch;
    branch.kind = Kind::branch;
    branch.items.fill(empty_item);
    const std::size_t nibble = index_of(below[depth]);
    branch.items[nibble] = held;
    Outcome outcome = at_branch(branch, depth, updates);
    if (!outcome.node) return outcome;
    Node& result = *outcome.node;
    const bool stays = result.kind == Kind::branch && result.items[nibble].data() == held.data();
    if (stays && !rest.nibbles.empty())
        result.items[nibble] = seal(below.substr(0, depth + 1), rest);
    outcome.node = prefixed(below.substr(0, depth), node.nibbles.substr(0, shared), result);
    return outcome;
}

// A node that lives at `path`, reached through `nibbles` more: by a short node.
Node Batch::prefixed(Bytes path, Bytes nibbles, const Node& node) {
    if (nibbles.empty()) return node;
    Node result = node;
    if (node.kind == Kind::branch) {
        result = Node{};
        result.kind = Kind::extension;
        result.nibbles = nibbles;
        result.item = seal(path, node);
    } else {
        result.nibbles = arena_.copy(nibbles, node.nibbles);
    }
    return result;
}

// The RLP of the node that a reference points to: embedded, or read by hash.
Bytes Batch::load(Bytes path, Bytes ref) {
    if (is_list(ref)) return ref;
    if (ref.size() != hash_item_size || ref.front() != hash_tag)
        throw Malformed("trie reference of " + std::to_string(ref.size()) + " bytes, expected 33");
    return reader_.node(path, ref.substr(1));
}

Node Batch::decode(Bytes data) {
    if (data.empty() || !is_list(data)) throw Malformed("trie node that is not an RLP list");
    const Extent all = extent(data, 0);
    if (all.end != data.size()) throw Malformed("trie node with bytes behind its end");
    Node node;
    std::size_t count = 0;
    for (std::size_t at = all.payload; at < all.end; ++count) {
        const std::size_t end = extent(data, at).end;
        if (count == node.items.size()) throw Malformed("trie node of more than 17 items");
        node.items[count] = data.substr(at, end - at);
        at = end;
    }
    node.kind = Kind::branch;
    if (count == node.items.size()) return node;
    if (count != 2) throw Malformed("trie node of " + std::to_string(count) + " items");
    bool is_leaf = false;
    node.nibbles = decode_nibbles(string_payload(node.items[0]), is_leaf);
    node.item = node.items[1];
    node.kind = is_leaf ? Kind::leaf : Kind::extension;
    if (is_leaf && is_list(node.item))
        throw Malformed("trie node with a list where a string belongs");
    if (!is_leaf && (node.nibbles.empty() || node.item == empty_item))
        throw Malformed("trie extension without nibbles or child");
    return node;
}

Bytes Batch::decode_nibbles(Bytes compact, bool& is_leaf) {
    const std::uint8_t first = compact.empty() ? std::uint8_t{0xff} : byte(compact.front());
    const bool odd = (first & 0x10) != 0;
    if (first >= 0x40 || (!odd && (first & 0x0f) != 0)) throw Malformed("trie node with a bad hex prefix");
    is_leaf = first >= 0x20;
    const std::size_t size = 2 * compact.size() - (odd ? 1 : 2);
    char* const nibbles = arena_.take(size);
    char* next = nibbles;
    if (odd) *next++ = static_cast<char>(first & 0x0f);
    for (const char c : compact.substr(1)) {
        *next++ = static_cast<char>(byte(c) >> 4);
        *next++ = static_cast<char>(byte(c) & 0x0f);
    }
    return {nibbles, size};
}

Bytes Batch::string_item(Bytes data) {
    if (data.size() == 1 && byte(data.front()) < 0x80) return arena_.copy(data);
    return arena_.copy(header(0x80, data.size()), data);
}

Bytes Batch::encode_compact(Bytes nibbles, bool is_leaf) {
    if (nibbles.size() > key_nibbles) throw Malformed("trie path longer than its keys");
    const std::size_t odd = nibbles.size() & 1;
    std::array<char, key_nibbles / 2 + 1> compact{};
    const std::size_t size = nibbles.size() / 2 + 1;
    compact[0] = static_cast<char>((is_leaf ? 0x20 : 0) | (odd ? 0x10 | nibbles[0] : 0));
    for (std::size_t i = 1; i < size; ++i)
        compact[i] = static_cast<char>(nibbles[2 * i - 2 + odd] << 4 | nibbles[2 * i - 1 + odd]);
    return string_item({compact.data(), size});
}

Bytes Batch::list(Bytes first, Bytes second) {
    const Header head = header(0xc0, first.size() + second.size());
    char* const data = arena_.take(head.size + first.size() + second.size());
    char* end = std::copy_n(head.data.data(), head.size, data);
    end = std::copy(first.begin(), first.end(), end);
    end = std::copy(second.begin(), second.end(), end);
    return {data, static_cast<std::size_t>(end - data)};
}

Bytes Batch::encode(const Node& node) {
    if (node.kind != Kind::branch)
        return list(encode_compact(node.nibbles, node.kind == Kind::leaf), node.item);
    std::size_t size = 0;
    for (const Bytes item : node.items) size += item.size();
    const Header head = header(0xc0, size);
    char* const data = arena_.take(head.size + size);
    char* end = std::copy_n(head.data.data(), head.size, data);
    for (const Bytes item : node.items) end = std::copy(item.begin(), item.end(), end);
    return {data, head.size + size};
}

// Encodes a finished node and returns the reference that its parent holds.
Bytes Batch::seal(Bytes path, const Node& node) {
    const Bytes data = encode(node);
    if (data.size() < 32) return data;
    changes_.push_back({path, data});
    const auto hash = evm::keccak256({reinterpret_cast<const std::uint8_t*>(data.data()), data.size()});
    return arena_.copy(Bytes(&hash_tag, 1), {reinterpret_cast<const char*>(hash.data()), hash.size()});
}

}  // namespace strikefold::state
