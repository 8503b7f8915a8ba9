/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The counters of a queue on their way to the page that everybody can read. Pure. */
#ifndef PVBACK_NET_STATS_SLOT_H
#define PVBACK_NET_STATS_SLOT_H

#include "net_stats.h"

/*
 * The queue's own counters begin at zero, and are its thread's alone; the page goes
 * on from where a predecessor left it.
 */
struct stats_out {
	struct net_stats_slot *slot;
	struct net_stats_slot before;
};

void stats_begin(struct stats_out *out, struct net_stats_slot *slot);
void stats_publish(const struct stats_out *out, const struct net_tx_counters *tx,
		   const struct net_rx_counters *rx, const struct net_loop_counters *loop);

/* " packets=3 bytes=180 ..." */
#define STATS_TEXT_MAX 2048
void stats_tx_text(const struct net_tx_counters *tx, char text[STATS_TEXT_MAX]);
void stats_rx_text(const struct net_rx_counters *rx, char text[STATS_TEXT_MAX]);
void stats_loop_text(const struct net_loop_counters *loop, char text[STATS_TEXT_MAX]);

#endif
