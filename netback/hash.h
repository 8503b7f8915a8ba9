/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hashing of frames towards the guest (xen/io/netif.h, "Hash types" and "Hash
 * algorithms"): what the guest has set, and what that makes of a frame. Pure.
 */
#ifndef PVBACK_NET_HASH_H
#define PVBACK_NET_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/xen.h>
#include <xen/io/netif.h>

#define NET_HASH_KEY_MAX 40u
#define NET_HASH_MAPPING_MAX 128u
#define NET_HASH_INPUT_MAX 36u /* two addresses of IPv6, two ports */

#define NET_HASH_TYPES                                                       \
	(XEN_NETIF_CTRL_HASH_TYPE_IPV4 | XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP | \
	 XEN_NETIF_CTRL_HASH_TYPE_IPV6 | XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP)

/* What the guest has set; all zero is how it begins. */
struct net_hash {
	uint8_t algorithm;   /* XEN_NETIF_CTRL_HASH_ALGORITHM_* */
	uint8_t types;	     /* XEN_NETIF_CTRL_HASH_TYPE_* that are wanted */
	uint16_t nr_mapping; /* 0: a frame's queue is its hash modulo their number */
	uint8_t key[NET_HASH_KEY_MAX];
	uint8_t mapping[NET_HASH_MAPPING_MAX]; /* queues */
};

/* Is it what a guest with @nr_queues could have set? */
bool net_hash_is_sound(const struct net_hash *h, unsigned int nr_queues);

static inline bool net_hash_is_on(const struct net_hash *h)
{
	return h->algorithm == XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ && h->types;
}

/*
 * Toeplitz is linear: the hash is the XOR of what each byte gives at its place.
 * That is looked up: 8 to 36 loads a frame instead of a step for each bit.
 */
struct net_toeplitz {
	uint32_t of[NET_HASH_INPUT_MAX][256];
};

void net_toeplitz_init(struct net_toeplitz *t, const uint8_t key[NET_HASH_KEY_MAX]);

struct net_hashed {
	uint8_t type; /* _XEN_NETIF_CTRL_HASH_TYPE_*, a number */
	uint32_t value;
};

/*
 * The hash of a frame by the most telling of @types that it has: TCP's ports count
 * where they directly follow an IPv6 header, and in IPv4 if it is no fragment. False:
 * none of @types applies.
 */
bool net_hash_frame(const struct net_toeplitz *t, uint8_t types, const uint8_t *data, size_t len,
		    struct net_hashed *ret);

#endif
