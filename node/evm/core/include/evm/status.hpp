// Why something is refused. Names are execution-spec-tests' own where it has one.
#pragma once

#include <cstdint>
#include <string_view>

namespace strikefold::evm {

// X(enumerator, name)
#define STRIKEFOLD_STATUSES(X)                                              \
    X(ok, "OK")                                                             \
    /* blocks */                                                            \
    X(block_rlp, "RLP_STRUCTURES_ENCODING")                                 \
    X(block_format, "INCORRECT_BLOCK_FORMAT")                               \
    X(block_size, "RLP_BLOCK_LIMIT_EXCEEDED")                               \
    X(unknown_parent, "UNKNOWN_PARENT")                                     \
    X(block_number, "INVALID_BLOCK_NUMBER")                                 \
    X(timestamp, "INVALID_BLOCK_TIMESTAMP_OLDER_THAN_PARENT")               \
    X(extra_data, "EXTRA_DATA_TOO_BIG")                                     \
    X(gas_limit_too_big, "GASLIMIT_TOO_BIG")                                \
    X(gas_used_above_limit, "INVALID_GAS_USED_ABOVE_LIMIT")                 \
    X(gas_limit, "INVALID_GASLIMIT")                                        \
    X(base_fee, "INVALID_BASEFEE_PER_GAS")                                  \
    X(difficulty, "IMPORT_IMPOSSIBLE_DIFFICULTY_OVER_PARIS")                \
    X(header_nonce, "IMPORT_IMPOSSIBLE_NONCE_OVER_PARIS")                   \
    X(ommers, "IMPORT_IMPOSSIBLE_UNCLES_OVER_PARIS")                        \
    X(ommers_hash, "INVALID_UNCLES_HASH")                                   \
    X(blob_gas_above_limit, "BLOB_GAS_USED_ABOVE_LIMIT")                    \
    X(blob_gas_used, "INCORRECT_BLOB_GAS_USED")                             \
    X(excess_blob_gas, "INCORRECT_EXCESS_BLOB_GAS")                         \
    X(transactions_root, "INVALID_TRANSACTIONS_ROOT")                       \
    X(withdrawals_root, "INVALID_WITHDRAWALS_ROOT")                         \
    X(gas_used, "INVALID_GAS_USED")                                         \
    X(bloom, "INVALID_LOG_BLOOM")                                           \
    X(receipts_root, "INVALID_RECEIPTS_ROOT")                               \
    X(requests_hash, "INVALID_REQUESTS")                                    \
    X(state_root, "INVALID_STATE_ROOT")                                     \
    X(deposit_layout, "INVALID_DEPOSIT_EVENT_LAYOUT")                       \
    X(system_call_failed, "SYSTEM_CONTRACT_CALL_FAILED")                    \
    X(system_contract_empty, "SYSTEM_CONTRACT_EMPTY")                       \
    X(fork_not_supported, "FORK_NOT_SUPPORTED")                             \
    /* transactions */                                                      \
    X(tx_rlp, "RLP_INVALID")                                                \
    X(tx_type, "TYPE_NOT_SUPPORTED")                                        \
    X(tx_signature, "INVALID_SIGNATURE_VRS")                                \
    X(tx_chain_id, "INVALID_CHAINID")                                       \
    X(tx_nonce_low, "NONCE_MISMATCH_TOO_LOW")                               \
    X(tx_nonce_high, "NONCE_MISMATCH_TOO_HIGH")                             \
    X(tx_nonce_max, "NONCE_IS_MAX")                                         \
    X(tx_funds, "INSUFFICIENT_ACCOUNT_FUNDS")                               \
    X(tx_max_fee, "INSUFFICIENT_MAX_FEE_PER_GAS")                           \
    X(tx_priority_fee, "PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS")             \
    X(tx_intrinsic_gas, "INTRINSIC_GAS_TOO_LOW")                            \
    X(tx_floor_gas, "INTRINSIC_GAS_BELOW_FLOOR_GAS_COST")                   \
    X(tx_block_gas, "GAS_ALLOWANCE_EXCEEDED")                               \
    X(tx_gas_cap, "GAS_LIMIT_EXCEEDS_MAXIMUM")                              \
    X(tx_sender_not_eoa, "SENDER_NOT_EOA")                                  \
    X(tx_initcode_size, "INITCODE_SIZE_EXCEEDED")                           \
    X(tx_blob_fee, "INSUFFICIENT_MAX_FEE_PER_BLOB_GAS")                     \
    X(tx_blob_count, "TYPE_3_TX_BLOB_COUNT_EXCEEDED")                       \
    X(tx_blob_gas, "TYPE_3_TX_MAX_BLOB_GAS_ALLOWANCE_EXCEEDED")             \
    X(tx_blob_zero, "TYPE_3_TX_ZERO_BLOBS")                                 \
    X(tx_blob_create, "TYPE_3_TX_CONTRACT_CREATION")                        \
    X(tx_blob_version, "TYPE_3_TX_INVALID_BLOB_VERSIONED_HASH")             \
    X(tx_set_code_create, "TYPE_4_TX_CONTRACT_CREATION")                    \
    X(tx_set_code_empty, "TYPE_4_EMPTY_AUTHORIZATION_LIST")                 \
    /* witnesses and the machine itself: nothing is said about the block */ \
    X(input_malformed, "INPUT_MALFORMED")                                   \
    X(witness_headers, "WITNESS_HEADERS")                                   \
    X(witness_header_missing, "WITNESS_HEADER_MISSING")                     \
    X(witness_node_missing, "WITNESS_NODE_MISSING")                         \
    X(witness_node_malformed, "WITNESS_NODE_MALFORMED")                     \
    X(witness_account_malformed, "WITNESS_ACCOUNT_MALFORMED")               \
    X(witness_slot_malformed, "WITNESS_SLOT_MALFORMED")                     \
    X(witness_code_missing, "WITNESS_CODE_MISSING")                         \
    X(interrupted, "INTERRUPTED")                                           \
    X(reader_failed, "READER_FAILED")

enum class Status : std::uint8_t {
#define STRIKEFOLD_ENUMERATOR(enumerator, name) enumerator,
    STRIKEFOLD_STATUSES(STRIKEFOLD_ENUMERATOR)
#undef STRIKEFOLD_ENUMERATOR
};

[[nodiscard]] std::string_view name_of(Status status) noexcept;

}  // namespace strikefold::evm
