// SPDX-License-Identifier: GPL-2.0-or-later
/* What is set of a card while it runs. See control.h. */
#include "control.h"

#include <string.h>

#define MAGIC 0x70766e31u /* another one for another layout */

/* A file that is new is all zero. */
static void restore(struct net_control *c, unsigned int nr_queues)
{
	const struct net_memory *m = c->memory;

	if (!m->magic && !m->writing)
		return;
	c->now.hash = m->hash;
	c->now.mcast_lost = m->mcast_lost;
	if (m->magic == MAGIC && !m->writing && net_mcast_load(&c->now.mcast, &m->mcast) &&
	    net_hash_is_sound(&c->now.hash, nr_queues))
		return;
	memset(&c->now.mcast, 0, sizeof(c->now.mcast));
	memset(&c->now.hash, 0, sizeof(c->now.hash));
	c->now.mcast_lost = true;
}

/* Who reads it comes after us; if we are killed on the way, it sees that. */
static void keep(struct net_control *c)
{
	struct net_memory *m = c->memory;

	if (!m)
		return;
	__atomic_store_n(&m->writing, 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	m->mcast_lost = c->now.mcast_lost;
	m->mcast = c->now.mcast;
	m->hash = c->now.hash;
	m->magic = MAGIC;
	__atomic_store_n(&m->writing, 0, __ATOMIC_RELEASE);
}

/* Under the lock. */
static void changed(struct net_control *c)
{
	atomic_fetch_add_explicit(&c->version, 1, memory_order_release);
}

void net_control_init(struct net_control *c, const struct net_conf *conf, struct net_memory *memory)
{
	memset(c, 0, sizeof(*c));
	pthread_mutex_init(&c->lock, NULL);
	c->now.live = conf->live;
	c->memory = memory;
	if (memory)
		restore(c, conf->nr_queues);
	changed(c);
}

static int one_request(struct net_mcast *m, const struct netif_extra_info *extra)
{
	if (extra->type == XEN_NETIF_EXTRA_TYPE_MCAST_ADD)
		return net_mcast_add(m, extra->u.mcast.addr);
	if (extra->type == XEN_NETIF_EXTRA_TYPE_MCAST_DEL)
		net_mcast_del(m, extra->u.mcast.addr);
	return 0;
}

int16_t net_control_mcast(struct net_control *c, const union net_tx_slot *slots,
			  unsigned int nr_extras)
{
	int16_t status = NETIF_RSP_OKAY;

	pthread_mutex_lock(&c->lock);
	for (unsigned int i = 1; i <= nr_extras; i++)
		if (one_request(&c->now.mcast, &slots[i].extra) != 0)
			status = NETIF_RSP_ERROR;
	keep(c);
	changed(c);
	pthread_mutex_unlock(&c->lock);
	return status;
}

void net_control_hash(struct net_control *c, struct net_hash *ret)
{
	pthread_mutex_lock(&c->lock);
	*ret = c->now.hash;
	pthread_mutex_unlock(&c->lock);
}

void net_control_set_hash(struct net_control *c, const struct net_hash *h)
{
	pthread_mutex_lock(&c->lock);
	c->now.hash = *h;
	keep(c);
	changed(c);
	pthread_mutex_unlock(&c->lock);
}

void net_control_live(struct net_control *c, const struct net_live *live)
{
	pthread_mutex_lock(&c->lock);
	c->now.live = *live;
	changed(c);
	pthread_mutex_unlock(&c->lock);
}

void net_control_copy_filter(struct net_control *c, unsigned int *version, struct net_filter *f)
{
	pthread_mutex_lock(&c->lock);
	*f = c->now.live.filter;
	*version = atomic_load_explicit(&c->version, memory_order_relaxed);
	pthread_mutex_unlock(&c->lock);
}

void net_control_copy(struct net_control *c, struct net_view *v)
{
	pthread_mutex_lock(&c->lock);
	v->set = c->now;
	v->version = atomic_load_explicit(&c->version, memory_order_relaxed);
	pthread_mutex_unlock(&c->lock);
	if (!net_hash_is_on(&v->set.hash) ||
	    (v->tables && !memcmp(v->key, v->set.hash.key, sizeof(v->key))))
		return;
	memcpy(v->key, v->set.hash.key, sizeof(v->key));
	net_toeplitz_init(&v->toeplitz, v->key);
	v->tables = true;
}
