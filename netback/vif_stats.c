// SPDX-License-Identifier: GPL-2.0-or-later
#include "vif_stats.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "net_stats.h"
#include "stats/statfile.h"

#define NAME(name) #name,
#define ONE(name) 1,
static const char *const tx_names[] = { NET_TX_COUNTERS(NAME) NET_TX_LOST(NAME) };
static const char *const rx_names[] = { NET_RX_COUNTERS(NAME) NET_RX_LOST(NAME) };
static const char *const loop_names[] = { NET_LOOP_COUNTERS(NAME) };

static void put_names(char (*to)[NET_STATS_NAME], const char *const *names, size_t bytes)
{
	for (size_t i = 0; i < bytes / sizeof(*names); i++)
		snprintf(to[i], NET_STATS_NAME, "%s", names[i]);
}

static void make_head(const char *dev, struct net_stats *head)
{
	memset(head, 0, offsetof(struct net_stats, slot));
	memcpy(head->magic, NET_STATS_MAGIC, sizeof(head->magic));
	head->version = NET_STATS_VERSION;
	head->header_bytes = offsetof(struct net_stats, slot);
	head->slot_bytes = sizeof(struct net_stats_slot);
	head->nr_slots = NET_MAX_QUEUES;
	head->max_tx = NET_STATS_TX;
	head->max_rx = NET_STATS_RX;
	head->max_loop = NET_STATS_LOOP;
	head->name_bytes = NET_STATS_NAME;
	head->tx_lost = sizeof((const char[]){ NET_TX_COUNTERS(ONE) });
	head->rx_lost = sizeof((const char[]){ NET_RX_COUNTERS(ONE) });
	snprintf(head->device, sizeof(head->device), "%s", dev);
	put_names(head->tx_name, tx_names, sizeof(tx_names));
	put_names(head->rx_name, rx_names, sizeof(rx_names));
	put_names(head->loop_name, loop_names, sizeof(loop_names));
	head->since_s = (uint64_t)time(NULL);
}

int vif_stats_open(const char *dev, int *ret_fd)
{
	static struct net_stats head; /* its slots are never touched: a page, no more */
	static const struct statfile_new fresh = {
		.head = &head,
		.head_bytes = offsetof(struct net_stats, slot),
		.same_bytes = offsetof(struct net_stats, since_s),
		.bytes = sizeof(struct net_stats),
	};

	make_head(dev, &head);
	return statfile_open(dev, &fresh, ret_fd);
}
