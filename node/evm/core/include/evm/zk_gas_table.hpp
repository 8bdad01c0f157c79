// Made by `python -m tests.benchmark.zk_gas` from the guest with this digest:
// 7bc6812922b95228f2d9c23d87a5f0ce6aa72961501552311c80eae6fb353bd9
#pragma once

// X(entry, cells)
#define STRIKEFOLD_ZK_GAS(X)  \
    X(transaction, 3069616)   \
    X(transaction_byte, 1358) \
    X(listed_account, 77936)  \
    X(listed_slot, 68145)     \
    X(authorization, 2677275) \
    X(account_read, 2086644)  \
    X(account_write, 2437527) \
    X(slot_read, 1886861)     \
    X(slot_write, 2029460)    \
    X(code_byte, 844)         \
    X(initcode_byte, 406)     \
    X(ancestor, 394748)       \
    X(memory_growth, 7551)    \
    X(memory_word, 731)       \
    X(slot_new, 17437)        \
    X(copy_word, 1589)        \
    X(return_word, 1504)      \
    X(log_word, 29620)        \
    X(keccak_block, 60909)    \
    X(modexp_square, 64700)   \
    X(exp_byte, 37841)        \
    X(STOP, 0)                \
    X(ADD, 1694)              \
    X(MUL, 2946)              \
    X(SUB, 2041)              \
    X(DIV, 4785)              \
    X(SDIV, 7995)             \
    X(MOD, 4818)              \
    X(SMOD, 8017)             \
    X(ADDMOD, 3577)           \
    X(MULMOD, 3482)           \
    X(EXP, 3672)              \
    X(SIGNEXTEND, 7314)       \
    X(LT, 2593)               \
    X(GT, 2604)               \
    X(SLT, 2602)              \
    X(SGT, 2613)              \
    X(EQ, 1631)               \
    X(ISZERO, 957)            \
    X(AND, 1152)              \
    X(OR, 1163)               \
    X(XOR, 1163)              \
    X(NOT, 962)               \
    X(BYTE, 4890)             \
    X(SHL, 4250)              \
    X(SHR, 4224)              \
    X(SAR, 5401)              \
    X(CLZ, 1935)              \
    X(KECCAK256, 73641)       \
    X(ADDRESS, 5281)          \
    X(BALANCE, 10645)         \
    X(ORIGIN, 5293)           \
    X(CALLER, 5293)           \
    X(CALLVALUE, 763)         \
    X(CALLDATALOAD, 5772)     \
    X(CALLDATASIZE, 616)      \
    X(CALLDATACOPY, 4283)     \
    X(CODESIZE, 648)          \
    X(CODECOPY, 4338)         \
    X(GASPRICE, 774)          \
    X(EXTCODESIZE, 10933)     \
    X(EXTCODECOPY, 12189)     \
    X(RETURNDATASIZE, 670)    \
    X(RETURNDATACOPY, 5331)   \
    X(EXTCODEHASH, 14396)     \
    X(BLOCKHASH, 5592)        \
    X(COINBASE, 5314)         \
    X(TIMESTAMP, 658)         \
    X(NUMBER, 669)            \
    X(PREVRANDAO, 4021)       \
    X(GASLIMIT, 669)          \
    X(CHAINID, 669)           \
    X(SELFBALANCE, 1604)      \
    X(BASEFEE, 795)           \
    X(BLOBHASH, 1871)         \
    X(BLOBBASEFEE, 831)       \
    X(POP, 414)               \
    X(MLOAD, 5825)            \
    X(MSTORE, 3035)           \
    X(MSTORE8, 3903)          \
    X(SLOAD, 4221)            \
    X(SSTORE, 10359)          \
    X(JUMP, 1382)             \
    X(JUMPI, 1826)            \
    X(PC, 681)                \
    X(MSIZE, 595)             \
    X(GAS, 595)               \
    X(JUMPDEST, 261)          \
    X(TLOAD, 2546)            \
    X(TSTORE, 32494)          \
    X(MCOPY, 8085)            \
    X(PUSH0, 606)             \
    X(PUSH1, 624)             \
    X(PUSH2, 725)             \
    X(PUSH3, 826)             \
    X(PUSH4, 927)             \
    X(PUSH5, 956)             \
    X(PUSH6, 1057)            \
    X(PUSH7, 1158)            \
    X(PUSH8, 1259)            \
    X(PUSH9, 1288)            \
    X(PUSH10, 1389)           \
    X(PUSH11, 1700)           \
    X(PUSH12, 1801)           \
    X(PUSH13, 1788)           \
    X(PUSH14, 1889)           \
    X(PUSH15, 1990)           \
    X(PUSH16, 2091)           \
    X(PUSH17, 2078)           \
    X(PUSH18, 2179)           \
    X(PUSH19, 2280)           \
    X(PUSH20, 2381)           \
    X(PUSH21, 2284)           \
    X(PUSH22, 2385)           \
    X(PUSH23, 2486)           \
    X(PUSH24, 2587)           \
    X(PUSH25, 2616)           \
    X(PUSH26, 2717)           \
    X(PUSH27, 2818)           \
    X(PUSH28, 2919)           \
    X(PUSH29, 2948)           \
    X(PUSH30, 3049)           \
    X(PUSH31, 3215)           \
    X(PUSH32, 3393)           \
    X(DUP1, 816)              \
    X(DUP2, 849)              \
    X(DUP3, 849)              \
    X(DUP4, 849)              \
    X(DUP5, 849)              \
    X(DUP6, 849)              \
    X(DUP7, 849)              \
    X(DUP8, 849)              \
    X(DUP9, 849)              \
    X(DUP10, 849)             \
    X(DUP11, 849)             \
    X(DUP12, 849)             \
    X(DUP13, 849)             \
    X(DUP14, 849)             \
    X(DUP15, 849)             \
    X(DUP16, 849)             \
    X(SWAP1, 1400)            \
    X(SWAP2, 1400)            \
    X(SWAP3, 1400)            \
    X(SWAP4, 1400)            \
    X(SWAP5, 1400)            \
    X(SWAP6, 1400)            \
    X(SWAP7, 1400)            \
    X(SWAP8, 1400)            \
    X(SWAP9, 1400)            \
    X(SWAP10, 1400)           \
    X(SWAP11, 1400)           \
    X(SWAP12, 1400)           \
    X(SWAP13, 1400)           \
    X(SWAP14, 1400)           \
    X(SWAP15, 1400)           \
    X(SWAP16, 1400)           \
    X(LOG0, 63730)            \
    X(LOG1, 204732)           \
    X(LOG2, 332627)           \
    X(LOG3, 467181)           \
    X(LOG4, 582487)           \
    X(CREATE, 276708)         \
    X(CALL, 43992)            \
    X(CALLCODE, 42981)        \
    X(RETURN, 10754)          \
    X(DELEGATECALL, 27701)    \
    X(CREATE2, 324865)        \
    X(STATICCALL, 28960)      \
    X(REVERT, 10068)          \
    X(SELFDESTRUCT, 7521)

// X(number, cells, cells per gas)
#define STRIKEFOLD_PRECOMPILE_ZK_GAS(X) \
    X(0x01, 1987128, 0)                 \
    X(0x02, 55790, 861)                 \
    X(0x03, 0, 721)                     \
    X(0x04, 130804, 893)                \
    X(0x05, 0, 4727)                    \
    X(0x06, 597182, 0)                  \
    X(0x07, 22233936, 0)                \
    X(0x08, 121469887, 3510)            \
    X(0x09, 205441, 15203)              \
    X(0x0a, 2800326910, 0)              \
    X(0x0b, 2991123, 0)                 \
    X(0x0c, 105863166, 16441)           \
    X(0x0d, 5296181, 0)                 \
    X(0x0e, 345695987, 13339)           \
    X(0x0f, 379691016, 22836)           \
    X(0x10, 147550443, 0)               \
    X(0x11, 430160558, 0)               \
    X(0x100, 26800794, 0)
