/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames between the workers of two cards (net_pair.h): the ring, and which frames may go
 * there. Pure.
 *
 * Neither side believes the other. The sender reads nothing of the memory but the receiver's
 * index, which must be between what it was and what has been filled. The receiver copies a
 * slot once, judges that copy, and copies the frame to a place of its own before it looks
 * into it: what the sender's worker changes meanwhile is as if it had sent something else.
 * An index or slot that is impossible is -EPROTO, and the pair comes to its end.
 */
#ifndef PVBACK_NET_PAIR_RING_H
#define PVBACK_NET_PAIR_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "net_pair.h"

struct pair_tx {
	struct net_pair_half *shared;
	uint32_t prod, cons; /* cons: as far as we have heard */
	uint32_t end;	     /* of the newest frame in the area */
	uint32_t start[NET_PAIR_SLOTS];
};

struct pair_rx {
	struct net_pair_half *shared;
	uint32_t cons;
};

/* Hear what the receiver has emptied. 0 or -EPROTO. */
int pair_refresh(struct pair_tx *tx);
/* @data: with its header. 0, or -ENOSPC. */
int pair_put(struct pair_tx *tx, const uint8_t *data, size_t len);
/* Let the receiver see what was put; true: it sleeps and is to be woken. */
bool pair_publish(struct pair_tx *tx);

/* Is there something? 0, 1, or -EPROTO. */
int pair_waiting(const struct pair_rx *rx);
/* The oldest: judged, and the sender's to change until it is copied. 0 (none), 1, or -EPROTO. */
int pair_next(const struct pair_rx *rx, struct net_pair_slot *ret);
void pair_done(struct pair_rx *rx);
/* All that waits is lost: returns how many, or -EPROTO. */
int pair_skip(struct pair_rx *rx);
/* To be woken by what comes from now on; look with pair_waiting() before sleeping. */
void pair_doze(const struct pair_rx *rx);
void pair_rouse(const struct pair_rx *rx);

/* A MAC as a number; 0 is nobody's. */
static inline uint64_t pair_mac(const uint8_t mac[6])
{
	uint64_t n = 0;

	memcpy(&n, mac, 6);
	return n;
}

/* Who may be sent to, and how much; a sending queue's own copy. */
struct pair_view {
	uint64_t own;
	unsigned int nr;
	struct {
		uint64_t mac;
		uint32_t max_len;
		uint8_t slot;
	} to[NET_PAIR_PEERS];
};

/*
 * Index in @v->to of the card that alone is to get the frame @data of @len >= 14 bytes; -1: it
 * goes through the tap. @large: it is to be segmented.
 */
int pair_pick(const struct pair_view *v, const uint8_t *data, size_t len, bool large);

/* A bridge and its admin are to see that the guest is there: see pair.c. */
#define PAIR_MARK_BYTES (12u + 60u)
void pair_mark(uint64_t own, uint8_t ret[PAIR_MARK_BYTES]);

#endif
