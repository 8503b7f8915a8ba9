// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Frames from guest to guest past the taps.
 *
 * Theory of operation
 * -------------------
 * With each peer there is memory (net_pair.h) and a stream socket. The queues of the sender
 * fill slots, under a lock that only they contend for, and publish them once in a batch; one
 * queue of the receiver's empties them, so that the frames of a flow stay in order. A byte
 * over the socket wakes a receiver that sleeps, which it says in the memory. A socket and not
 * an eventfd, because that has one mode for all who hold it: one of them could make the others'
 * calls block.
 *
 * A worker that ends, or whose pair is at its end, closes its socket. The other side sees that:
 * the receiving queue when it is going to sleep, a sending one when there is no room. From
 * then on it sends through the tap; it empties what is there, and lets go of the memory.
 * netbackd makes a new pair when there is somebody again.
 *
 * Locks: a peer's tx_lock before its rx_lock; both to make it and to end it.
 */
#include "direct.h"

#include <errno.h>
#include <linux/virtio_net.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/util.h"
#include "stage.h"

#define VNET_HLEN 12u

/* A bridge forgets after five minutes by default; who looks at the tap wants to see life. */
#define MARK_NS NS_PER_SEC
#define MARK_DOWN_NS (100 * NS_PER_MS) /* is it up again? */

struct peer {
	pthread_mutex_t tx_lock, rx_lock;
	_Atomic(uint64_t) mac; /* frames to it go here; 0: to the tap */
	atomic_uint max_len;
	atomic_bool open;    /* memory and sock are there; changes under both locks */
	atomic_bool hung_up; /* nobody is at the other end of sock */
	atomic_bool dead;    /* to be ended as soon as somebody has no lock of it */
	int sock;
	void *memory;
	struct net_pair_conf conf;
	struct pair_tx tx; /* under tx_lock */
	struct pair_rx rx; /* under rx_lock */
};

struct net_direct {
	const char *dev;
	uint64_t own;
	int epoll;
	_Atomic(uint64_t) marked_ns;
	atomic_bool tap_down; /* an admin may want to cut the guest off */
	unsigned int turn;    /* the receiving queue's: whose turn it is */
	struct peer peers[NET_PAIR_PEERS];
};

struct net_direct *net_direct_new(const char *dev, const uint8_t mac[6])
{
	struct net_direct *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->dev = dev;
	d->own = pair_mac(mac);
	d->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (d->epoll < 0) {
		free(d);
		return NULL;
	}
	for (unsigned int i = 0; i < NET_PAIR_PEERS; i++) {
		pthread_mutex_init(&d->peers[i].tx_lock, NULL);
		pthread_mutex_init(&d->peers[i].rx_lock, NULL);
	}
	return d;
}

/* Both locks are held, or there is one thread. */
static void close_peer(struct net_direct *d, struct peer *p)
{
	if (!p->open)
		return;
	p->mac = 0;
	p->open = false;
	p->dead = false;
	epoll_ctl(d->epoll, EPOLL_CTL_DEL, p->sock, NULL);
	close(p->sock);
	munmap(p->memory, sizeof(struct net_pair_memory));
	log_info(d->dev, "no more frames past the tap with vif/%u/%u", p->conf.domid,
		 p->conf.devid);
}

void net_direct_free(struct net_direct *d)
{
	if (!d)
		return;
	for (unsigned int i = 0; i < NET_PAIR_PEERS; i++)
		close_peer(d, &d->peers[i]);
	close(d->epoll);
	free(d);
}

static void lock_both(struct peer *p)
{
	pthread_mutex_lock(&p->tx_lock);
	pthread_mutex_lock(&p->rx_lock);
}

static void unlock_both(struct peer *p)
{
	pthread_mutex_unlock(&p->rx_lock);
	pthread_mutex_unlock(&p->tx_lock);
}

/* Without a lock. Another may have ended it meanwhile, and made a new one that is well. */
static void bury(struct net_direct *d, struct peer *p)
{
	lock_both(p);
	if (p->dead)
		close_peer(d, p);
	unlock_both(p);
}

static int open_peer(struct net_direct *d, struct peer *p, const struct net_pair_conf *how,
		     void *memory, int sock)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.u32 = how->slot };
	struct net_pair_memory *shared = memory;

	if (epoll_ctl(d->epoll, EPOLL_CTL_ADD, sock, &ev) < 0)
		return -errno;
	p->sock = sock;
	p->memory = memory;
	p->conf = *how;
	p->tx = (struct pair_tx){ .shared = &shared->half[how->half] };
	p->rx = (struct pair_rx){ .shared = &shared->half[!how->half] };
	p->max_len = how->max_len;
	p->hung_up = false;
	p->open = true;
	p->mac = pair_mac(how->mac);
	log_info(d->dev, "frames for vif/%u/%u go past the tap", how->domid, how->devid);
	return 0;
}

