// What a block must be before anything is executed.
#pragma once

#include "evm/block.hpp"
#include "evm/chain_config.hpp"

namespace strikefold::evm {

// Everything a header must be, given its parent.
[[nodiscard]] Status check_header(const ChainConfig& config, const Header& header,
                                  const Header& parent) noexcept;

// Whether the body is the one the header commits to.
[[nodiscard]] Status check_body(Fork fork, const Block& block);

}  // namespace strikefold::evm
