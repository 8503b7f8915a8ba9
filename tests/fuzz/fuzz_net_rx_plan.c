// SPDX-License-Identifier: GPL-2.0-or-later
/* A plan's responses, read as a frontend reads them, give the frame back. */
#include "fuzz.h"

#include <errno.h>

#include "net_conf.h"
#include "rx_plan.h"

/* Each kind once: a bit in *seen. */
static void check_extra(const struct net_rx_pkt *rx, const struct netif_extra_info *x,
			unsigned int *seen)
{
	unsigned int bit = 4;

	CHECK(x->flags == 0 || x->flags == XEN_NETIF_EXTRA_FLAG_MORE);
	if (x->type == XEN_NETIF_EXTRA_TYPE_GSO) {
		CHECK(x->u.gso.size == rx->gso_size && x->u.gso.type == rx->gso_type);
		bit = 1;
	} else if (x->type == NET_EXTRA_TYPE_XDP) {
		CHECK(x->u.pad[0] == rx->headroom);
		bit = 2;
	} else {
		CHECK(x->type == XEN_NETIF_EXTRA_TYPE_HASH && x->u.hash.type == rx->hash.type);
		CHECK(memcmp(x->u.hash.value, &rx->hash.value, 4) == 0);
	}
	CHECK(!(*seen & bit));
	*seen |= bit;
}

static void check_slots(const struct net_rx_pkt *rx, const struct net_rx_plan *plan,
			unsigned int bad)
{
	bool more = true, extra = false;
	unsigned int seen = 0;
	uint32_t at = 0;

	for (unsigned int i = 0; i < plan->nr_slots; i++) {
		bool ok = i != bad;
		union net_rx_slot slot;
		uint32_t len;

		memset(&slot, 0xa5, sizeof(slot));
		net_rx_response(rx, plan, i, (uint16_t)(0x4000 + i), ok, &slot);
		CHECK(net_rx_is_extra(plan, i) == extra);
		if (extra) {
			check_extra(rx, &slot.extra, &seen);
			extra = slot.extra.flags;
			continue;
		}
		CHECK(more);
		len = net_rx_slot_len(rx, plan, i);
		CHECK(len > 0 && len <= 4096 && net_rx_slot_off(plan, i) == at);
		CHECK(slot.rsp.id == 0x4000 + i && slot.rsp.offset == (i ? 0 : rx->headroom));
		CHECK(slot.rsp.offset + len <= 4096);
		CHECK(slot.rsp.status == (ok ? (int16_t)len : NETIF_RSP_ERROR));
		CHECK(i == 0 || !(slot.rsp.flags & NETRXF_extra_info));
		extra = slot.rsp.flags & NETRXF_extra_info;
		more = slot.rsp.flags & NETRXF_more_data;
		at += len;
	}
	CHECK(!more && !extra && at == rx->len);
	CHECK(seen == (rx->gso_size > 0) + 2 * (rx->headroom > 0) + 4 * rx->hashed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size };
	uint8_t bits = fuzz_u8(&f);
	struct net_rx_pkt rx = {
		.len = bits & 1 ? fuzz_u32(&f) : fuzz_u16(&f),
		.flags = bits & 3,
		.gso_size = bits & 4 ? fuzz_u16(&f) : 0,
	};
	struct net_rx_plan plan;
	int err;

	rx.headroom = bits & 16 ? fuzz_u16(&f) % (NET_MAX_HEADROOM + 1) : 0;
	rx.hashed = bits & 32;
	rx.hash = (struct net_hashed){ .type = bits & 3, .value = fuzz_u32(&f) };
	rx.len += !rx.len; /* a frame has a header at least */
	rx.gso_type = rx.gso_size ? XEN_NETIF_GSO_TYPE_TCPV4 : XEN_NETIF_GSO_TYPE_NONE;
	err = net_rx_plan(&rx, bits & 8, &plan);
	CHECK(err == 0 || err == -E2BIG);
	CHECK((err == 0) ==
	      (rx.len <= NET_RX_MAX_FRAME && (rx.headroom + rx.len <= 4096 || bits & 8)));
	if (err)
		return 0;
	CHECK(plan.nr_slots <= NET_RX_MAX_SLOTS);
	check_slots(&rx, &plan, fuzz_u8(&f));
	return 0;
}
