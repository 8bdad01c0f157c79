// Headers and blocks, and the transactions in them.
#include "evm/block.hpp"
#include "evm/transaction.hpp"
#include "evm/trie.hpp"
#include "fuzz_targets.hpp"

namespace strikefold::evm::fuzz {

void block(View data) {
    Header header;
    static_cast<void>(decode_header(data, header));
    Block decoded;
    if (!decode_block(data, decoded)) return;
    require(decoded.size == data.size());
    for (const View encoded : decoded.transactions) {
        require(encoded.data() >= data.data() && encoded.size() <= data.size());
        Transaction tx;
        static_cast<void>(decode_transaction(encoded, tx));
    }
    static_cast<void>(ordered_root(decoded.transactions));
}

}  // namespace strikefold::evm::fuzz
