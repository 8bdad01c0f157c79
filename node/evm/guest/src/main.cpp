// The block guest: a block and its execution witness in, the statement out.

#include <bit>

#include "evm/proving.hpp"
#include "zkvm_accelerators.h"
#include "zkvm_io.h"

namespace {

using namespace strikefold::evm;

class GuestCrypto final : public Crypto {
public:
    [[nodiscard]] Hash sha256(View data) const override {
        zkvm_sha256_hash digest;
        static_cast<void>(zkvm_sha256(data.data(), data.size(), &digest));
        return std::bit_cast<Hash>(digest);
    }
};

}  // namespace

// The exit code is the status: 0, or why nothing is proved.
int main() {
    const std::uint8_t* input = nullptr;
    std::size_t size = 0;
    read_input(&input, &size);
    Statement statement;
    const Status status = prove_block(GuestCrypto(), {input, size}, statement);
    if (status != Status::ok) return static_cast<int>(status);
    const auto output = statement.encode();
    write_output(output.data(), output.size());
    return 0;
}
