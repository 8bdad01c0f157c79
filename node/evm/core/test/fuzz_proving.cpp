// The whole stateless path, on an input whose hashes are put right before it is looked at.
//
// References: N and C, a node and a code of the witness; S, the state root (node 0); P, the header
// before, or the last one where the block refers to it; T, the root of the block's transactions.
#include "evm/keccak.hpp"
#include "evm/proving.hpp"
#include "evm/trie.hpp"
#include "fuzz_targets.hpp"

namespace strikefold::evm::fuzz {

namespace {

using Maybe = std::optional<Hash>;

class Linker {
public:
    // data: the encoding that the input refers to.
    Linker(Bytes& data, const BlockInput& input) : data_(data), input_(input) {}

    void link() {
        for (const View code : input_.witness.codes) codes_.push_back(keccak256(code));
        link_nodes();
        Maybe parent;
        for (const View header : input_.witness.headers) {
            fill(header, [&](const Reference& to) {
                if (to.kind == 'S') return nodes_.empty() ? Maybe() : Maybe(nodes_[0]);
                return to.kind == 'P' ? parent : Maybe();
            });
            parent = keccak256(header);
        }
        link_block(parent);
    }

private:
    template <typename Function>
    void fill(View part, const Function& of) {
        const auto start = static_cast<std::size_t>(part.data() - data_.data());
        fill_references(data_, start, part.size(), of);
    }

    void link_nodes() {
        const auto& nodes = input_.witness.nodes;
        nodes_.resize(nodes.size());
        for (std::size_t i = nodes.size(); i-- > 0;) {
            fill(nodes[i], [&](const Reference& to) {
                if (to.kind == 'C' && to.index < codes_.size()) return Maybe(codes_[to.index]);
                const bool later = to.kind == 'N' && to.index > i && to.index < nodes.size();
                return later ? Maybe(nodes_[to.index]) : Maybe();
            });
            nodes_[i] = keccak256(nodes[i]);
        }
    }

    void link_block(const Maybe& parent) {
        Block block;
        if (!decode_block(input_.block, block)) return;
        const Hash root = ordered_root(block.transactions);
        fill(input_.block, [&](const Reference& to) {
            if (to.kind == 'T') return Maybe(root);
            return to.kind == 'P' ? parent : Maybe();
        });
    }

    Bytes& data_;
    const BlockInput& input_;
    std::vector<Hash> codes_, nodes_;
};

}  // namespace

Status prove_linked(View encoded) {
    Bytes data(encoded.begin(), encoded.end());
    BlockInput input;
    if (!decode_input(data, input)) return Status::input_malformed;
    Linker(data, input).link();
    Statement statement;
    const Status status = prove_block(data, statement);
    if (status == Status::ok) {
        require(statement.config == input.config_hash);
        require(statement.parent == keccak256(input.witness.headers.back()));
    }
    return status;
}

void proving(View data) {
    static_cast<void>(prove_linked(data));
}

}  // namespace strikefold::evm::fuzz
