/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the steering program of a tap (netback/vif_steer.c) reads and a worker writes:
 * the one value of a BPF array map, which both have. The program looks at it while it is
 * written; then a packet goes to another queue for once, which a guest has to bear.
 */
#ifndef PVBACK_NET_STEER_H
#define PVBACK_NET_STEER_H

#include <stdint.h>

#define NET_STEER_ENTRIES 128u
#define NET_STEER_INPUT 36u

struct net_steer {
	uint32_t types;	     /* XEN_NETIF_CTRL_HASH_TYPE_* */
	uint32_t nr_entries; /* 1..NET_STEER_ENTRIES */
	uint32_t queue[NET_STEER_ENTRIES];
	uint32_t hash[NET_STEER_INPUT][256]; /* struct net_toeplitz */
};

#endif
