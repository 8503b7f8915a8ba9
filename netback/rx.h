/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tap to guest: one direction of a queue, run by the queue's thread. */
#ifndef PVBACK_NET_RX_H
#define PVBACK_NET_RX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"
#include "backlog.h"
#include "card.h"
#include "control.h"
#include "direct.h"
#include "net_stats.h"
#include "offload.h"
#include "ring/ring.h"
#include "stage.h"
#include "stall.h"
#include "tapio.h"

struct gcopy;
struct gnttab;

#define NET_RX_RING_SLOTS 256u

struct net_rx {
	struct ring ring;
	struct gcopy *copy;
	struct tapio *io;	   /* not owned */
	bool tap_ready;		   /* worth a read() */
	struct net_direct *direct; /* whose frames come here too; NULL: nobody's */
	const struct net_card *card;
	struct net_caps caps;
	struct net_view view;
	struct stall stall;
	struct backlog backlog;
	bool limited;			 /* what is staged waits for the limit */
	uint64_t wait_since;		 /* the head packet waits for slots; 0 = it does not */
	uint16_t ids[NET_RX_RING_SLOTS]; /* of the requests of this batch */
	struct net_rx_counters count;
	struct log_meter meter;
	struct stage stage;
	bool tap_first;	    /* with direct, in this round */
	unsigned int ahead; /* reads to try next with one call */
	unsigned int reads[STAGE_READS];
	struct stage_room rooms[STAGE_READS];
	struct iovec iov[STAGE_READS][2];
};

/* @shared: the mapped ring page. 0 or -errno; -EPROTO: impossible indices. */
int net_rx_init(struct net_rx *rx, const struct net_card *card, void *shared, struct tapio *io,
		struct gnttab *gt);
void net_rx_fini(struct net_rx *rx);

/*
 * One turn: have done what was asked of the tap before, read what the guest has slots for, and give it to the guest.
 * Returns the number of packets given or dropped (0: nothing to do), or
 * -EPROTO: the guest broke the ring, serve it no more. Sets *notify if the
 * guest wants an event; never clears it.
 */
int net_rx_run(struct net_rx *rx, bool *notify);

/*
 * Before sleeping: true if the head packet waits, for the limit or for slots, which then have
 * been asked for (*ret_now: they have just come, do not sleep).
 */
bool net_rx_arm(struct net_rx *rx, bool *ret_now);

/* While the head packet waits: the guest has stopped, so what comes for it is to be dropped at once. */
bool net_rx_stopped(const struct net_rx *rx);

/* How long to sleep at most when the head packet waits. */
uint64_t net_rx_wait_ns(const struct net_rx *rx, uint64_t now);

#endif
