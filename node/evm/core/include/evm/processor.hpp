// Executes transactions and system calls.
#pragma once

#include "evm/machine.hpp"
#include "evm/transaction.hpp"

namespace strikefold::evm {

struct TransactionResult {
    bool success = false;
    std::uint64_t gas_used = 0;
    std::vector<Log> logs;
    Bytes output;
    Signal signal = Signal::stop;
};

// Executes a transaction. Where it may not be, nothing has changed. That the block has room for it
// is the caller's to check.
[[nodiscard]] Status transact(Machine& machine, const Transaction& transaction,
                              TransactionResult& result);

// Calls a system contract as EIP-4788, 2935, 7002 and 7251 say: 30 million gas, no fees. Succeeds
// with no output where there is no code.
[[nodiscard]] Outcome system_call(Machine& machine, const Address& address, View input);

// Credits an account (withdrawals).
void credit(State& state, const Address& address, const Word& wei);

}  // namespace strikefold::evm
