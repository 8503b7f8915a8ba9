/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Does a guest send under addresses of its own? Pure. */
#ifndef PVBACK_NET_FILTER_H
#define PVBACK_NET_FILTER_H

#include <stddef.h>
#include <stdint.h>

#include "net_stats.h"

enum filter_verdict {
	FILTER_PASS,
	FILTER_MAC,  /* source MAC, or the one in ARP or ND */
	FILTER_ARP,  /* ARP for another's address, or no ARP for IPv4 */
	FILTER_IPV4, /* source address, or cut off */
	FILTER_IPV6,
	FILTER_ND,   /* claims another's address, or to be a router */
	FILTER_TYPE, /* neither IP nor ARP */
};

/* @data: a frame of @len >= 14 bytes that the guest sends. */
enum filter_verdict filter_judge(const struct net_filter *filter, const uint8_t *data, size_t len);

void filter_count(struct net_tx_counters *count, enum filter_verdict verdict);
const char *filter_text(enum filter_verdict verdict);

#endif
