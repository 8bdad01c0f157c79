#include "evm/stateless.hpp"

#include "evm/processor.hpp"
#include "evm/witness.hpp"
#include "header_rules.hpp"
#include "requests.hpp"

namespace strikefold::evm {

namespace {

constexpr std::size_t max_ancestors = 256;
constexpr std::uint64_t wei_per_gwei = 1'000'000'000;

// The parent, and the hashes of the witness's ancestors, parent first, each proven to be one.
[[nodiscard]] Status read_ancestors(const Witness& witness, const Header& header, Header& parent,
                                    std::vector<Hash>& hashes) {
    const std::size_t count = witness.headers.size();
    if (count == 0 || count > max_ancestors) return Status::witness_headers;
    Hash expected = header.parent_hash;
    for (std::size_t i = count; i-- > 0;) {
        Header ancestor;
        if (!decode_header(witness.headers[i], ancestor)) return Status::witness_headers;
        if (ancestor.hash != expected)
            return i + 1 == count ? Status::unknown_parent : Status::witness_headers;
        expected = ancestor.parent_hash;
        hashes.push_back(ancestor.hash);
        if (i + 1 == count) parent = ancestor;
    }
    return Status::ok;
}

[[nodiscard]] Status decode_transactions(const Block& block, std::vector<Transaction>& out) {
    for (const View encoded : block.transactions) {
        Transaction transaction;
        const Status status = decode_transaction(encoded, transaction);
        if (status != Status::ok) return status == Status::tx_rlp ? Status::block_rlp : status;
        out.push_back(std::move(transaction));
    }
    return Status::ok;
}

[[nodiscard]] BlockEnv environment(const ChainConfig& config, const Header& header, Fork fork,
                                   std::vector<Hash> ancestors) {
    BlockEnv env{.fork = fork,
                 .chain_id = config.chain_id,
                 .number = header.number,
                 .timestamp = header.timestamp,
                 .coinbase = header.coinbase,
                 .gas_limit = header.gas_limit,
                 .prev_randao = header.prev_randao,
                 .base_fee = header.base_fee.value_or(Word()),
                 .blob_base_fee = {},
                 .max_blobs = 0,
                 .ancestors = std::move(ancestors)};
    const BlobSchedule* schedule = config.blob_schedule_at(header.timestamp);
    if (schedule != nullptr && header.excess_blob_gas) {
        env.blob_base_fee = blob_base_fee(*schedule, *header.excess_blob_gas);
        env.max_blobs = schedule->max;
    }
    return env;
}

// What execution itself ran into comes before any rule that then seems broken.
[[nodiscard]] Status first_of(const Machine& machine, Status status) {
    if (machine.state.status() != Status::ok) return machine.state.status();
    return machine.status() != Status::ok ? machine.status() : status;
}

[[nodiscard]] Status run_transactions(Machine& machine, const Header& header,
                                      const std::vector<Transaction>& transactions,
                                      BlockResult& result) {
    std::uint64_t blob_gas = 0;
    for (const Transaction& tx : transactions) {
        if (tx.gas_limit > header.gas_limit - result.gas_used) return Status::tx_block_gas;
        if (blob_gas + tx.blob_gas() > machine.block.max_blobs * gas_per_blob)
            return Status::tx_blob_gas;
        TransactionResult outcome;
        const Status status = first_of(machine, transact(machine, tx, outcome));
        if (status != Status::ok) return status;
        result.gas_used += outcome.gas_used;
        blob_gas += tx.blob_gas();
        result.receipts.push_back(
            {tx.type, outcome.success, result.gas_used, std::move(outcome.logs)});
    }
    if (header.gas_used != result.gas_used) return Status::gas_used;
    if (header.blob_gas_used.value_or(0) != blob_gas) return Status::blob_gas_used;
    return Status::ok;
}

// Collisions in the maps cannot be arranged before the parent is known.
[[nodiscard]] std::uint32_t map_seed(const Hash& hash) noexcept {
    std::uint32_t seed = 0;
    std::memcpy(&seed, hash.data(), sizeof seed);
    return seed;
}

[[nodiscard]] Status check_receipts(const Header& header, const std::vector<Receipt>& receipts) {
    BloomFilter filter(map_seed(header.parent_hash));
    Bloom all{};
    std::vector<Bytes> encoded;
    for (const Receipt& receipt : receipts) {
        const Bloom bloom = filter.of(receipt.logs);
        for (std::size_t i = 0; i < all.size(); ++i) all[i] |= bloom[i];
        encoded.push_back(encode(receipt, bloom));
    }
    if (all != header.bloom) return Status::bloom;
    const std::vector<View> views(encoded.begin(), encoded.end());
    return ordered_root(views) == header.receipts_root ? Status::ok : Status::receipts_root;
}

// Executes a block whose header and body are valid, and compares what comes out.
[[nodiscard]] Status execute(const ChainConfig& config, Machine& machine, const Block& block,
                             const std::vector<Transaction>& transactions,
                             WitnessDatabase& database, BlockResult& result) {
    const Header& header = block.header;
    call_at_start(machine, header);
    Status status = run_transactions(machine, header, transactions, result);
    if (status != Status::ok) return status;
    for (const Withdrawal& withdrawal : *block.withdrawals)
        credit(machine.state, withdrawal.address, Word(withdrawal.amount) * Word(wei_per_gwei));
    if (machine.block.fork >= Fork::prague) {
        status =
            collect_requests(machine, result.receipts, config.deposit_contract, result.requests);
        if (status != Status::ok) return status;
    }
    status = check_receipts(header, result.receipts);
    if (status != Status::ok) return status;
    if (header.requests_hash && requests_hash(result.requests) != *header.requests_hash)
        return Status::requests_hash;
    result.state_root = database.update(machine.state);
    return result.state_root == header.state_root ? Status::ok : Status::state_root;
}

[[nodiscard]] Status validate(const ChainConfig& config, View encoded, const Witness& witness,
                              BlockResult& result) {
    Block block;
    if (!decode_block(encoded, block)) return Status::block_rlp;
    std::vector<Transaction> transactions;
    Status status = decode_transactions(block, transactions);
    if (status != Status::ok) return status;
    const Header& header = block.header;
    Header parent;
    std::vector<Hash> ancestors;
    status = read_ancestors(witness, header, parent, ancestors);
    if (status == Status::ok) status = check_header(config, header, parent);
    if (status != Status::ok) return status;
    const Fork fork = *config.fork_at(header.timestamp);
    status = check_body(fork, block);
    if (status != Status::ok) return status;

    result.header = header;
    WitnessDatabase database(parent.state_root, map_seed(parent.hash));
    for (const View node : witness.nodes) database.add_node(node);
    for (const View code : witness.codes) database.add_code(code);
    State state(database, map_seed(parent.hash));
    const BlockEnv env = environment(config, header, fork, std::move(ancestors));
    Machine machine(state, env);
    status = execute(config, machine, block, transactions, database, result);
    return first_of(machine, status);
}

}  // namespace

BlockResult validate_block(const ChainConfig& config, View block, const Witness& witness) {
    BlockResult result;
    result.status = validate(config, block, witness, result);
    return result;
}

}  // namespace strikefold::evm
