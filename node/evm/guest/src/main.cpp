// The block guest: a block and its execution witness in, the statement out.

#include "evm/proving.hpp"
#include "zkvm_io.h"

// The exit code is the status: 0, or why nothing is proved.
int main() {
    using namespace strikefold::evm;
    const std::uint8_t* input = nullptr;
    std::size_t size = 0;
    read_input(&input, &size);
    Statement statement;
    const Status status = prove_block({input, size}, statement);
    if (status != Status::ok) return static_cast<int>(status);
    const auto output = statement.encode();
    write_output(output.data(), output.size());
    return 0;
}
