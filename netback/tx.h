/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Guest to tap: one direction of a queue, run by the queue's thread. */
#ifndef PVBACK_NET_TX_H
#define PVBACK_NET_TX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"
#include "card.h"
#include "direct.h"
#include "net_stats.h"
#include "ring/ring.h"
#include "tapio.h"
#include "tx_parse.h"

struct gcopy;
struct gnttab;

#define NET_TX_RING_SLOTS 256u

/*
 * Staging of a batch. Frames are at most a ring of full pages (1 MiB); each of
 * more than one slot may waste a page to be aligned, and there are at most
 * half as many of those as there are slots.
 */
#define NET_TX_AREA_BYTES (2u << 20)

struct net_tx_frame {
	struct net_tx_pkt pkt;
	uint16_t slot; /* first slot of the chain in slots[] */
	uint16_t copy; /* number of its first copy in the batch */
	uint16_t nr_copies;
	uint16_t write; /* its number at the tap */
	uint8_t out;	/* enum net_way_out */
	int16_t status; /* NETIF_RSP_*: what the chain is answered with */
	uint8_t *data;	/* the frame; room for the vnet header before it */
};

struct net_tx {
	struct ring ring;
	struct gcopy *copy;
	struct tapio *io; /* not owned */
	const struct net_card *card;
	uint8_t *area;		/* NET_TX_AREA_BYTES, page-aligned */
	unsigned int nr_slots;	/* taken and not answered */
	unsigned int nr_frames; /* chains of this batch */
	bool limited;		/* there are more, for which the limit leaves no room */
	union net_tx_slot slots[NET_TX_RING_SLOTS];
	struct net_tx_frame frames[NET_TX_RING_SLOTS];
	struct net_direct_batch direct;
	struct net_tx_counters count;
	struct log_meter meter;
	unsigned int filter_version;
	struct net_filter filter; /* this turn's */
};

/* @shared: the mapped ring page. 0 or -errno; -EPROTO: impossible indices. */
int net_tx_init(struct net_tx *tx, const struct net_card *card, void *shared, struct tapio *io,
		struct gnttab *gt);
void net_tx_fini(struct net_tx *tx);

/*
 * One turn: fetch and answer all that is in the ring. Returns the number of
 * chains answered (0: nothing to do), or -EPROTO: the guest broke the ring,
 * serve it no more. Sets *notify if the guest wants an event; never clears it.
 * The frames wait for net_tx_forward(); notify first, so that the guest works
 * meanwhile.
 */
int net_tx_run(struct net_tx *tx, bool *notify);

/* Ask the tap to take the frames; and when that has been run, count what became of them. */
void net_tx_forward(struct net_tx *tx);
void net_tx_account(struct net_tx *tx);

/* If tx->limited, which is so until the next turn: how long to sleep. */
uint64_t net_tx_wait_ns(const struct net_tx *tx);

#endif
