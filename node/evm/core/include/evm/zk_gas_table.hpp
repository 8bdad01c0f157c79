// Made by `python -m tests.benchmark.zk_gas` from the guest with this digest:
// 65689d9fd62b73675cfa651990c5d49ce63eedb0706be21b190055edd6c89f92
#pragma once

// X(entry, cells)
#define STRIKEFOLD_ZK_GAS(X)  \
    X(transaction, 2868395)   \
    X(transaction_byte, 1358) \
    X(listed_account, 77912)  \
    X(listed_slot, 70612)     \
    X(authorization, 2702386) \
    X(account_read, 2077601)  \
    X(account_write, 2455547) \
    X(slot_read, 1883402)     \
    X(slot_write, 2061425)    \
    X(code_byte, 843)         \
    X(initcode_byte, 406)     \
    X(ancestor, 394876)       \
    X(memory_growth, 7551)    \
    X(memory_word, 734)       \
    X(slot_new, 19250)        \
    X(copy_word, 1589)        \
    X(return_word, 1552)      \
    X(log_word, 29737)        \
    X(keccak_block, 60909)    \
    X(modexp_square, 64704)   \
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
    X(BALANCE, 11005)         \
    X(ORIGIN, 5293)           \
    X(CALLER, 5293)           \
    X(CALLVALUE, 763)         \
    X(CALLDATALOAD, 5772)     \
    X(CALLDATASIZE, 616)      \
    X(CALLDATACOPY, 4283)     \
    X(CODESIZE, 648)          \
    X(CODECOPY, 4338)         \
    X(GASPRICE, 774)          \
    X(EXTCODESIZE, 11293)     \
    X(EXTCODECOPY, 11812)     \
    X(RETURNDATASIZE, 670)    \
    X(RETURNDATACOPY, 5331)   \
    X(EXTCODEHASH, 14756)     \
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
    X(MLOAD, 5843)            \
    X(MSTORE, 3035)           \
    X(MSTORE8, 3903)          \
    X(SLOAD, 4231)            \
    X(SSTORE, 10369)          \
    X(JUMP, 1388)             \
    X(JUMPI, 1832)            \
    X(PC, 681)                \
    X(MSIZE, 595)             \
    X(GAS, 595)               \
    X(JUMPDEST, 255)          \
    X(TLOAD, 2546)            \
    X(TSTORE, 35823)          \
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
    X(LOG0, 67918)            \
    X(LOG1, 214996)           \
    X(LOG2, 347384)           \
    X(LOG3, 486209)           \
    X(LOG4, 602063)           \
    X(CREATE, 282117)         \
    X(CALL, 44352)            \
    X(CALLCODE, 43341)        \
    X(RETURN, 9454)           \
    X(DELEGATECALL, 28061)    \
    X(CREATE2, 330210)        \
    X(STATICCALL, 29320)      \
    X(REVERT, 10253)          \
    X(SELFDESTRUCT, 6909)

// X(number, cells, cells per gas)
#define STRIKEFOLD_PRECOMPILE_ZK_GAS(X) \
    X(0x01, 1987914, 0)                 \
    X(0x02, 54484, 861)                 \
    X(0x03, 0, 721)                     \
    X(0x04, 126586, 895)                \
    X(0x05, 0, 4889)                    \
    X(0x06, 590391, 0)                  \
    X(0x07, 22226675, 0)                \
    X(0x08, 121459419, 3510)            \
    X(0x09, 193447, 15202)              \
    X(0x0a, 2800322599, 0)              \
    X(0x0b, 2976074, 0)                 \
    X(0x0c, 105851373, 16441)           \
    X(0x0d, 5278078, 0)                 \
    X(0x0e, 345681609, 13339)           \
    X(0x0f, 379670607, 22836)           \
    X(0x10, 147527759, 0)               \
    X(0x11, 430136347, 0)               \
    X(0x100, 26982540, 0)
