/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that the workers of two cards share, for frames from one guest to the other that
 * do not go through their taps. Made by netbackd, sealed in its size. Each direction has a
 * half, in which the sender's worker writes all but what is the receiver's.
 *
 * A frame lies in the area as it would be written to a tap: virtio_net_hdr_mrg_rxbuf,
 * Ethernet header, data.
 */
#ifndef PVBACK_NET_PAIR_H
#define PVBACK_NET_PAIR_H

#include <stdatomic.h>
#include <stdint.h>

/* Cards of a group with which one is paired. */
#define NET_PAIR_PEERS 7

#define NET_PAIR_SLOTS 256u	 /* frames on their way, as in a tap's queue */
#define NET_PAIR_AREA (4u << 20) /* taken when they come; what one TCP stream has on its way fits */

struct net_pair_slot {
	uint32_t off; /* of the frame, in the area */
	uint32_t len; /* of its virtio header and data */
};

struct net_pair_half {
	_Alignas(128) _Atomic(uint32_t) prod; /* the sender's: slots filled */
	_Alignas(128) _Atomic(uint32_t) cons; /* the receiver's: slots emptied */
	_Atomic(uint32_t) awake; /* the receiver's; 0: it is to be woken, and the sender sets 1 */
	_Alignas(128) struct net_pair_slot slots[NET_PAIR_SLOTS];
	_Alignas(4096) uint8_t area[NET_PAIR_AREA];
};

struct net_pair_memory {
	struct net_pair_half half[2];
};

/* With it come two descriptors: the memory, and a stream socket to wake each other; or none: it ends. */
enum net_pair_fd { NET_PAIR_FD_MEMORY, NET_PAIR_FD_SOCKET, NET_PAIR_NR_FDS };

struct net_pair_conf {
	uint8_t slot;	  /* which peer it is to be: 0..NET_PAIR_PEERS-1 */
	uint8_t half;	  /* the one that we send in */
	uint8_t mac[6];	  /* the peer's */
	uint32_t max_len; /* of a frame that is not to be segmented */
	uint16_t domid;	  /* of the peer, for logs */
	uint32_t devid;
};

#endif
