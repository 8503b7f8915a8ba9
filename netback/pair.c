// SPDX-License-Identifier: GPL-2.0-or-later
/* Frames between the workers of two cards. Pure. See pair.h. */
#include "pair.h"

#include <errno.h>

#include "base/util.h"
#include "headers.h"
#include "rx_plan.h"

#define VNET_HLEN 12u
#define LINE 64u

#define TYPE_VLAN 0x8100u
#define TYPE_QINQ 0x88a8u
#define TYPE_LOOPBACK 0x9000u

int pair_refresh(struct pair_tx *tx)
{
	/* Acquire: the receiver has read what we are going to write over. Pairs with pair_done(). */
	uint32_t cons = atomic_load_explicit(&tx->shared->cons, memory_order_acquire);

	if (cons - tx->cons > tx->prod - tx->cons)
		return -EPROTO;
	tx->cons = cons;
	return 0;
}

/*
 * Where @len bytes have room, such that the frame behind the header begins a line. What is not
 * emptied lies from the oldest's start to the newest's end, perhaps around the area's end. An
 * empty area begins at its beginning again: that is in the processor's cache.
 */
static int place(const struct pair_tx *tx, uint32_t len, uint32_t *ret)
{
	const uint32_t head = LINE - VNET_HLEN;
	uint32_t at = (tx->end + LINE - 1) / LINE * LINE + head, oldest;

	if (tx->prod == tx->cons) {
		*ret = head;
		return 0;
	}
	oldest = tx->start[tx->cons % NET_PAIR_SLOTS];
	if (tx->end <= oldest) { /* around the end */
		if (at + len > oldest)
			return -ENOSPC;
	} else if (at + len > NET_PAIR_AREA) {
		at = head;
		if (at + len > oldest)
			return -ENOSPC;
	}
	*ret = at;
	return 0;
}

int pair_put(struct pair_tx *tx, const uint8_t *data, size_t len)
{
	struct net_pair_slot *slot = &tx->shared->slots[tx->prod % NET_PAIR_SLOTS];
	uint32_t at;

	if (tx->prod - tx->cons == NET_PAIR_SLOTS || place(tx, (uint32_t)len, &at))
		return -ENOSPC;
	memcpy(tx->shared->area + at, data, len);
	slot->off = at;
	slot->len = (uint32_t)len;
	tx->start[tx->prod++ % NET_PAIR_SLOTS] = at;
	tx->end = at + (uint32_t)len;
	return 0;
}

bool pair_publish(struct pair_tx *tx)
{
	/* Release: the frames are there before the index says so. Pairs with pair_waiting(). */
	atomic_store_explicit(&tx->shared->prod, tx->prod, memory_order_release);
	/*
	 * Either we see that it is about to sleep, or it sees our index: pairs with the fence
	 * of pair_doze().
	 */
	atomic_thread_fence(memory_order_seq_cst);
	if (atomic_load_explicit(&tx->shared->awake, memory_order_relaxed))
		return false;
	return !atomic_exchange_explicit(&tx->shared->awake, 1, memory_order_relaxed);
}

int pair_waiting(const struct pair_rx *rx)
{
	/* Acquire: pairs with pair_publish(). */
	uint32_t prod = atomic_load_explicit(&rx->shared->prod, memory_order_acquire);

	if (prod - rx->cons > NET_PAIR_SLOTS)
		return -EPROTO;
	return prod != rx->cons;
}

int pair_next(const struct pair_rx *rx, struct net_pair_slot *ret)
{
	const volatile struct net_pair_slot *shared = &rx->shared->slots[rx->cons % NET_PAIR_SLOTS];
	struct net_pair_slot slot;
	int waiting = pair_waiting(rx);

	if (waiting <= 0)
		return waiting;
	slot.off = shared->off;
	slot.len = shared->len;
	if (slot.len < VNET_HLEN + NET_ETH_HLEN || slot.len > VNET_HLEN + NET_RX_MAX_FRAME ||
	    slot.off > NET_PAIR_AREA - slot.len)
		return -EPROTO;
	*ret = slot;
	return 1;
}

void pair_done(struct pair_rx *rx)
{
	rx->cons++;
	/* Release: we have read it. Pairs with pair_refresh(). */
	atomic_store_explicit(&rx->shared->cons, rx->cons, memory_order_release);
}

int pair_skip(struct pair_rx *rx)
{
	uint32_t prod = atomic_load_explicit(&rx->shared->prod, memory_order_relaxed);
	uint32_t nr = prod - rx->cons;

	if (nr > NET_PAIR_SLOTS)
		return -EPROTO;
	rx->cons = prod;
	atomic_store_explicit(&rx->shared->cons, prod, memory_order_release);
	return (int)nr;
}

void pair_doze(const struct pair_rx *rx)
{
	atomic_store_explicit(&rx->shared->awake, 0, memory_order_relaxed);
	/* Before we look once more: pairs with the fence of pair_publish(). */
	atomic_thread_fence(memory_order_seq_cst);
}

void pair_rouse(const struct pair_rx *rx)
{
	atomic_store_explicit(&rx->shared->awake, 1, memory_order_relaxed);
}

/* Which VLANs a tagged frame may go to, the bridge knows; and larger ones are for it to drop. */
int pair_pick(const struct pair_view *v, const uint8_t *data, size_t len, bool large)
{
	unsigned int type = (unsigned int)data[12] << 8 | data[13];
	uint64_t to = pair_mac(data);

	if (!v->nr || pair_mac(data + 6) != v->own || type == TYPE_VLAN || type == TYPE_QINQ)
		return -1;
	for (unsigned int i = 0; i < v->nr; i++)
		if (v->to[i].mac == to)
			return large || len <= v->to[i].max_len ? (int)i : -1;
	return -1;
}

/*
 * A bridge forgets a MAC from which nothing comes, and then sends what is for it to everybody. A
 * frame of the guest's own in between would be overtaken by those that go the short way. So
 * it is one to itself, as switches send to see whether a line is looped: the bridge learns
 * from it and has nowhere to send it but where it came from, which it does not do.
 */
void pair_mark(uint64_t own, uint8_t ret[PAIR_MARK_BYTES])
{
	uint8_t *frame = ret + VNET_HLEN;

	memset(ret, 0, PAIR_MARK_BYTES);
	memcpy(frame, &own, 6);
	memcpy(frame + 6, &own, 6);
	frame[12] = TYPE_LOOPBACK >> 8;
	frame[13] = TYPE_LOOPBACK & 0xff;
}
