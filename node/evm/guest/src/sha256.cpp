// SHA-256 on the machine's call.
#include <bit>

#include "evm/hashes.hpp"
#include "zkvm_hash.hpp"

namespace strikefold::evm {

Hash sha256(View data) noexcept {
    Sha256 hasher;
    hasher.update(data);
    return std::bit_cast<Hash>(hasher.finish());
}

}  // namespace strikefold::evm
