// Precompiles that the core has no code for, asked of Python.
#pragma once

#include <exception>
#include <utility>

#include "convert.hpp"
#include "evm/crypto.hpp"

namespace strikefold::evm::bind {

// external(number, input) gives the output, or None where the call fails. An exception there ends
// the execution, and then is raised: it cannot cross the core's frames.
class PythonCrypto final : public Crypto {
public:
    explicit PythonCrypto(nb::callable external) : external_(std::move(external)) {}

    [[nodiscard]] Answer external(std::uint32_t number, View input, Bytes& output) const override {
        if (error_) return Answer::unavailable;
        try {
            const nb::object answer = external_(number, to_bytes(input));
            if (answer.is_none()) return Answer::failure;
            const View bytes = view(nb::cast<nb::bytes>(answer));
            output.assign(bytes.begin(), bytes.end());
            return Answer::ok;
        } catch (...) {
            error_ = std::current_exception();
            return Answer::unavailable;
        }
    }

    // Lets go of the exception, whose traceback may come to hold whoever holds this.
    void rethrow() const {
        if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
    }

private:
    nb::callable external_;
    mutable std::exception_ptr error_;
};

}  // namespace strikefold::evm::bind
