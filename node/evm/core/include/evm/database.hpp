// Where a state reads what was there before the block.
#pragma once

#include <optional>

#include "evm/status.hpp"
#include "evm/types.hpp"
#include "evm/word.hpp"

namespace strikefold::evm {

struct Account {
    std::uint64_t nonce = 0;
    Word balance;
    Hash storage_root = empty_trie_root;
    Hash code_hash = empty_code_hash;
};

// A read that fails sets `status` for good and answers with something neutral: whoever executes on
// it looks at the status before an outcome counts.
class Database {
public:
    virtual ~Database() = default;

    [[nodiscard]] virtual std::optional<Account> account(const Address& address) = 0;
    // Of an account that exists.
    [[nodiscard]] virtual Word storage(const Address& address, const Word& slot) = 0;
    // The bytes stay where they are. Not called for the hash of no code.
    [[nodiscard]] virtual View code(const Hash& hash) = 0;
    // Of an ancestor of the block, where the block's environment has it not; nothing where unknown.
    [[nodiscard]] virtual std::optional<Hash> block_hash(std::uint64_t) { return std::nullopt; }
    [[nodiscard]] virtual Status status() const = 0;
};

}  // namespace strikefold::evm
