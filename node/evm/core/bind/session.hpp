// One block being executed over a StateReader of Python's: node.evm.engine.Session on the core.
#pragma once

#include "convert.hpp"
#include "evm/processor.hpp"
#include "python_database.hpp"
#include "python_interrupt.hpp"

namespace strikefold::evm::bind {

// Where Python raised in the middle of something, the same is raised here, and then the session is
// good for nothing more. Holds the GIL, but for a moment of each few milliseconds.
class Session {
public:
    Session(const BlockEnv& env, const nb::object& reader, nb::callable block_hash);
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    // What came of it (see _core.pyi); None where it may not be executed: nothing has changed then.
    [[nodiscard]] nb::object transact(const nb::bytes& encoded, const nb::bytes& sender);
    [[nodiscard]] nb::object call(const nb::bytes& sender, const nb::object& to,
                                  const nb::object& value, const nb::bytes& data, std::uint64_t gas,
                                  const nb::object& gas_price, const nb::object& access_list,
                                  const nb::object& authorizations, const nb::object& blob_hashes);
    [[nodiscard]] nb::tuple system_call(const nb::bytes& address, const nb::bytes& data);

    void add_balance(const nb::bytes& address, const nb::object& wei);
    void set_balance(const nb::bytes& address, const nb::object& wei);
    void set_nonce(const nb::bytes& address, std::uint64_t nonce);
    void set_code(const nb::bytes& address, const nb::bytes& code);
    void set_storage(const nb::bytes& address, const nb::object& slot, const nb::object& value);
    void clear_storage(const nb::bytes& address);
    void remove(const nb::bytes& address);

    [[nodiscard]] std::size_t snapshot() const noexcept { return state_.snapshot().journal; }
    void revert(std::size_t snapshot);

    [[nodiscard]] nb::object account(const nb::bytes& address);
    [[nodiscard]] nb::object storage(const nb::bytes& address, const nb::object& slot);
    [[nodiscard]] nb::bytes code(const nb::bytes& address);
    [[nodiscard]] nb::bytes code_by_hash(const nb::bytes& hash);
    [[nodiscard]] bool has_storage(const nb::bytes& address);
    [[nodiscard]] nb::list changes();
    [[nodiscard]] nb::tuple accessed() const;

    // For Python's garbage collector: readers may lead back to whoever holds the session.
    [[nodiscard]] int traverse(visitproc visit, void* arg) const {
        return database_.traverse(visit, arg);
    }
    void clear() {
        is_broken_ = true;
        database_.clear();
    }

private:
    template <typename Action>
    auto perform(const Action& action);
    [[nodiscard]] Machine machine_in(const BlockEnv& env);

    BlockEnv env_, free_env_;  // free: for calls that pay nothing
    PythonDatabase database_;
    PythonInterrupt interrupt_;
    State state_;
    bool is_busy_ = false, is_broken_ = false;
};

void add_session(nb::module_& module);

}  // namespace strikefold::evm::bind
