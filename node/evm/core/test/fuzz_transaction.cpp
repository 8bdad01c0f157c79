// Transactions of every type, and who signed them.
#include "evm/transaction.hpp"
#include "fuzz_targets.hpp"

namespace strikefold::evm::fuzz {

void transaction(View data) {
    Transaction tx;
    if (decode_transaction(data, tx) != Status::ok) return;
    for (const Fork fork : {Fork::shanghai, Fork::cancun, Fork::prague, Fork::osaka})
        require(intrinsic_gas(fork, tx).gas >= 21'000);
    static_cast<void>(sender_of(tx));
    for (const Authorization& authorization : tx.authorizations)
        static_cast<void>(authority_of(authorization));
    Bytes longer(data.begin(), data.end());
    longer.push_back(0);
    require(decode_transaction(longer, tx) != Status::ok);
    require(decode_transaction(data.first(data.size() - 1), tx) != Status::ok);
}

}  // namespace strikefold::evm::fuzz
