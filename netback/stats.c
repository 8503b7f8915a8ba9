// SPDX-License-Identifier: GPL-2.0-or-later
#include "stats.h"

#include <stdio.h>

#include "base/util.h"

#define NAME(name) #name,
static const char *const tx_names[] = { NET_TX_COUNTERS(NAME) NET_TX_LOST(NAME) };
static const char *const rx_names[] = { NET_RX_COUNTERS(NAME) NET_RX_LOST(NAME) };
static const char *const loop_names[] = { NET_LOOP_COUNTERS(NAME) };

void stats_begin(struct stats_out *out, struct net_stats_slot *slot)
{
	out->slot = slot;
	out->before = *slot;
}

static void publish(uint64_t *out, const uint64_t *before, const void *counters, size_t nr)
{
	const uint64_t *now = counters;

	for (size_t i = 0; i < nr; i++)
		out[i] = before[i] + now[i];
}

void stats_publish(const struct stats_out *out, const struct net_tx_counters *tx,
		   const struct net_rx_counters *rx, const struct net_loop_counters *loop)
{
	publish(out->slot->tx, out->before.tx, tx, ARRAY_SIZE(tx_names));
	publish(out->slot->rx, out->before.rx, rx, ARRAY_SIZE(rx_names));
	publish(out->slot->loop, out->before.loop, loop, ARRAY_SIZE(loop_names));
}

/* A blank, the name, "=" and twenty digits. */
_Static_assert(NET_STATS_TX *(NET_STATS_NAME + 22) < STATS_TEXT_MAX, "room");
_Static_assert(NET_STATS_RX *(NET_STATS_NAME + 22) < STATS_TEXT_MAX, "room");

static void put_text(const char *const *names, const void *counters, size_t nr,
		     char text[STATS_TEXT_MAX])
{
	const uint64_t *values = counters;
	size_t at = 0;

	text[0] = '\0';
	for (size_t i = 0; i < nr; i++)
		at += (size_t)snprintf(text + at, STATS_TEXT_MAX - at, " %s=%llu", names[i],
				       (unsigned long long)values[i]);
}

void stats_tx_text(const struct net_tx_counters *tx, char text[STATS_TEXT_MAX])
{
	put_text(tx_names, tx, ARRAY_SIZE(tx_names), text);
}

void stats_rx_text(const struct net_rx_counters *rx, char text[STATS_TEXT_MAX])
{
	put_text(rx_names, rx, ARRAY_SIZE(rx_names), text);
}

void stats_loop_text(const struct net_loop_counters *loop, char text[STATS_TEXT_MAX])
{
	put_text(loop_names, loop, ARRAY_SIZE(loop_names), text);
}
