/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Private memory for the data of requests that are copied. Two sizes, since
 * most requests are small and few can be 1 MiB; taken last in, first out, so
 * that only as many pages are ever touched as are in use at a time.
 */
#ifndef PVBACK_BLK_BOUNCE_H
#define PVBACK_BLK_BOUNCE_H

#include <stddef.h>
#include <stdint.h>

#define BOUNCE_SMALL_BYTES (64u << 10)
#define BOUNCE_LARGE_BYTES (1u << 20)

struct bounce;

/* Address space only; nothing is touched yet. */
int bounce_new(unsigned int nr_small, unsigned int nr_large, struct bounce **ret);
void bounce_free(struct bounce *b);

/* Page-aligned, for @len bytes. NULL: all are in use, one will be put back. */
uint8_t *bounce_get(struct bounce *b, uint64_t len);
void bounce_put(struct bounce *b, const uint8_t *buf);

/* Give the memory of those that are not in use back to the system. */
void bounce_trim(struct bounce *b);

#endif