int net_direct_pair(struct net_direct *d, const struct net_pair_conf *how, void *memory, int sock)
{
	struct peer *p = &d->peers[how->slot];
	int ret;

	lock_both(p);
	close_peer(d, p);
	ret = open_peer(d, p, how, memory, sock);
	unlock_both(p);
	if (!ret)
		return 0;
	close(sock);
	munmap(memory, sizeof(struct net_pair_memory));
	return ret;
}

void net_direct_part(struct net_direct *d, unsigned int slot)
{
	struct peer *p = &d->peers[slot];

	lock_both(p);
	close_peer(d, p);
	unlock_both(p);
}

/* What is shared makes no sense: said once, as the pair ends with it. */
static void distrust(struct net_direct *d, struct peer *p, const char *what)
{
	p->mac = 0;
	if (!atomic_exchange(&p->dead, true))
		log_warn(d->dev,
			 "impossible %s in the memory shared with vif/%u/%u: from now on frames "
			 "go through the tap",
			 what, p->conf.domid, p->conf.devid);
}

/* --- sending --- */

void net_direct_begin(struct net_direct *d, struct net_direct_batch *b)
{
	struct pair_view *v = &b->view;

	v->nr = 0;
	v->own = d->own;
	b->used = b->full = 0;
	for (unsigned int i = 0; i < NET_PAIR_PEERS && !d->tap_down; i++) {
		uint64_t mac = atomic_load_explicit(&d->peers[i].mac, memory_order_relaxed);

		if (!mac)
			continue;
		v->to[v->nr].mac = mac;
		v->to[v->nr].max_len =
			atomic_load_explicit(&d->peers[i].max_len, memory_order_relaxed);
		v->to[v->nr++].slot = (uint8_t)i;
	}
}

