// Reads and writes in a trie whose nodes are anything at all.
//
// Input: the number of nodes (1 byte), each with its length before it (2 bytes, big-endian); then
// operations of 4 bytes: which, two bytes of a key that continues with zeros, a value's length.
#include "evm/keccak.hpp"
#include "evm/trie.hpp"
#include "fuzz_targets.hpp"

namespace strikefold::evm::fuzz {

namespace {

constexpr std::uint8_t node_kind = 'N';

struct Range {
    std::size_t start = 0, size = 0;
};

// The places of the nodes; the operations begin where the last ends.
[[nodiscard]] std::vector<Range> node_ranges(View data) {
    std::vector<Range> ranges;
    std::size_t at = 1;
    while (ranges.size() < data[0] && at + 2 <= data.size()) {
        const auto size = static_cast<std::size_t>(data[at] << 8 | data[at + 1]);
        at += 2;
        ranges.push_back({at, std::min(size, data.size() - at)});
        at += ranges.back().size;
    }
    return ranges;
}

// Nodes refer to later ones only.
[[nodiscard]] std::vector<Hash> link(Bytes& data, const std::vector<Range>& ranges) {
    std::vector<Hash> hashes(ranges.size());
    for (std::size_t i = ranges.size(); i-- > 0;) {
        const Range range = ranges[i];
        fill_references(data, range.start, range.size,
                        [&](const Reference& to) -> std::optional<Hash> {
                            if (to.kind != node_kind || to.index <= i || to.index >= ranges.size())
                                return std::nullopt;
                            return hashes[to.index];
                        });
        hashes[i] = keccak256(View(data).subspan(range.start, range.size));
    }
    return hashes;
}

void operate(Trie& trie, const NodeSet& nodes, View operation) {
    Hash key{};
    copy(key.data(), operation.subspan(1, 2));
    const Bytes value(operation[3] % 64U + 1U, operation[3]);
    switch (operation[0] % 3) {
        case 0:
            trie.set(key, value);
            if (nodes.ok()) require(equal(trie.get(key), value) || !nodes.ok());
            break;
        case 1:
            trie.erase(key);
            if (nodes.ok()) require(trie.get(key).empty() || !nodes.ok());
            break;
        default:
            static_cast<void>(trie.get(key));
    }
}

}  // namespace

void trie(View input) {
    if (input.empty()) return;
    Bytes data(input.begin(), input.end());
    const std::vector<Range> ranges = node_ranges(data);
    const std::vector<Hash> hashes = link(data, ranges);
    NodeSet nodes;
    for (const Range range : ranges) nodes.add(View(data).subspan(range.start, range.size));
    Trie trie(nodes, hashes.empty() ? empty_trie_root : hashes[0]);
    std::size_t at = ranges.empty() ? 1 : ranges.back().start + ranges.back().size;
    for (; at + 4 <= data.size() && nodes.ok(); at += 4)
        operate(trie, nodes, View(data).subspan(at, 4));
    static_cast<void>(trie.root());
}

}  // namespace strikefold::evm::fuzz
