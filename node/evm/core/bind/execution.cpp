#include "execution.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <string>
#include <tuple>

#include "convert.hpp"
#include "evm/keccak.hpp"
#include "evm/precompiles.hpp"
#include "evm/processor.hpp"
#include "evm/proving.hpp"
#include "evm/stateless.hpp"
#include "evm/witness.hpp"

namespace strikefold::evm::bind {

namespace {

using Schedule = std::tuple<std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t>;
using Time = std::optional<std::uint64_t>;

[[nodiscard]] ChainConfig make_config(std::uint64_t chain_id, std::uint64_t shanghai, Time cancun,
                                      Time prague, Time osaka,
                                      const std::vector<Schedule>& schedules,
                                      const nb::bytes& deposit_contract) {
    ChainConfig config{chain_id, shanghai, cancun, prague, osaka, {}, fixed<20>(deposit_contract)};
    for (const auto& [timestamp, target, max, fraction] : schedules) {
        if (fraction == 0 || max == 0 || target > max)
            throw nb::value_error("blob schedule: 0 <= target <= max, fraction > 0");
        config.blob_schedules.push_back({timestamp, target, max, fraction});
    }
    return config;
}

[[nodiscard]] BlockEnv make_env(std::uint8_t fork, std::uint64_t chain_id, std::uint64_t number,
                                std::uint64_t timestamp, const nb::bytes& coinbase,
                                std::uint64_t gas_limit, const nb::bytes& prev_randao,
                                const nb::bytes& base_fee, const nb::bytes& blob_base_fee,
                                std::uint64_t max_blobs, const std::vector<nb::bytes>& ancestors) {
    if (fork > static_cast<std::uint8_t>(Fork::osaka)) throw nb::value_error("fork: 0 to 3");
    BlockEnv env{static_cast<Fork>(fork),
                 chain_id,
                 number,
                 timestamp,
                 fixed<20>(coinbase),
                 gas_limit,
                 fixed<32>(prev_randao),
                 Word(fixed<32>(base_fee)),
                 Word(fixed<32>(blob_base_fee)),
                 max_blobs,
                 {}};
    for (const nb::bytes& hash : ancestors) env.ancestors.push_back(fixed<32>(hash));
    return env;
}

[[nodiscard]] std::vector<View> views(const std::vector<nb::bytes>& items) {
    std::vector<View> out;
    for (const nb::bytes& item : items) out.push_back(view(item));
    return out;
}

// (status, block hash, state root, gas used)
[[nodiscard]] nb::tuple validate(const ChainConfig& config, const nb::bytes& block,
                                 const std::vector<nb::bytes>& nodes,
                                 const std::vector<nb::bytes>& codes,
                                 const std::vector<nb::bytes>& headers) {
    const Witness witness{views(nodes), views(codes), views(headers)};
    const BlockResult result = validate_block(config, view(block), witness);
    return nb::make_tuple(std::string(name_of(result.status)), to_bytes(result.header.hash),
                          to_bytes(result.state_root), result.gas_used);
}

// (status, the statement's bytes)
[[nodiscard]] nb::tuple prove(const nb::bytes& input) {
    Statement statement;
    const Status status = prove_block(view(input), statement);
    return nb::make_tuple(std::string(name_of(status)), to_bytes(statement.encode()));
}

// The statuses' names, in the order of their numbers.
[[nodiscard]] nb::list status_names() {
    nb::list names;
#define STRIKEFOLD_NAME(enumerator, name) names.append(name);
    STRIKEFOLD_STATUSES(STRIKEFOLD_NAME)
#undef STRIKEFOLD_NAME
    return names;
}

using Slots = std::vector<std::pair<nb::bytes, nb::bytes>>;
using Allocation = std::tuple<nb::bytes, std::uint64_t, nb::bytes, nb::bytes, Slots>;

void allocate(State& state, const Allocation& item) {
    const auto& [address, nonce, balance, code, slots] = item;
    StateAccount& account = state.account(fixed<20>(address));
    state.set_nonce(account, nonce);
    state.set_balance(account, Word(fixed<32>(balance)));
    if (code.size() != 0) state.set_code(account, view(code));
    for (const auto& [key, value] : slots)
        state.set_slot(state.slot(account, Word(fixed<32>(key))), Word(fixed<32>(value)));
}

[[nodiscard]] Hash hash_of_logs(const std::vector<Log>& logs) {
    Bytes items;
    for (const Log& log : logs) append_log(items, log);
    return keccak256(rlp::list(items));
}

[[nodiscard]] Status transact_encoded(Machine& machine, View encoded, TransactionResult& result) {
    Transaction transaction;
    const Status status = decode_transaction(encoded, transaction);
    return status == Status::ok ? transact(machine, transaction, result) : status;
}

// (status, state root, logs hash, gas used, success)
[[nodiscard]] nb::tuple run_transaction(const BlockEnv& env,
                                        const std::vector<Allocation>& allocation,
                                        const nb::bytes& encoded) {
    WitnessDatabase database;
    State before(database);
    for (const Allocation& item : allocation) allocate(before, item);
    static_cast<void>(database.update(before));
    for (const auto& entry : before.codes().entries()) database.add_code(entry->value->bytes());
    State state(database);
    Machine machine(state, env);
    TransactionResult result;
    Status status = transact_encoded(machine, view(encoded), result);
    if (machine.status() != Status::ok) status = machine.status();
    const Hash root = database.update(state);
    if (database.status() != Status::ok) status = database.status();
    return nb::make_tuple(std::string(name_of(status)), to_bytes(root),
                          to_bytes(hash_of_logs(result.logs)), result.gas_used, result.success);
}

// (price, output or None) under Osaka's rules.
[[nodiscard]] nb::tuple precompile(std::uint32_t number, const nb::bytes& input) {
    if (precompile_at(Fork::osaka, Word(number).to_address()) == 0)
        throw nb::value_error("no precompile has this number");
    const std::uint64_t gas = precompile_gas(Fork::osaka, number, view(input));
    Bytes output;
    const bool succeeds = run_precompile(Fork::osaka, number, view(input), output);
    return nb::make_tuple(gas, succeeds ? nb::object(to_bytes(output)) : nb::none());
}

}  // namespace

void add_execution(nb::module_& module) {
    using namespace nb::literals;
    nb::class_<ChainConfig>(module, "ChainConfig")
        .def(
            "__init__",
            [](ChainConfig* self, std::uint64_t chain_id, std::uint64_t shanghai, Time cancun,
               Time prague, Time osaka, const std::vector<Schedule>& schedules,
               const nb::bytes& contract) {
                new (self) ChainConfig(
                    make_config(chain_id, shanghai, cancun, prague, osaka, schedules, contract));
            },
            "chain_id"_a, "shanghai_time"_a, "cancun_time"_a.none(), "prague_time"_a.none(),
            "osaka_time"_a.none(), "blob_schedules"_a, "deposit_contract"_a);
    nb::class_<BlockEnv>(module, "BlockEnv")
        .def(
            "__init__",
            [](BlockEnv* self, std::uint8_t fork, std::uint64_t chain_id, std::uint64_t number,
               std::uint64_t timestamp, const nb::bytes& coinbase, std::uint64_t gas_limit,
               const nb::bytes& prev_randao, const nb::bytes& base_fee,
               const nb::bytes& blob_base_fee, std::uint64_t max_blobs,
               const std::vector<nb::bytes>& ancestors) {
                new (self)
                    BlockEnv(make_env(fork, chain_id, number, timestamp, coinbase, gas_limit,
                                      prev_randao, base_fee, blob_base_fee, max_blobs, ancestors));
            },
            "fork"_a, "chain_id"_a, "number"_a, "timestamp"_a, "coinbase"_a, "gas_limit"_a,
            "prev_randao"_a, "base_fee"_a, "blob_base_fee"_a, "max_blobs"_a, "ancestors"_a);
    module.def("validate_block", &validate, "config"_a, "block"_a, "nodes"_a, "codes"_a,
               "headers"_a);
    module.def("prove_block", &prove, "input"_a);
    module.def("status_names", &status_names);
    module.def("run_precompile", &precompile, "number"_a, "data"_a);
    module.def("run_transaction", &run_transaction, "env"_a, "allocation"_a, "transaction"_a);
}

}  // namespace strikefold::evm::bind
