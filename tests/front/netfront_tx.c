// SPDX-License-Identifier: GPL-2.0-or-later
/* A network frontend: what the guest sends. See netfront.h. */
#include <errno.h>
#include <string.h>

#include "netfront.h"

unsigned int netfront_tx_room(const struct netfront *nf)
{
	return NETFRONT_SLOTS - (nf->tx.req_prod - nf->tx.rsp_cons);
}

int netfront_tx_id(struct netfront *nf, uint16_t *ret_id)
{
	if (!nf->tx.nr_free)
		return -ENOSPC;
	*ret_id = nf->tx.free_ids[--nf->tx.nr_free];
	return 0;
}

void netfront_tx_give_back(struct netfront *nf, uint16_t id)
{
	if (id < NETFRONT_SLOTS && nf->tx.nr_free < NETFRONT_SLOTS)
		nf->tx.free_ids[nf->tx.nr_free++] = id;
}

void netfront_tx_put(struct netfront *nf, const union netfront_tx_slot *slot, bool extra)
{
	struct netfront_tx *tx = &nf->tx;

	tx->sring->ring[tx->req_prod++ % NETFRONT_SLOTS].req = slot->req;
	tx->submitted++;
	if (extra)
		tx->extras_waiting++;
	else
		tx->waiting[slot->req.id]++;
}

void netfront_tx_push(struct netfront *nf)
{
	netif_tx_sring_t *s = nf->tx.sring;
	uint32_t old = s->req_prod, new = nf->tx.req_prod;

	if (old == new)
		return;
	__atomic_store_n(&s->req_prod, new, __ATOMIC_RELEASE);
	/* Pairs with the backend's barrier between req_event and its last look. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (new - __atomic_load_n(&s->req_event, __ATOMIC_RELAXED) >= new - old)
		return;
	nf->tx.notifies++;
	guest_notify(nf->events, nf->tx_port);
}

static void put_extra(struct netfront *nf, const struct netfront_frame *f)
{
	union netfront_tx_slot slot;

	memset(&slot, 0, sizeof(slot));
	slot.extra.type = XEN_NETIF_EXTRA_TYPE_GSO;
	slot.extra.u.gso.type = f->gso_type;
	slot.extra.u.gso.size = f->gso_size;
	netfront_tx_put(nf, &slot, true);
}

/* Bytes in slot @i of the frame, of which @left are still to come. */
static uint32_t part_len(const struct netfront_frame *f, unsigned int i, uint32_t left)
{
	if (f->cuts)
		return i < f->nr_cuts ? f->cuts[i] : left;
	return left < GUEST_PAGE_SIZE ? left : GUEST_PAGE_SIZE;
}

static unsigned int parts_of(const struct netfront_frame *f)
{
	if (f->cuts)
		return f->nr_cuts + 1;
	return f->len ? (f->len + GUEST_PAGE_SIZE - 1) / GUEST_PAGE_SIZE : 1;
}

int netfront_send_ids(struct netfront *nf, const struct netfront_frame *f, const uint16_t *ids,
		      unsigned int nr_ids)
{
	uint32_t left = f->len;

	if (netfront_tx_room(nf) < nr_ids + (f->gso_size != 0))
		return -ENOSPC;
	for (unsigned int i = 0; i < nr_ids; i++) {
		uint32_t len = part_len(f, i, left);
		union netfront_tx_slot slot = {
			.req = { .gref = nf->tx.grefs[ids[i]],
				 .offset = f->cuts ? f->offset : 0,
				 .id = ids[i],
				 .size = (uint16_t)(i ? len : f->len) },
		};

		if (!i)
			slot.req.flags =
				(uint16_t)(f->flags | (f->gso_size ? NETTXF_extra_info : 0));
		if (i + 1 < nr_ids)
			slot.req.flags |= NETTXF_more_data;
		netfront_tx_put(nf, &slot, false);
		if (!i && f->gso_size)
			put_extra(nf, f);
		left -= len;
	}
	return 0;
}

int netfront_send(struct netfront *nf, const struct netfront_frame *f, uint16_t *ret_id)
{
	unsigned int nr = parts_of(f);
	uint16_t ids[NETFRONT_SLOTS];
	const uint8_t *from = f->data;
	uint32_t left = f->len;

	if (nr > nf->tx.nr_free || netfront_tx_room(nf) < nr + (f->gso_size != 0))
		return -ENOSPC;
	for (unsigned int i = 0; i < nr; i++) {
		uint32_t len = part_len(f, i, left);

		netfront_tx_id(nf, &ids[i]);
		memcpy(netfront_tx_page(nf, ids[i]) + (f->cuts ? f->offset : 0), from, len);
		from += len;
		left -= len;
	}
	if (ret_id)
		*ret_id = ids[0];
	return netfront_send_ids(nf, f, ids, nr);
}

static void take_answer(struct netfront *nf, const struct netif_tx_response *rsp)
{
	struct netfront_tx *tx = &nf->tx;

	tx->answered++;
	if (rsp->status == NETIF_RSP_NULL) {
		if (!tx->extras_waiting)
			netfront_blame(nf, "tx: an extra answered that was not there");
		else
			tx->extras_waiting--;
		return;
	}
	if (!tx->waiting[rsp->id]) {
		netfront_blame(nf, "tx: id %u answered, which nobody waits for", rsp->id);
		return;
	}
	tx->waiting[rsp->id]--;
	tx->status[rsp->id] = rsp->status;
	switch (rsp->status) {
	case NETIF_RSP_OKAY:
		tx->ok++;
		break;
	case NETIF_RSP_ERROR:
		tx->errors++;
		break;
	case NETIF_RSP_DROPPED:
		tx->dropped++;
		break;
	default:
		netfront_blame(nf, "tx: status %d", rsp->status);
	}
	netfront_tx_give_back(nf, rsp->id);
}

unsigned int netfront_tx_reap(struct netfront *nf)
{
	struct netfront_tx *tx = &nf->tx;
	uint32_t prod = __atomic_load_n(&tx->sring->rsp_prod, __ATOMIC_ACQUIRE);
	unsigned int nr = prod - tx->rsp_cons;

	if (nr > tx->req_prod - tx->rsp_cons) {
		netfront_blame(nf, "tx: %u answers to %u requests", nr,
			       tx->req_prod - tx->rsp_cons);
		return 0;
	}
	for (; tx->rsp_cons != prod; tx->rsp_cons++) {
		struct netif_tx_response rsp = tx->sring->ring[tx->rsp_cons % NETFRONT_SLOTS].rsp;

		take_answer(nf, &rsp);
	}
	return nr;
}

int netfront_tx_flush(struct netfront *nf, int timeout_ms)
{
	int64_t end = netfront_now_ms() + timeout_ms;

	netfront_tx_push(nf);
	for (;;) {
		struct netfront_packet pkt;

		netfront_tx_reap(nf);
		if (nf->fault[0])
			return -EPROTO;
		if (nf->tx.req_prod == nf->tx.rsp_cons)
			return 0;
		if (netfront_now_ms() >= end)
			return -ETIMEDOUT;
		/* What comes meanwhile is nobody's; a full ring would wake us for ever. */
		while (netfront_rx_next(nf, &pkt))
			;
		netfront_rx_post(nf);
		netfront_wait(nf, (int)(end - netfront_now_ms()));
	}
}
