/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Backend side of the console page (xen/io/console.h).
 *
 * Theory of operation
 * -------------------
 * The page holds two byte rings: "out", 2048 bytes from the guest, and "in",
 * 1024 bytes to it. The guest can write anywhere in it at any time, so:
 *  - its two indices (out_prod, in_cons) are read once per use and believed
 *    only as far as they leave at most one ring of bytes;
 *  - our two indices (out_cons, in_prod) are private; what stands in the page
 *    is for the guest, and for a successor of ours;
 *  - bytes are copied out once; nobody looks at them in the page.
 *
 * This file is pure: it works on a pointer, makes no Xen call, and can be
 * fuzzed as it is.
 */
#ifndef PVBACK_CONSOLED_RING_H
#define PVBACK_CONSOLED_RING_H

#include <stdint.h>

#define CON_RING_OUT_SIZE 2048u
#define CON_RING_IN_SIZE 1024u

struct con_ring {
	void *shared;	   /* the guest's page; only ring.c looks into it */
	uint32_t out_cons; /* private: next byte to take */
	uint32_t in_prod;  /* private: next byte to put */
};

/*
 * Take over a page where the last backend left it; a fresh page is all zero.
 * Returns 0, or -EPROTO if the indices are impossible.
 */
int con_ring_attach(struct con_ring *r, void *shared);

/* Bytes that can be taken. -EPROTO: the guest claims more than the ring has. */
int con_ring_avail(const struct con_ring *r, uint32_t *ret);

/* Copy the next @n bytes out, at most what con_ring_avail() said, and give
 * their room back to the guest. */
void con_ring_take(struct con_ring *r, uint8_t *buf, uint32_t n);

/* Bytes that can be put. -EPROTO: the guest claims to have read the future. */
int con_ring_room(const struct con_ring *r, uint32_t *ret);

/* Write @n bytes, at most what con_ring_room() said, and publish them. */
void con_ring_put(struct con_ring *r, const uint8_t *buf, uint32_t n);

#endif
