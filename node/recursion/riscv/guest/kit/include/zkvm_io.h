/**
 * Input and output of a guest.
 *
 * Names and signatures are those of the public standard for zkVMs.
 * Source: eth-act/zkvm-standards, io-interface/README.md, at d5f1813.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The input: private, and chosen by whoever proves. The bytes start at a multiple of 32, stay where
 * they are, and must not be written to. The first call reads them all; the others cost nothing.
 */
void read_input(const uint8_t** buf_ptr, size_t* buf_size);

/** Adds to the output, of which the run's public values hold the Keccak-256 digest. */
void write_output(const uint8_t* output, size_t size);

#ifdef __cplusplus
}
#endif
