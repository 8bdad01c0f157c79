/**
 * Accelerated cryptography for C and C++ guests.
 *
 * Names, types and signatures are those of the public standard for zkVMs, so that a guest that
 * uses them builds for other machines too; what is here is the part that this machine has.
 * Source: eth-act/zkvm-standards, c-interface-accelerators/zkvm_accelerators.h, at d5f1813.
 * Data may start at any address and have any length; pointers must not be null.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define ZKVM_ALIGNED alignas(8)
extern "C" {
#else
#define ZKVM_ALIGNED _Alignas(8)
#endif

typedef enum { ZKVM_EOK = 0, ZKVM_EFAIL = -1 } zkvm_status;

typedef struct {
    ZKVM_ALIGNED uint8_t data[32];
} zkvm_bytes_32;

typedef zkvm_bytes_32 zkvm_keccak256_hash;
typedef zkvm_bytes_32 zkvm_sha256_hash;

/** Keccak-256 as Ethereum has it. Always ZKVM_EOK. */
zkvm_status zkvm_keccak256(const uint8_t* data, size_t len, zkvm_keccak256_hash* output);

/** SHA-256. Always ZKVM_EOK. */
zkvm_status zkvm_sha256(const uint8_t* data, size_t len, zkvm_sha256_hash* output);

#ifdef __cplusplus
}
#endif
