#pragma once
#define STRIKEFOLD_ZK_GAS(X) \
    X(transaction, 0)        \
    X(transaction_byte, 0)   \
    X(listed_account, 0)     \
    X(listed_slot, 0)        \
    X(authorization, 0)      \
    X(account_read, 0)       \
    X(account_write, 0)      \
    X(slot_read, 0)          \
    X(slot_write, 0)         \
    X(code_byte, 0)          \
    X(initcode_byte, 0)      \
    X(ancestor, 0)           \
    X(memory_growth, 0)      \
    X(memory_word, 0)        \
    X(slot_new, 0)           \
    X(copy_word, 0)          \
    X(return_word, 0)        \
    X(log_word, 0)           \
    X(keccak_block, 0)       \
    X(exp_byte, 0)           \
    X(STOP, 0)               \
    X(ADD, 0)                \
    X(MUL, 0)                \
    X(SUB, 0)                \
    X(DIV, 0)                \
    X(SDIV, 0)               \
    X(MOD, 0)                \
    X(SMOD, 0)               \
    X(ADDMOD, 0)             \
    X(MULMOD, 0)             \
    X(EXP, 0)                \
    X(SIGNEXTEND, 0)         \
    X(LT, 0)                 \
    X(GT, 0)                 \
    X(SLT, 0)                \
    X(SGT, 0)                \
    X(EQ, 0)                 \
    X(ISZERO, 0)             \
    X(AND, 0)                \
    X(OR, 0)                 \
    X(XOR, 0)                \
    X(NOT, 0)                \
    X(BYTE, 0)               \
    X(SHL, 0)                \
    X(SHR, 0)                \
    X(SAR, 0)                \
    X(CLZ, 0)                \
    X(KECCAK256, 0)          \
    X(ADDRESS, 0)            \
    X(BALANCE, 0)            \
    X(ORIGIN, 0)             \
    X(CALLER, 0)             \
    X(CALLVALUE, 0)          \
    X(CALLDATALOAD, 0)       \
    X(CALLDATASIZE, 0)       \
    X(CALLDATACOPY, 0)       \
    X(CODESIZE, 0)           \
    X(CODECOPY, 0)           \
    X(GASPRICE, 0)           \
    X(EXTCODESIZE, 0)        \
    X(EXTCODECOPY, 0)        \
    X(RETURNDATASIZE, 0)     \
    X(RETURNDATACOPY, 0)     \
    X(EXTCODEHASH, 0)        \
    X(BLOCKHASH, 0)          \
    X(COINBASE, 0)           \
    X(TIMESTAMP, 0)          \
    X(NUMBER, 0)             \
    X(PREVRANDAO, 0)         \
    X(GASLIMIT, 0)           \
    X(CHAINID, 0)            \
    X(SELFBALANCE, 0)        \
    X(BASEFEE, 0)            \
    X(BLOBHASH, 0)           \
    X(BLOBBASEFEE, 0)        \
    X(POP, 0)                \
    X(MLOAD, 0)              \
    X(MSTORE, 0)             \
    X(MSTORE8, 0)            \
    X(SLOAD, 0)              \
    X(SSTORE, 0)             \
    X(JUMP, 0)               \
    X(JUMPI, 0)              \
    X(PC, 0)                 \
    X(MSIZE, 0)              \
    X(GAS, 0)                \
    X(JUMPDEST, 0)           \
    X(TLOAD, 0)              \
    X(TSTORE, 0)             \
    X(MCOPY, 0)              \
    X(PUSH0, 0)              \
    X(PUSH1, 0)              \
    X(PUSH2, 0)              \
    X(PUSH3, 0)              \
    X(PUSH4, 0)              \
    X(PUSH5, 0)              \
    X(PUSH6, 0)              \
    X(PUSH7, 0)              \
    X(PUSH8, 0)              \
    X(PUSH9, 0)              \
    X(PUSH10, 0)             \
    X(PUSH11, 0)             \
    X(PUSH12, 0)             \
    X(PUSH13, 0)             \
    X(PUSH14, 0)             \
    X(PUSH15, 0)             \
    X(PUSH16, 0)             \
    X(PUSH17, 0)             \
    X(PUSH18, 0)             \
    X(PUSH19, 0)             \
    X(PUSH20, 0)             \
    X(PUSH21, 0)             \
    X(PUSH22, 0)             \
    X(PUSH23, 0)             \
    X(PUSH24, 0)             \
    X(PUSH25, 0)             \
    X(PUSH26, 0)             \
    X(PUSH27, 0)             \
    X(PUSH28, 0)             \
    X(PUSH29, 0)             \
    X(PUSH30, 0)             \
    X(PUSH31, 0)             \
    X(PUSH32, 0)             \
    X(DUP1, 0)               \
    X(DUP2, 0)               \
    X(DUP3, 0)               \
    X(DUP4, 0)               \
    X(DUP5, 0)               \
    X(DUP6, 0)               \
    X(DUP7, 0)               \
    X(DUP8, 0)               \
    X(DUP9, 0)               \
    X(DUP10, 0)              \
    X(DUP11, 0)              \
    X(DUP12, 0)              \
    X(DUP13, 0)              \
    X(DUP14, 0)              \
    X(DUP15, 0)              \
    X(DUP16, 0)              \
    X(SWAP1, 0)              \
    X(SWAP2, 0)              \
    X(SWAP3, 0)              \
    X(SWAP4, 0)              \
    X(SWAP5, 0)              \
    X(SWAP6, 0)              \
    X(SWAP7, 0)              \
    X(SWAP8, 0)              \
    X(SWAP9, 0)              \
    X(SWAP10, 0)             \
    X(SWAP11, 0)             \
    X(SWAP12, 0)             \
    X(SWAP13, 0)             \
    X(SWAP14, 0)             \
    X(SWAP15, 0)             \
    X(SWAP16, 0)             \
    X(LOG0, 0)               \
    X(LOG1, 0)               \
    X(LOG2, 0)               \
    X(LOG3, 0)               \
    X(LOG4, 0)               \
    X(CREATE, 0)             \
    X(CALL, 0)               \
    X(CALLCODE, 0)           \
    X(RETURN, 0)             \
    X(DELEGATECALL, 0)       \
    X(CREATE2, 0)            \
    X(STATICCALL, 0)         \
    X(REVERT, 0)             \
    X(SELFDESTRUCT, 0)
#define STRIKEFOLD_PRECOMPILE_ZK_GAS(X) \
    X(0x01, 0, 0)                       \
    X(0x02, 0, 0)                       \
    X(0x03, 0, 0)                       \
    X(0x04, 0, 0)                       \
    X(0x05, 0, 0)                       \
    X(0x06, 0, 0)                       \
    X(0x07, 0, 0)                       \
    X(0x08, 0, 0)                       \
    X(0x09, 0, 0)                       \
    X(0x0a, 0, 0)                       \
    X(0x0b, 0, 0)                       \
    X(0x0c, 0, 0)                       \
    X(0x0d, 0, 0)                       \
    X(0x0e, 0, 0)                       \
    X(0x0f, 0, 0)                       \
    X(0x10, 0, 0)                       \
    X(0x11, 0, 0)                       \
    X(0x100, 0, 0)
