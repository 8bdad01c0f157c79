#include "evm/types.hpp"

namespace strikefold::evm {

// One memcpy: insert goes byte by byte where it has to grow, or iterators are the span's.
void append(Bytes& to, View from) {
    const std::size_t size = to.size();
    to.resize(size + from.size());
    copy(to.data() + size, from);
}

}  // namespace strikefold::evm
