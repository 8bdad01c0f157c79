// The precompiled contracts: addresses, prices, inputs and outputs.
#pragma once

#include "evm/fork.hpp"
#include "evm/types.hpp"

namespace strikefold::evm {

// The number of the precompile at an address under a fork's rules, 0 where there is none.
[[nodiscard]] std::uint32_t precompile_at(Fork fork, const Address& address) noexcept;

// The addresses of all of them.
[[nodiscard]] std::vector<Address> precompile_addresses(Fork fork);

// What a call costs; the largest number where it is more than any gas limit.
[[nodiscard]] std::uint64_t precompile_gas(Fork fork, std::uint32_t number, View input) noexcept;

// Runs a call that has been paid for.
[[nodiscard]] bool run_precompile(Fork fork, std::uint32_t number, View input, Bytes& output);

}  // namespace strikefold::evm
