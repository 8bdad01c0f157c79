// Long executions in the midst of Python: its signals are handled, and its other threads run.
#pragma once

#include <chrono>
#include <exception>
#include <utility>

#include "convert.hpp"
#include "evm/machine.hpp"

namespace strikefold::evm::bind {

class PythonInterrupt final : public Interrupt {
public:
    // Whether a handler of a signal raised; `rethrow` raises the same.
    [[nodiscard]] bool is_requested() override {
        if (PyErr_CheckSignals() != 0) {
            error_ = std::make_exception_ptr(nb::python_error());
            return true;
        }
        const auto now = Clock::now();
        if (now - yielded_ >= switch_interval) {
            const nb::gil_scoped_release others;
            yielded_ = now;
        }
        return false;
    }

    void rethrow() {
        if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
    }

private:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::milliseconds switch_interval{5};  // Python's own

    Clock::time_point yielded_ = Clock::now();
    std::exception_ptr error_;
};

}  // namespace strikefold::evm::bind
