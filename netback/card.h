/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The vif that a worker serves: what all of its queues share. */
#ifndef PVBACK_NET_CARD_H
#define PVBACK_NET_CARD_H

#include "base/bucket.h"
#include "net_stats.h"

struct gmaps;
struct net_direct;
struct net_control;

struct net_card {
	const char *dev;	  /* "vif/3/0", for logs */
	struct net_conf conf;	  /* constant while queues run */
	int taps[NET_MAX_QUEUES]; /* of each queue */
	struct bucket limits[NET_NR_WAYS];
	atomic_uint *nr_stalled; /* queues */
	struct net_stats *stats; /* each queue has its slot in it */
	struct net_control *control;
	struct gmaps **maps;	   /* of each queue, NULL: none */
	int steer_fds[2];	   /* if conf.steer: program and map */
	struct net_direct *direct; /* past the taps; NULL: never */
};

#endif
