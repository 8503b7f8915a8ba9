/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the guest or the admin sets of a card while it runs, and all of its queues go by.
 *
 * Theory of operation
 * -------------------
 * It is written seldom, by whichever thread hears of it (a tx thread for
 * multicast addresses, the main thread for keys in XenStore), under a
 * lock; each change makes the version another one. It is read for every packet:
 * so each queue has a copy of its own (struct net_view), and looks once in a turn
 * whether the version is still that of the copy. If not, it copies anew, under the
 * lock. Neither direction takes a lock, or writes what another thread reads, for
 * a packet; what a guest changes holds from the next turn of each queue on.
 *
 * What the guest has told us and nobody else knows (not what stands in XenStore)
 * is kept in struct net_memory, too, a file of the supervisor's: a worker that
 * follows on this one goes on with that. It may have been written by a worker that
 * a guest had taken over, or was killed while it wrote: it is judged like what comes
 * from a guest. If it is no good, every multicast is let through, and nothing is
 * hashed, until the guest connects anew.
 */
#ifndef PVBACK_NET_CONTROL_H
#define PVBACK_NET_CONTROL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hash.h"
#include "mcast.h"
#include "net_conf.h"
#include "offload.h"
#include "tx_parse.h"

struct net_settings {
	struct net_live live;
	bool mcast_lost; /* the list did not outlive our predecessor: nothing is filtered */
	struct net_mcast mcast;
	struct net_hash hash;
};

struct net_memory {
	uint32_t magic;
	uint32_t writing; /* not zero: in the midst of it */
	uint32_t mcast_lost;
	struct net_mcast mcast;
	struct net_hash hash;
};

_Static_assert(sizeof(struct net_memory) <= NET_MEMORY_BYTES, "the file is of that size");

struct net_control {
	pthread_mutex_t lock;
	atomic_uint version;
	struct net_settings now;
	struct net_memory *memory; /* NULL: nothing is kept */
};

/* A queue's own copy; all zero until the first net_control_refresh(). */
struct net_view {
	unsigned int version;
	struct net_settings set;
	bool tables; /* toeplitz is that of this key */
	uint8_t key[NET_HASH_KEY_MAX];
	struct net_toeplitz toeplitz;
};

void net_control_init(struct net_control *c, const struct net_conf *conf,
		      struct net_memory *memory);

/*
 * A chain of the tx ring that carries multicast requests in slots[1..nr_extras]:
 * do all of them; NETIF_RSP_ERROR if one cannot be done.
 */
int16_t net_control_mcast(struct net_control *c, const union net_tx_slot *slots,
			  unsigned int nr_extras);

/* How frames are hashed: as it is set now; by the control ring's thread. */
void net_control_hash(struct net_control *c, struct net_hash *ret);
void net_control_set_hash(struct net_control *c, const struct net_hash *h);

/* What may change while a frontend is connected. */
void net_control_live(struct net_control *c, const struct net_live *live);

void net_control_copy(struct net_control *c, struct net_view *v);
void net_control_copy_filter(struct net_control *c, unsigned int *version, struct net_filter *f);

/* Once in a turn: @f, which is that of @version, is the one in force. */
static inline void net_control_filter(struct net_control *c, unsigned int *version,
				      struct net_filter *f)
{
	if (atomic_load_explicit(&c->version, memory_order_acquire) != *version)
		net_control_copy_filter(c, version, f);
}

/* Once in a turn; true: there was something new. */
static inline bool net_control_refresh(struct net_control *c, struct net_view *v)
{
	/* Acquire: not needed for the data, which are copied under the lock; it makes
	 * what the guest did before it heard our answer old for us, too. */
	if (atomic_load_explicit(&c->version, memory_order_acquire) == v->version)
		return false;
	net_control_copy(c, v);
	return true;
}

/* What a packet to the guest has besides the frame. */
static inline void net_view_dress(const struct net_view *v, struct net_rx_pkt *pkt)
{
	pkt->headroom = v->set.live.headroom;
	pkt->hashed =
		net_hash_is_on(&v->set.hash) &&
		net_hash_frame(&v->toeplitz, v->set.hash.types, pkt->data, pkt->len, &pkt->hash);
}

/* Is the guest to hear of a frame to @addr? */
static inline bool net_view_wants(const struct net_view *v, const uint8_t addr[6])
{
	return !v->set.live.mcast_filter || !net_mcast_is_group(addr) || v->set.mcast_lost ||
	       net_mcast_has(&v->set.mcast, addr);
}

#endif
