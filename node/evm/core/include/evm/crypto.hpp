// The cryptography behind precompiles and signatures, to be replaced where a machine has better: a
// library on the host, accelerators in the guest.
#pragma once

#include <optional>

#include "evm/ecdsa.hpp"
#include "evm/hashes.hpp"
#include "evm/types.hpp"

namespace strikefold::evm {

enum class Answer : std::uint8_t { ok, failure };

// By default the core's own code.
class Crypto {
public:
    Crypto() = default;
    Crypto(const Crypto&) = delete;
    Crypto& operator=(const Crypto&) = delete;
    virtual ~Crypto();

    [[nodiscard]] virtual std::optional<Address> recover(const Hash& message, bool y_is_odd,
                                                         const Word& r, const Word& s) const {
        return secp256k1::recover(message, y_is_odd, r, s);
    }
    [[nodiscard]] virtual bool verify_p256(const Hash& message, const Word& r, const Word& s,
                                           const Word& x, const Word& y) const {
        return secp256r1::verify(message, r, s, x, y);
    }
    [[nodiscard]] virtual Hash sha256(View data) const { return evm::sha256(data); }
    [[nodiscard]] virtual std::array<std::uint8_t, 20> ripemd160(View data) const {
        return evm::ripemd160(data);
    }
    // base^exponent modulo modulus, big-endian numbers of any length; output: as long as modulus.
    virtual void modexp(View base, View exponent, View modulus,
                        std::span<std::uint8_t> output) const;
    [[nodiscard]] virtual Answer bn254_add(std::span<const std::uint8_t, 128> input,
                                           std::span<std::uint8_t, 64> output) const;
    [[nodiscard]] virtual Answer bn254_multiply(std::span<const std::uint8_t, 96> input,
                                                std::span<std::uint8_t, 64> output) const;
    // output: 0 or 1.
    [[nodiscard]] virtual Answer bn254_pairing(View input, bool& output) const;
};

}  // namespace strikefold::evm
