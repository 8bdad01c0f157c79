// System calls of a block, and requests of the execution layer to the consensus layer.
#pragma once

#include "evm/block.hpp"
#include "evm/machine.hpp"

namespace strikefold::evm {

// The calls before the first transaction (EIP-4788, EIP-2935). One that fails has no effect.
void call_at_start(Machine& machine, const Header& header);

// Type byte and data of each kind of request that is not empty, after the last transaction
// (EIP-6110, EIP-7002, EIP-7251).
[[nodiscard]] Status collect_requests(Machine& machine, const std::vector<Receipt>& receipts,
                                      const Address& deposit_contract,
                                      std::vector<Bytes>& requests);

// The header's commitment to them (EIP-7685).
[[nodiscard]] Hash requests_hash(const std::vector<Bytes>& requests);

}  // namespace strikefold::evm
