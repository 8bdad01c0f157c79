// What a proof of a block is about: the input that the proved program reads, and the statement that
// it makes. docs/blocks.md describes both byte by byte.
#pragma once

#include "evm/stateless.hpp"

namespace strikefold::evm {

inline constexpr std::uint32_t input_version = 1;

// Everything is by reference to the input, of which nothing is trusted.
struct BlockInput {
    ChainConfig config;
    Hash config_hash{};
    View block;
    Witness witness;
};

// False where the input is not the one encoding of something.
[[nodiscard]] bool decode_input(View encoded, BlockInput& input);

// Under this configuration the block follows its parent, has these inputs (`inputs_hash`), and
// burned these fees, in wei.
struct Statement {
    Hash config{}, parent{}, block{}, inputs{};
    Word burned;

    [[nodiscard]] std::array<std::uint8_t, 160> encode() const noexcept;
};

// Of what a block's builder chooses, and all else follows from.
[[nodiscard]] Hash inputs_hash(const Header& header);

// Validates the block of an input. A statement is made where the status is ok.
[[nodiscard]] Status prove_block(View encoded, Statement& statement);

}  // namespace strikefold::evm
