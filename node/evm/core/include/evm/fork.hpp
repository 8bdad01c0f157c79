// The rules that this machine knows, oldest first.
#pragma once

#include <cstdint>

namespace strikefold::evm {

enum class Fork : std::uint8_t { shanghai, cancun, prague, osaka };

}  // namespace strikefold::evm