/* Under tx_lock. */
static void publish(struct peer *p)
{
	const char byte = 0;

	if (pair_publish(&p->tx))
		send(p->sock, &byte, sizeof(byte), MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Under tx_lock. Nobody empties it: is there anybody? */
static void look_for_end(struct peer *p)
{
	struct pollfd pfd = { .fd = p->sock, .events = POLLRDHUP };

	publish(p);
	if (poll(&pfd, 1, 0) > 0) /* that, or POLLHUP; bytes that wait are no reason */
		p->mac = 0;
}

static enum net_way_out put(struct net_direct *d, struct net_direct_batch *b, struct peer *p,
			    const uint8_t *data, size_t len)
{
	unsigned int bit = 1u << (p - d->peers);
	int ret = (b->used & bit) ? 0 : pair_refresh(&p->tx);

	b->used |= bit;
	if (!ret)
		ret = pair_put(&p->tx, data, len);
	if (ret == -ENOSPC) {
		ret = pair_refresh(&p->tx);
		if (!ret)
			ret = pair_put(&p->tx, data, len);
	}
	if (ret == -EPROTO)
		distrust(d, p, "index");
	if (ret == -ENOSPC && !(b->full & bit)) {
		b->full |= bit;
		look_for_end(p);
	}
	if (ret == -EPROTO)
		return NET_OUT_TAP;
	return ret ? NET_OUT_FULL : NET_OUT_DIRECT;
}

enum net_way_out net_direct_send(struct net_direct *d, struct net_direct_batch *b,
				 const uint8_t *data, size_t len)
{
	enum net_way_out way = NET_OUT_TAP;
	struct virtio_net_hdr vh;
	struct peer *p;
	int to;

	memcpy(&vh, data - VNET_HLEN, sizeof(vh));
	to = pair_pick(&b->view, data, len, vh.gso_type != VIRTIO_NET_HDR_GSO_NONE);
	if (to < 0)
		return NET_OUT_TAP;
	p = &d->peers[b->view.to[to].slot];
	pthread_mutex_lock(&p->tx_lock);
	if (p->open && p->mac == b->view.to[to].mac)
		way = put(d, b, p, data - VNET_HLEN, VNET_HLEN + len);
	pthread_mutex_unlock(&p->tx_lock);
	return way;
}

/* Also when the tap was down: that is how we hear that it is up again. */
static bool is_mark_due(struct net_direct *d)
{
	uint64_t now = now_ns(), last = atomic_load_explicit(&d->marked_ns, memory_order_relaxed);

	if (last && now - last < (d->tap_down ? MARK_DOWN_NS : MARK_NS))
		return false;
	atomic_store_explicit(&d->marked_ns, now, memory_order_relaxed);
	return true;
}

void net_direct_end(struct net_direct *d, struct net_direct_batch *b)
{
	for (unsigned int i = 0; b->used >> i; i++) {
		struct peer *p = &d->peers[i];

		if (!(b->used & 1u << i))
			continue;
		pthread_mutex_lock(&p->tx_lock);
		if (p->open && !p->dead)
			publish(p);
		pthread_mutex_unlock(&p->tx_lock);
		if (p->dead)
			bury(d, p);
	}
	b->marked = (b->used || d->tap_down) && is_mark_due(d);
	if (b->marked)
		pair_mark(d->own, b->mark);
}

void net_direct_tap(struct net_direct *d, bool down)
{
	d->tap_down = down;
}

/* --- receiving --- */

/* Under rx_lock. */
static uint8_t *take(struct net_direct *d, struct peer *p, struct stage *s,
		     const struct stage_room *room, size_t *ret_len)
{
	struct net_pair_slot slot;
	uint8_t *data = NULL;
	int ret = pair_next(&p->rx, &slot);

	if (ret > 0) {
		*ret_len = slot.len - VNET_HLEN;
		data = stage_choose(s, room, *ret_len);
		memcpy(data - VNET_HLEN, p->rx.shared->area + slot.off, slot.len);
		pair_done(&p->rx);
	} else if (ret < 0) {
		distrust(d, p, "index or slot");
	} else if (p->hung_up) {
		p->dead = true;
	}
	return data;
}

uint8_t *net_direct_take(struct net_direct *d, struct stage *s, const struct stage_room *room,
			 size_t *ret_len)
{
	uint8_t *data = NULL;

	for (unsigned int i = 0; i < NET_PAIR_PEERS && !data; i++) {
		struct peer *p = &d->peers[d->turn++ % NET_PAIR_PEERS];

		if (!p->open)
			continue;
		pthread_mutex_lock(&p->rx_lock);
		if (p->open && !p->dead && d->tap_down)
			pair_skip(&p->rx);
		if (p->open && !p->dead)
			data = take(d, p, s, room, ret_len);
		pthread_mutex_unlock(&p->rx_lock);
		if (p->dead)
			bury(d, p);
	}
	return data;
}

unsigned int net_direct_skip(struct net_direct *d)
{
	unsigned int nr = 0;

	for (unsigned int i = 0; i < NET_PAIR_PEERS; i++) {
		struct peer *p = &d->peers[i];
		int ret = 0;

		if (!p->open)
			continue;
		pthread_mutex_lock(&p->rx_lock);
		if (p->open && !p->dead)
			ret = pair_skip(&p->rx);
		pthread_mutex_unlock(&p->rx_lock);
		nr += ret > 0 ? (unsigned int)ret : 0; /* what is wrong is told when it is taken */
	}
	return nr;
}

int net_direct_fd(const struct net_direct *d)
{
	return d ? d->epoll : -1;
}

bool net_direct_arm(struct net_direct *d)
{
	bool waiting = false;

	for (unsigned int i = 0; d && i < NET_PAIR_PEERS; i++) {
		struct peer *p = &d->peers[i];

		if (!p->open)
			continue;
		pthread_mutex_lock(&p->rx_lock);
		if (p->open && !p->dead) {
			pair_doze(&p->rx);
			waiting |= pair_waiting(&p->rx) != 0 || p->hung_up;
		}
		pthread_mutex_unlock(&p->rx_lock);
	}
	return waiting;
}

/* Under rx_lock. @all is read at once: more bytes than wake-ups are somebody's nonsense. */
static void hear(struct net_direct *d, struct peer *p)
{
	char all[64];

	ssize_t got = recv(p->sock, all, sizeof(all), MSG_DONTWAIT);

	if (got > 0 || (got < 0 && errno == EAGAIN))
		return;
	p->hung_up = true;
	p->mac = 0;
	epoll_ctl(d->epoll, EPOLL_CTL_DEL, p->sock, NULL);
}

void net_direct_woken(struct net_direct *d)
{
	struct epoll_event events[NET_PAIR_PEERS];
	int nr = d ? epoll_wait(d->epoll, events, NET_PAIR_PEERS, 0) : 0;

	for (int i = 0; i < nr; i++) {
		struct peer *p = &d->peers[events[i].data.u32];

		pthread_mutex_lock(&p->rx_lock);
		if (p->open)
			hear(d, p);
		pthread_mutex_unlock(&p->rx_lock);
	}
	for (unsigned int i = 0; d && i < NET_PAIR_PEERS; i++) {
		struct peer *p = &d->peers[i];

		if (!p->open)
			continue;
		pthread_mutex_lock(&p->rx_lock);
		if (p->open)
			pair_rouse(&p->rx);
		pthread_mutex_unlock(&p->rx_lock);
	}
}
