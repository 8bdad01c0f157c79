// Made by `python -m tests.benchmark.zk_gas` from the guest with this digest:
// 639f2667f99f0d7ceab6c81de010fb3509105674d98c33d162f54a447a6921be
#pragma once

// X(entry, cells)
#define STRIKEFOLD_ZK_GAS(X)  \
    X(transaction, 2413792)   \
    X(transaction_byte, 1277) \
    X(listed_account, 75420)  \
    X(listed_slot, 67278)     \
    X(authorization, 2204402) \
    X(account_read, 1604310)  \
    X(account_write, 1876600) \
    X(slot_read, 1476856)     \
    X(slot_write, 1577462)    \
    X(code_byte, 773)         \
    X(initcode_byte, 337)     \
    X(ancestor, 389548)       \
    X(memory_growth, 7049)    \
    X(memory_word, 216)       \
    X(slot_new, 18503)        \
    X(copy_word, 1580)        \
    X(return_word, 1854)      \
    X(log_word, 25466)        \
    X(keccak_block, 60974)    \
    X(modexp_square, 64703)   \
    X(exp_byte, 37847)        \
    X(STOP, 0)                \
    X(ADD, 468)               \
    X(MUL, 2806)              \
    X(SUB, 469)               \
    X(DIV, 4589)              \
    X(SDIV, 7799)             \
    X(MOD, 4622)              \
    X(SMOD, 7822)             \
    X(ADDMOD, 3303)           \
    X(MULMOD, 3208)           \
    X(EXP, 3950)              \
    X(SIGNEXTEND, 7163)       \
    X(LT, 469)                \
    X(GT, 469)                \
    X(SLT, 469)               \
    X(SGT, 469)               \
    X(EQ, 469)                \
    X(ISZERO, 433)            \
    X(AND, 1000)              \
    X(OR, 1011)               \
    X(XOR, 1012)              \
    X(NOT, 433)               \
    X(BYTE, 4673)             \
    X(SHL, 4098)              \
    X(SHR, 4072)              \
    X(SAR, 5249)              \
    X(CLZ, 1750)              \
    X(KECCAK256, 71591)       \
    X(ADDRESS, 4840)          \
    X(BALANCE, 11419)         \
    X(ORIGIN, 4852)           \
    X(CALLER, 4852)           \
    X(CALLVALUE, 564)         \
    X(CALLDATALOAD, 5958)     \
    X(CALLDATASIZE, 417)      \
    X(CALLDATACOPY, 4614)     \
    X(CODESIZE, 449)          \
    X(CODECOPY, 4669)         \
    X(GASPRICE, 575)          \
    X(EXTCODESIZE, 11707)     \
    X(EXTCODECOPY, 12327)     \
    X(RETURNDATASIZE, 460)    \
    X(RETURNDATACOPY, 5662)   \
    X(EXTCODEHASH, 15170)     \
    X(BLOCKHASH, 5826)        \
    X(COINBASE, 4873)         \
    X(TIMESTAMP, 459)         \
    X(NUMBER, 470)            \
    X(PREVRANDAO, 3822)       \
    X(GASLIMIT, 470)          \
    X(CHAINID, 470)           \
    X(SELFBALANCE, 1823)      \
    X(BASEFEE, 585)           \
    X(BLOBHASH, 2104)         \
    X(BLOBBASEFEE, 632)       \
    X(POP, 310)               \
    X(MLOAD, 2581)            \
    X(MSTORE, 2978)           \
    X(MSTORE8, 4148)          \
    X(SLOAD, 4632)            \
    X(SSTORE, 10636)          \
    X(JUMP, 2263)             \
    X(JUMPI, 2905)            \
    X(PC, 482)                \
    X(MSIZE, 396)             \
    X(GAS, 506)               \
    X(JUMPDEST, 214)          \
    X(TLOAD, 2788)            \
    X(TSTORE, 34791)          \
    X(MCOPY, 8332)            \
    X(PUSH0, 407)             \
    X(PUSH1, 425)             \
    X(PUSH2, 526)             \
    X(PUSH3, 627)             \
    X(PUSH4, 728)             \
    X(PUSH5, 757)             \
    X(PUSH6, 858)             \
    X(PUSH7, 959)             \
    X(PUSH8, 1060)            \
    X(PUSH9, 1089)            \
    X(PUSH10, 1190)           \
    X(PUSH11, 1501)           \
    X(PUSH12, 1602)           \
    X(PUSH13, 1589)           \
    X(PUSH14, 1690)           \
    X(PUSH15, 1791)           \
    X(PUSH16, 1892)           \
    X(PUSH17, 1879)           \
    X(PUSH18, 1980)           \
    X(PUSH19, 2081)           \
    X(PUSH20, 2182)           \
    X(PUSH21, 2085)           \
    X(PUSH22, 2186)           \
    X(PUSH23, 2287)           \
    X(PUSH24, 2388)           \
    X(PUSH25, 2417)           \
    X(PUSH26, 2518)           \
    X(PUSH27, 2619)           \
    X(PUSH28, 2720)           \
    X(PUSH29, 2749)           \
    X(PUSH30, 2850)           \
    X(PUSH31, 2972)           \
    X(PUSH32, 3157)           \
    X(DUP1, 462)              \
    X(DUP2, 486)              \
    X(DUP3, 515)              \
    X(DUP4, 487)              \
    X(DUP5, 486)              \
    X(DUP6, 465)              \
    X(DUP7, 505)              \
    X(DUP8, 486)              \
    X(DUP9, 486)              \
    X(DUP10, 486)             \
    X(DUP11, 515)             \
    X(DUP12, 486)             \
    X(DUP13, 486)             \
    X(DUP14, 486)             \
    X(DUP15, 505)             \
    X(DUP16, 486)             \
    X(SWAP1, 880)             \
    X(SWAP2, 1131)            \
    X(SWAP3, 881)             \
    X(SWAP4, 881)             \
    X(SWAP5, 859)             \
    X(SWAP6, 880)             \
    X(SWAP7, 880)             \
    X(SWAP8, 899)             \
    X(SWAP9, 880)             \
    X(SWAP10, 909)            \
    X(SWAP11, 880)            \
    X(SWAP12, 880)            \
    X(SWAP13, 880)            \
    X(SWAP14, 880)            \
    X(SWAP15, 880)            \
    X(SWAP16, 899)            \
    X(LOG0, 54477)            \
    X(LOG1, 183948)           \
    X(LOG2, 304031)           \
    X(LOG3, 431632)           \
    X(LOG4, 541238)           \
    X(CREATE, 286594)         \
    X(CALL, 46221)            \
    X(CALLCODE, 45210)        \
    X(RETURN, 9251)           \
    X(DELEGATECALL, 30381)    \
    X(CREATE2, 337137)        \
    X(STATICCALL, 31640)      \
    X(REVERT, 10056)          \
    X(SELFDESTRUCT, 6992)

// X(number, cells, cells per gas)
#define STRIKEFOLD_PRECOMPILE_ZK_GAS(X) \
    X(0x01, 1593903, 0)                 \
    X(0x02, 58452, 851)                 \
    X(0x03, 0, 723)                     \
    X(0x04, 93775, 968)                 \
    X(0x05, 0, 2123)                    \
    X(0x06, 589647, 0)                  \
    X(0x07, 22019991, 0)                \
    X(0x08, 0, 11664)                   \
    X(0x09, 149606, 15300)              \
    X(0x0a, 2767482591, 0)              \
    X(0x0b, 2964220, 0)                 \
    X(0x0c, 104697631, 16327)           \
    X(0x0d, 5248310, 0)                 \
    X(0x0e, 341681577, 13209)           \
    X(0x0f, 371099606, 22605)           \
    X(0x10, 146114205, 0)               \
    X(0x11, 425619875, 0)               \
    X(0x100, 26629819, 0)
