// Executes transactions and system calls.
#pragma once

#include "evm/machine.hpp"
#include "evm/transaction.hpp"

namespace strikefold::evm {

// gas_used: what is paid for, after refunds and the calldata floor (EIP-7623). max_gas_used: before
// refunds. contract: what was created. signal, halt: how the outermost frame ended.
struct TransactionResult {
    bool success = false;
    std::uint64_t gas_used = 0, gas_refund = 0, max_gas_used = 0;
    std::vector<Log> logs;
    Bytes output;
    std::optional<Address> contract;
    Signal signal = Signal::stop;
    Halt halt;
};

// Executes a transaction. Where it may not be, nothing has changed. That the block has room for it
// is the caller's to check.
[[nodiscard]] Status transact(Machine& machine, const Transaction& transaction,
                              TransactionResult& result);
// The same where the sender is known already.
[[nodiscard]] Status transact(Machine& machine, const Transaction& transaction,
                              const Address& sender, TransactionResult& result);

// Executes a message that is no transaction (eth_call and its kin) as one: no signature, nonce or
// code of the sender matters, max_fee is paid per gas, and nothing for blobs.
[[nodiscard]] Status call(Machine& machine, const Transaction& message, const Address& sender,
                          TransactionResult& result);

// Calls a system contract as EIP-4788, 2935, 7002 and 7251 say: 30 million gas, no fees. Succeeds
// with no output where there is no code.
[[nodiscard]] Outcome system_call(Machine& machine, const Address& address, View input);

// Credits an account (withdrawals).
void credit(State& state, const Address& address, const Word& wei);

}  // namespace strikefold::evm
