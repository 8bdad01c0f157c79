#include "evm/types.hpp"

namespace strikefold::evm {

void append(Bytes& to, View from) {
    to.insert(to.end(), from.begin(), from.end());
}

}  // namespace strikefold::evm
