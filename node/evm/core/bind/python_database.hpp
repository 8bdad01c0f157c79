// The state before the block, behind a StateReader of Python's.
#pragma once

#include <exception>
#include <map>
#include <utility>

#include "convert.hpp"
#include "evm/database.hpp"

namespace strikefold::evm::bind {

// Asks once an item (the state remembers the rest). An exception of Python's cannot cross the
// core's frames: it is kept, reading goes on with neutral answers, and `rethrow` raises it.
class PythonDatabase final : public Database {
public:
    // reader: node.state.account.StateReader. block_hash: hash of an ancestor by number.
    PythonDatabase(const nb::object& reader, nb::callable block_hash);

    [[nodiscard]] std::optional<Account> account(const Address& address) override;
    [[nodiscard]] Word storage(const Address& address, const Word& slot) override;
    [[nodiscard]] View code(const Hash& hash) override;
    [[nodiscard]] std::optional<Hash> block_hash(std::uint64_t number) override;
    [[nodiscard]] Status status() const override {
        return failed_ ? Status::reader_failed : Status::ok;
    }

    // Lets go of the exception, whose traceback may come to hold whoever holds this.
    void rethrow() {
        if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
    }
    // For Python's garbage collector.
    [[nodiscard]] int traverse(visitproc visit, void* arg) const {
        for (const nb::object* callback : {&account_, &storage_, &code_, &block_hash_})
            Py_VISIT(callback->ptr());
        return 0;
    }
    void clear() {
        for (nb::object* callback : {&account_, &storage_, &code_, &block_hash_})
            *callback = nb::none();
    }
    [[nodiscard]] const std::map<Hash, nb::bytes>& codes() const noexcept { return codes_; }
    // By number.
    [[nodiscard]] const std::map<std::uint64_t, Hash>& block_hashes() const noexcept {
        return block_hashes_;
    }

private:
    template <typename Answer, typename Question>
    [[nodiscard]] Answer ask(Answer neutral, const Question& question) {
        if (failed_) return neutral;
        try {
            return question();
        } catch (...) {
            failed_ = true;
            error_ = std::current_exception();
            return neutral;
        }
    }

    nb::object account_, storage_, code_, block_hash_;
    std::map<Hash, nb::bytes> codes_;
    std::map<std::uint64_t, Hash> block_hashes_;
    std::exception_ptr error_;
    bool failed_ = false;
};

}  // namespace strikefold::evm::bind
