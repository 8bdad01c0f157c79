#include "python_database.hpp"

#include <nanobind/stl/tuple.h>

#include <tuple>

namespace strikefold::evm::bind {

PythonDatabase::PythonDatabase(const nb::object& reader, nb::callable block_hash)
    : account_(reader.attr("account")),
      storage_(reader.attr("storage")),
      code_(reader.attr("code")),
      block_hash_(std::move(block_hash)) {}

std::optional<Account> PythonDatabase::account(const Address& address) {
    return ask(std::optional<Account>(), [&]() -> std::optional<Account> {
        const nb::object found = account_(to_bytes(address));
        if (found.is_none()) return std::nullopt;
        const auto [nonce, balance, root, code_hash] =
            nb::cast<std::tuple<std::uint64_t, nb::object, nb::bytes, nb::bytes>>(found);
        return Account{nonce, to_word(balance), fixed<32>(root), fixed<32>(code_hash)};
    });
}

Word PythonDatabase::storage(const Address& address, const Word& slot) {
    return ask(Word(), [&] { return to_word(storage_(to_bytes(address), to_int(slot))); });
}

View PythonDatabase::code(const Hash& hash) {
    return ask(View(), [&] {
        auto known = codes_.find(hash);
        if (known == codes_.end())
            known = codes_.emplace(hash, nb::cast<nb::bytes>(code_(to_bytes(hash)))).first;
        return view(known->second);
    });
}

std::optional<Hash> PythonDatabase::block_hash(std::uint64_t number) {
    return ask(std::optional(Hash{}), [&]() -> std::optional<Hash> {
        const auto known = block_hashes_.find(number);
        if (known != block_hashes_.end()) return known->second;
        const auto hash = fixed<32>(nb::cast<nb::bytes>(block_hash_(number)));
        return block_hashes_.emplace(number, hash).first->second;
    });
}

}  // namespace strikefold::evm::bind
