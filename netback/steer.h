/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who chooses the queue of a packet to the guest: the kernel, by the flow it belongs to;
 * or a program of the supervisor's on the tap (net_steer.h), once the guest
 * wants hashes, as its mapping says.
 */
#ifndef PVBACK_NET_STEER_WORKER_H
#define PVBACK_NET_STEER_WORKER_H

#include "card.h"
#include "hash.h"

struct net_steering {
	int tap;
	int program; /* -1: there is none, the kernel chooses */
	struct net_steer *map;
	bool on;
	struct net_toeplitz toeplitz; /* made here, so that the map is written in one go */
};

/* Takes both descriptors, before the process is sealed. */
int net_steering_open(struct net_steering *s, int tap, int program, int map);
void net_steering_close(struct net_steering *s);

/*
 * The tap's queues become numbered as ours are, in which a predecessor that had some
 * queues still when ours were added may have got in the way. Before the queues run.
 */
void net_steering_sort(const struct net_card *card);

/* As the guest has set it now. */
void net_steering_apply(struct net_steering *s, const struct net_card *card,
			const struct net_hash *h);

#endif
