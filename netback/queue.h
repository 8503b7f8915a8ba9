/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One queue of a vif: its tx and rx ring, event channels and the thread that
 * owns them. No lock is shared with another queue.
 */
#ifndef PVBACK_NET_QUEUE_H
#define PVBACK_NET_QUEUE_H

#include "card.h"

struct net_queue;

/*
 * Bind the event channels and map the rings of queue @number: everything that
 * needs a path. A predecessor that is just going still holds the channels; it
 * is waited for. On error the reason has been told to the supervisor.
 */
int net_queue_open(const struct net_card *card, unsigned int number, struct net_queue **ret);

/* Start serving; after the process is sealed. */
int net_queue_start(struct net_queue *q);

/* Ask the thread to end after its turn; for all queues before the first is closed. */
void net_queue_stop(struct net_queue *q);

/* Wait for the thread, log the counters, release everything. */
void net_queue_close(struct net_queue *q);

#endif
