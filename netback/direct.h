/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames from guest to guest past the taps: the cards of a group (key "direct") whose workers
 * share memory with ours. See pair.h for who believes what.
 */
#ifndef PVBACK_NET_DIRECT_H
#define PVBACK_NET_DIRECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pair.h"
#include "tapio.h"

struct net_direct;
struct stage;
struct stage_room;

/* @mac: the card's, which the filter keeps the guest to. NULL: no memory, or no epoll. */
struct net_direct *net_direct_new(const char *dev, const uint8_t mac[6]);
/* After the queues have ended. NULL is fine. */
void net_direct_free(struct net_direct *d);

/*
 * From the main thread, while queues run: a card more, or another in the place of one. @memory
 * (a struct net_pair_memory, mapped) and @sock are taken over, also upon an error.
 */
int net_direct_pair(struct net_direct *d, const struct net_pair_conf *how, void *memory, int sock);

/* From the main thread: no more with that peer, if there is one. */
void net_direct_part(struct net_direct *d, unsigned int slot);

/* --- sending, of one queue: all frames of a batch between begin and end --- */

struct net_direct_batch {
	struct pair_view view;
	unsigned int used, full; /* bits of the peers in this batch */
	bool marked;		 /* mark goes to the tap */
	uint16_t write;		 /* its number there; the caller's */
	uint8_t mark[PAIR_MARK_BYTES];
};

enum net_way_out {
	NET_OUT_TAP,
	NET_OUT_DIRECT,
	NET_OUT_FULL, /* there is no room, it is dropped */
};

void net_direct_begin(struct net_direct *d, struct net_direct_batch *b);
/* @data: with its header before it, @len without. */
enum net_way_out net_direct_send(struct net_direct *d, struct net_direct_batch *b,
				 const uint8_t *data, size_t len);
/* After it: write b->mark to the tap if b->marked, and tell whether the tap is down. */
void net_direct_end(struct net_direct *d, struct net_direct_batch *b);
void net_direct_tap(struct net_direct *d, bool down);

/* --- receiving, by one queue's thread --- */

/* The next frame, in one place of @room, its header before it; NULL: none. */
uint8_t *net_direct_take(struct net_direct *d, struct stage *s, const struct stage_room *room,
			 size_t *ret_len);
/* All that waits is thrown away: returns how many. */
unsigned int net_direct_skip(struct net_direct *d);

/* To be polled; -1 for @d NULL. Arm it before: true: do not sleep, there is something. */
int net_direct_fd(const struct net_direct *d);
bool net_direct_arm(struct net_direct *d);
void net_direct_woken(struct net_direct *d);

#endif
