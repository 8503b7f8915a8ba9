// SPDX-License-Identifier: GPL-2.0-or-later
/* A network frontend: what the guest receives. See netfront.h. */
#include <string.h>

#include "netfront.h"

void netfront_rx_post(struct netfront *nf)
{
	struct netfront_rx *rx = &nf->rx;
	uint32_t old = rx->sring->req_prod;

	while (rx->req_prod - rx->rsp_cons < rx->target) {
		unsigned int place = rx->req_prod % NETFRONT_SLOTS;

		/* Ids that are no index, so that one is not mistaken for the other. */
		rx->ids[place] = rx->next_id++;
		rx->sring->ring[place].req = (struct netif_rx_request){
			.id = rx->ids[place],
			.gref = rx->grefs[place],
		};
		rx->req_prod++;
		rx->posted++;
	}
	if (rx->req_prod == old)
		return;
	__atomic_store_n(&rx->sring->req_prod, rx->req_prod, __ATOMIC_RELEASE);
	/* Pairs with the backend's barrier between req_event and its last look. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!nf->conf.rx_notify ||
	    rx->req_prod - __atomic_load_n(&rx->sring->req_event, __ATOMIC_RELAXED) >=
		    rx->req_prod - old)
		return;
	rx->notifies++;
	guest_notify(nf->events, nf->rx_port);
}

static union netif_rx_sring_entry *next_entry(struct netfront *nf)
{
	return &nf->rx.sring->ring[nf->rx.rsp_cons % NETFRONT_SLOTS];
}

static void judge_gso(struct netfront *nf, const struct netif_extra_info *x,
		      struct netfront_packet *pkt)
{
	if (pkt->gso_size)
		netfront_blame(nf, "rx: two GSO extras");
	pkt->gso_type = x->u.gso.type;
	pkt->gso_size = x->u.gso.size;
	if (!pkt->gso_size)
		netfront_blame(nf, "rx: GSO of size 0");
	if (x->u.gso.features || x->u.gso.pad)
		netfront_blame(nf, "rx: GSO extra with features or padding set");
	if (!(pkt->gso_type == XEN_NETIF_GSO_TYPE_TCPV4 && nf->conf.gso_tcpv4) &&
	    !(pkt->gso_type == XEN_NETIF_GSO_TYPE_TCPV6 && nf->conf.gso_tcpv6))
		netfront_blame(nf, "rx: GSO type %u was not agreed upon", pkt->gso_type);
}

static void judge_hash(struct netfront *nf, const struct netif_extra_info *x,
		       struct netfront_packet *pkt)
{
	if (!nf->ctrl.expect_hash || pkt->hashed)
		netfront_blame(nf, "rx: an extra with a hash was not agreed upon");
	if (x->u.hash.algorithm != XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ)
		netfront_blame(nf, "rx: hash of algorithm %u", x->u.hash.algorithm);
	pkt->hashed = true;
	pkt->hash_type = x->u.hash.type;
	for (unsigned int i = 4; i > 0; i--)
		pkt->hash = pkt->hash << 8 | x->u.hash.value[i - 1];
}

/* Type 5: Linux, include/xen/interface/io/netif.h; two bytes, and four of padding. */
static void judge_headroom(struct netfront *nf, const struct netif_extra_info *x,
			   struct netfront_packet *pkt)
{
	if (!nf->ctrl.headroom || pkt->headroom)
		netfront_blame(nf, "rx: an extra with headroom was not agreed upon");
	pkt->headroom = x->u.pad[0];
	if (!pkt->headroom || x->u.pad[1] || x->u.pad[2])
		netfront_blame(nf, "rx: an extra with %u bytes of headroom", pkt->headroom);
}

static void judge_extra(struct netfront *nf, const struct netif_extra_info *x,
			struct netfront_packet *pkt)
{
	switch (x->type) {
	case XEN_NETIF_EXTRA_TYPE_GSO:
		judge_gso(nf, x, pkt);
		break;
	case XEN_NETIF_EXTRA_TYPE_HASH:
		judge_hash(nf, x, pkt);
		break;
	case 5:
		judge_headroom(nf, x, pkt);
		break;
	default:
		netfront_blame(nf, "rx: extra of type %u", x->type);
	}
}

static void judge_first(struct netfront *nf, uint16_t flags, struct netfront_packet *pkt)
{
	const uint16_t known =
		NETRXF_csum_blank | NETRXF_data_validated | NETRXF_more_data | NETRXF_extra_info;

	if (flags & ~known)
		netfront_blame(nf, "rx: unknown flags %#x", flags);
	pkt->flags = flags & (NETRXF_csum_blank | NETRXF_data_validated);
	/* Windows asserts it (xenvif, receiver.c). */
	if ((flags & NETRXF_csum_blank) && !(flags & NETRXF_data_validated))
		netfront_blame(nf, "rx: blank checksum without data_validated");
}

/* Takes one slot of data: its flags, or 0 with a fault. */
static uint16_t take_data(struct netfront *nf, struct netfront_packet *pkt)
{
	struct netfront_rx *rx = &nf->rx;
	struct netif_rx_response rsp = next_entry(nf)->rsp;
	unsigned int place = rx->rsp_cons++ % NETFRONT_SLOTS;

	rx->answered++;
	pkt->nr_slots++;
	if (rsp.id != rx->ids[place])
		netfront_blame(nf, "rx: id %u stands where %u was asked", rsp.id, rx->ids[place]);
	if (rsp.status < 0) {
		pkt->lost = true;
		return rsp.flags;
	}
	if (!rsp.status || rsp.offset + (unsigned int)rsp.status > GUEST_PAGE_SIZE)
		netfront_blame(nf, "rx: %d bytes at %u of a page", rsp.status, rsp.offset);
	if (pkt->nr_parts == NETFRONT_PARTS) {
		netfront_blame(nf, "rx: more than %u slots of data", NETFRONT_PARTS);
		return 0;
	}
	pkt->parts[pkt->nr_parts].data = rx->pages + (size_t)place * GUEST_PAGE_SIZE + rsp.offset;
	pkt->parts[pkt->nr_parts++].len = (uint16_t)rsp.status;
	pkt->len += (uint16_t)rsp.status;
	return rsp.flags;
}

/* A packet is never cut by the producer index: Windows and Linux rely on it. */
static bool at_hand(struct netfront *nf, uint32_t prod)
{
	if (nf->rx.rsp_cons != prod)
		return true;
	netfront_blame(nf, "rx: a packet whose end is not there yet");
	return false;
}

static void take_packet(struct netfront *nf, uint32_t prod, struct netfront_packet *pkt)
{
	uint16_t flags = take_data(nf, pkt);
	bool extra = flags & NETRXF_extra_info;

	judge_first(nf, flags, pkt);
	while (extra && at_hand(nf, prod)) {
		struct netif_extra_info x;

		memcpy(&x, next_entry(nf), sizeof(x));
		nf->rx.rsp_cons++;
		nf->rx.answered++;
		pkt->nr_slots++;
		judge_extra(nf, &x, pkt);
		extra = x.flags & XEN_NETIF_EXTRA_FLAG_MORE;
	}
	if ((flags & NETRXF_more_data) && !nf->conf.sg)
		netfront_blame(nf, "rx: several slots without feature-sg");
	while ((flags & NETRXF_more_data) && at_hand(nf, prod)) {
		flags = take_data(nf, pkt);
		if (flags & ~NETRXF_more_data)
			netfront_blame(nf, "rx: flags %#x in a later slot", flags);
	}
}

static void judge_packet(struct netfront *nf, const struct netfront_packet *pkt)
{
	const uint8_t *data = pkt->nr_parts ? pkt->parts[0].data : NULL;
	bool ipv6;

	if (pkt->lost) {
		nf->rx.errors++;
		return;
	}
	nf->rx.packets++;
	nf->rx.bytes += pkt->len;
	if (!data || pkt->parts[0].len < 14) {
		netfront_blame(nf, "rx: %u bytes in the first slot", data ? pkt->parts[0].len : 0);
		return;
	}
	ipv6 = data[12] == 0x86 && data[13] == 0xdd;
	if ((pkt->flags & NETRXF_csum_blank) && (ipv6 ? !nf->conf.csum_ipv6 : nf->conf.no_csum))
		netfront_blame(nf, "rx: blank checksum of IPv%c was not agreed upon",
			       ipv6 ? '6' : '4');
	if (pkt->gso_size && !(pkt->flags & NETRXF_csum_blank))
		netfront_blame(nf, "rx: GSO without a blank checksum");
	if (pkt->nr_parts > 18)
		netfront_blame(nf, "rx: %u slots of data, Linux takes 18", pkt->nr_parts);
}

int netfront_rx_next(struct netfront *nf, struct netfront_packet *pkt)
{
	struct netfront_rx *rx = &nf->rx;
	uint32_t prod = __atomic_load_n(&rx->sring->rsp_prod, __ATOMIC_ACQUIRE);

	if (prod - rx->rsp_cons > rx->req_prod - rx->rsp_cons) {
		netfront_blame(nf, "rx: %u answers to %u requests", prod - rx->rsp_cons,
			       rx->req_prod - rx->rsp_cons);
		return 0;
	}
	if (prod == rx->rsp_cons)
		return 0;
	*pkt = (struct netfront_packet){ 0 };
	take_packet(nf, prod, pkt);
	judge_packet(nf, pkt);
	return 1;
}

uint32_t netfront_linear(const struct netfront_packet *pkt, void *buf, uint32_t size)
{
	uint8_t *to = buf;
	uint32_t done = 0;

	for (unsigned int i = 0; i < pkt->nr_parts && done < size; i++) {
		uint32_t len = pkt->parts[i].len;

		len = len > size - done ? size - done : len;
		memcpy(to + done, pkt->parts[i].data, len);
		done += len;
	}
	return done;
}
