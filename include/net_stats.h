/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a network card has done, for everybody to read: a file for each,
 *
 *     /run/pvback/stats/vif-<domain>-<device>
 *
 * made by netbackd when the card first connects, removed when it is detached, and
 * written by its workers, one after the other: who connects again, counts on.
 * Map it or read it; nobody notices. It says itself how its counters are called;
 * which there are is a matter of the version of pvback.
 *
 * All numbers are in the byte order of the host, and naturally aligned. Each has one
 * writer, which stores it whole and without a lock, once a turn: two numbers read one
 * after the other may be some packets apart. Counters only grow.
 */
#ifndef PVBACK_NET_STATS_H
#define PVBACK_NET_STATS_H

#include <stddef.h>
#include <stdint.h>

#include "net_conf.h"

#define NET_STATS_MAGIC "PVBKCARD" /* 8 bytes, no NUL */
#define NET_STATS_VERSION 1u

/* What the guest sends: counters, and packets lost by their reason. */
#define NET_TX_COUNTERS(X)                                                     \
	X(packets) /* passed on */                                             \
	X(bytes)                                                               \
	X(gso)		  /* packets of more than one segment */               \
	X(slots)	  /* taken from the ring; all are answered */          \
	X(batches)	  /* turns that found something: one copy call each */ \
	X(notifies)	  /* turns in which the guest asked for an event */    \
	X(dummies)	  /* multicast requests */                             \
	X(throttled)	  /* turns that left packets waiting for the limit */  \
	X(direct_packets) /* of packets: those that went past the tap */       \
	X(direct_marks) /* frames of ours to the tap, so that the bridge does not forget the guest */
#define NET_TX_LOST(X)                                                                  \
	X(bad_chain)	/* refused by tx_parse.c */                                     \
	X(bad_copy)	/* the hypervisor refused a grant */                            \
	X(bad_headers)	/* offload flags and frame do not match */                      \
	X(spoofed_mac)	/* by filter.c: source MAC, or the one in ARP or ND */          \
	X(spoofed_arp)	/* sender's address */                                          \
	X(spoofed_ipv4) /* source address */                                            \
	X(spoofed_ipv6) /* source address */                                            \
	X(spoofed_nd)	/* claims another's address, or to be a router */               \
	X(spoofed_type) /* neither IP nor ARP, from a guest with a list of addresses */ \
	X(tap_full)	/* tap would have blocked */                                    \
	X(tap_down)	/* link is down */                                              \
	X(tap_refused)	/* tap refused the frame */                                     \
	X(direct_full)	/* the other guest does not take them as fast as they come past the tap */

/* What the guest gets. */
#define NET_RX_COUNTERS(X)                                                              \
	X(packets) /* given to the guest */                                             \
	X(bytes)                                                                        \
	X(gso)                                                                          \
	X(slots)                                                                        \
	X(batches)                                                                      \
	X(notifies)                                                                     \
	X(waits)	  /* times that the head packet waited for slots */             \
	X(stalls)	  /* times that the carrier was taken away for want of slots */ \
	X(finished)	  /* checksums computed here */                                 \
	X(segmented)	  /* large frames cut up here */                                \
	X(unwanted)	  /* multicasts that it has not asked for */                    \
	X(reads)	  /* read() on the tap, also those finding nothing */           \
	X(throttled)	  /* turns that left packets waiting for the limit */           \
	X(direct_packets) /* that came past the tap */
#define NET_RX_LOST(X)                                      \
	X(bad_frame) /* not fit for any guest */            \
	X(too_large) /* for this guest */                   \
	X(bad_copy)  /* the hypervisor refused a grant */   \
	X(expired)   /* no slots for too long */            \
	X(over_rate) /* more than may wait for the limit */ \
	X(too_slow)  /* more than may wait for a guest as slow as this one */

#define NET_LOOP_COUNTERS(X) \
	X(turns)             \
	X(sleeps)            \
	X(events) /* event channels seen pending */

#define NET_COUNTER_FIELD(name) uint64_t name;
struct net_tx_counters {
	NET_TX_COUNTERS(NET_COUNTER_FIELD)
	NET_TX_LOST(NET_COUNTER_FIELD)
};
struct net_rx_counters {
	NET_RX_COUNTERS(NET_COUNTER_FIELD)
	NET_RX_LOST(NET_COUNTER_FIELD)
};
struct net_loop_counters {
	NET_LOOP_COUNTERS(NET_COUNTER_FIELD)
};
#undef NET_COUNTER_FIELD

/* Room for each kind, and for a name. */
#define NET_STATS_TX 40
#define NET_STATS_RX 40
#define NET_STATS_LOOP 16
#define NET_STATS_NAME 24

/* Of one queue, written by its thread: in the order of the names. */
struct net_stats_slot {
	uint64_t tx[NET_STATS_TX];
	uint64_t rx[NET_STATS_RX];
	uint64_t loop[NET_STATS_LOOP];
	uint64_t reserved[32];
};

struct net_stats {
	char magic[8];
	uint32_t version;
	uint32_t header_bytes; /* where the slots begin */
	uint32_t slot_bytes;
	uint32_t nr_slots;
	uint32_t max_tx, max_rx, max_loop; /* room in a slot, and for names */
	uint32_t name_bytes;		   /* of a name's place */
	uint32_t tx_lost, rx_lost;	   /* from this counter on it is packets lost */
	char device[32];		   /* "vif/3/0", NUL-terminated */
	/* An empty name: from here on there are none. */
	char tx_name[NET_STATS_TX][NET_STATS_NAME];
	char rx_name[NET_STATS_RX][NET_STATS_NAME];
	char loop_name[NET_STATS_LOOP][NET_STATS_NAME];
	uint64_t since_s;		      /* when counting began, seconds since 1970 */
	struct net_limit limits[NET_NR_WAYS]; /* those in force */
	uint64_t used_until_ns[NET_NR_WAYS];  /* the worker's: where it is with them */
	uint8_t reserved[1656];
	struct net_stats_slot slot[NET_MAX_QUEUES];
};

_Static_assert(sizeof(struct net_tx_counters) <= sizeof(((struct net_stats_slot *)0)->tx), "room");
_Static_assert(sizeof(struct net_rx_counters) <= sizeof(((struct net_stats_slot *)0)->rx), "room");
_Static_assert(sizeof(struct net_loop_counters) <= sizeof(((struct net_stats_slot *)0)->loop),
	       "room");
_Static_assert(offsetof(struct net_stats, tx_name) == 80, "pvback-stat");
_Static_assert(offsetof(struct net_stats, limits) == 80 + 96 * NET_STATS_NAME + 8, "pvback-stat");
_Static_assert(offsetof(struct net_stats, slot) == 4096, "pvback-stat");
_Static_assert(sizeof(struct net_stats_slot) == 1024, "no holes");

#endif
