// The entry of libFuzzer into one of the targets.
#include "fuzz_targets.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    strikefold::evm::fuzz::STRIKEFOLD_FUZZ_TARGET({data, size});
    return 0;
}
