/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Internet checksum (RFC 1071). Pure.
 *
 * Sums are over 16-bit words as they stand in memory, so a folded sum is
 * stored back with memcpy and needs no byte swap (RFC 1071, 2(B)).
 */
#ifndef PVBACK_NET_CSUM_H
#define PVBACK_NET_CSUM_H

#include <stddef.h>
#include <stdint.h>

struct net_headers;

/* Add @len bytes to @sum; only the last piece of a sum may have odd length. */
uint64_t csum_add(uint64_t sum, const void *data, size_t len);

/* Fold to 16 bits, not inverted: what a blank checksum field holds. */
uint16_t csum_fold(uint64_t sum);

/* The pseudo header of a TCP or UDP packet whose L4 part has @l4_bytes. */
uint64_t csum_pseudo(const uint8_t *data, const struct net_headers *h, uint32_t l4_bytes);

/*
 * Compute what the sender left open: the sum from @start to the end goes,
 * inverted, to @start + @offset, where the pseudo header's sum stands now. The
 * caller has checked the bounds.
 */
void csum_finish(uint8_t *data, size_t len, size_t start, size_t offset);

#endif
