// node.state._trie: the batched trie update for Python.
#include <nanobind/nanobind.h>

#include <vector>

#include "evm/keccak.hpp"
#include "trie.hpp"

namespace nb = nanobind;
namespace state = strikefold::state;

namespace {

[[nodiscard]] state::Bytes view(const nb::bytes& data) { return {data.c_str(), data.size()}; }

[[nodiscard]] nb::bytes to_bytes(state::Bytes data) {
    return nb::bytes(data.data(), data.size());
}

// A Python callable (path, hash) -> bytes; keeps what it returned alive.
class PythonReader final : public state::Reader {
public:
    explicit PythonReader(nb::callable read) : read_(std::move(read)) {}

    [[nodiscard]] state::Bytes node(state::Bytes path, state::Bytes hash) override {
        read_nodes_.push_back(nb::cast<nb::bytes>(read_(to_bytes(path), to_bytes(hash))));
        return view(read_nodes_.back());
    }

private:
    nb::callable read_;
    std::vector<nb::bytes> read_nodes_;
};

[[nodiscard]] state::Bytes nibbles_of(state::Arena& arena, state::Bytes key) {
    if (2 * key.size() != state::key_nibbles) throw nb::value_error("trie keys have 32 bytes");
    char* const nibbles = arena.take(state::key_nibbles);
    for (std::size_t i = 0; i < key.size(); ++i) {
        const auto byte = static_cast<std::uint8_t>(key[i]);
        nibbles[2 * i] = static_cast<char>(byte >> 4);
        nibbles[2 * i + 1] = static_cast<char>(byte & 0x0f);
    }
    return {nibbles, state::key_nibbles};
}

[[nodiscard]] std::vector<state::Update> prepared(state::Batch& batch, const nb::list& keys,
                                                  const nb::dict& values) {
    std::vector<state::Update> updates;
    updates.reserve(keys.size());
    for (const nb::handle key : keys) {
        const auto value = nb::cast<nb::bytes>(values[key]);
        const state::Bytes item = value.size() ? batch.string_item(view(value)) : state::Bytes{};
        updates.push_back({nibbles_of(batch.arena(), view(nb::cast<nb::bytes>(key))), item});
    }
    return updates;
}

// None where nothing changes; else the new root (None: the trie is empty) and the changed nodes.
[[nodiscard]] nb::object update(nb::callable read, const nb::object& root, const nb::list& keys,
                                const nb::dict& values) {
    PythonReader reader(std::move(read));
    state::Batch batch(reader);
    const std::vector<state::Update> updates = prepared(batch, keys, values);
    std::optional<state::Bytes> root_hash;
    if (!root.is_none()) root_hash = view(nb::cast<nb::bytes>(root));
    const state::Outcome outcome = batch.run(root_hash, updates);
    if (!outcome.changed) return nb::none();
    nb::dict nodes;
    for (const state::Change& change : batch.changes())
        nodes[to_bytes(change.path)] = change.data ? nb::object(to_bytes(*change.data)) : nb::object(nb::none());
    nb::object hash = nb::none();
    if (outcome.node) {
        const state::Bytes data = *batch.changes().back().data;
        const auto digest = strikefold::evm::keccak256(
            {reinterpret_cast<const std::uint8_t*>(data.data()), data.size()});
        hash = nb::bytes(digest.data(), digest.size());
    }
    return nb::make_tuple(hash, nodes);
}

}  // namespace

NB_MODULE(_trie, module) {
    module.doc() = "Batched updates of Merkle Patricia tries.";
    nb::exception<state::Malformed>(module, "Malformed", PyExc_ValueError);
    module.def("update", &update, nb::arg("read"), nb::arg("root").none(), nb::arg("keys"),
               nb::arg("values"));
}
