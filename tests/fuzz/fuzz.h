/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What all fuzzers use: the input as a stream of numbers that never ends (it
 * goes on with zeros), and checks that end the run with a reason.
 */
#ifndef PVBACK_FUZZ_H
#define PVBACK_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(cond)                                                                                \
	do {                                                                                       \
		if (!(cond)) {                                                                     \
			fprintf(stderr, "%s:%d: %s: not true: %s\n", __FILE__, __LINE__, __func__, \
				#cond);                                                            \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

struct fuzz {
	const uint8_t *at;
	size_t left;
};

static inline void fuzz_bytes(struct fuzz *f, void *to, size_t n)
{
	size_t have = n < f->left ? n : f->left;

	if (n == 0)
		return;
	memset(to, 0, n);
	if (have > 0)
		memcpy(to, f->at, have);
	f->at += have;
	f->left -= have;
}

static inline uint8_t fuzz_u8(struct fuzz *f)
{
	uint8_t value;

	fuzz_bytes(f, &value, sizeof(value));
	return value;
}

static inline uint16_t fuzz_u16(struct fuzz *f)
{
	uint16_t value;

	fuzz_bytes(f, &value, sizeof(value));
	return value;
}

static inline uint32_t fuzz_u32(struct fuzz *f)
{
	uint32_t value;

	fuzz_bytes(f, &value, sizeof(value));
	return value;
}

static inline uint64_t fuzz_u64(struct fuzz *f)
{
	uint64_t value;

	fuzz_bytes(f, &value, sizeof(value));
	return value;
}

/* 0 .. n - 1; n at most 65536. */
static inline uint32_t fuzz_below(struct fuzz *f, uint32_t n)
{
	return (n <= 256 ? fuzz_u8(f) : fuzz_u16(f)) % n;
}

/* What nobody has chosen, the same in every run: bytes of a disk, of a page. */
static inline uint8_t fuzz_pattern(uint64_t seed)
{
	seed *= 0x9e3779b97f4a7c15u;
	return (uint8_t)((seed >> 32) ^ (seed >> 56));
}

#endif
