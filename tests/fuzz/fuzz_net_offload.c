// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Offload both ways: whoever finishes the checksum by what the other side was
 * told gets the right one, and nothing but that field is touched.
 */
#include "net_model.h"

#include <endian.h>

#include <xen/xen.h>
#include <xen/io/netif.h>

#include "offload.h"
#include "tx_parse.h"

static struct frame frame;

/* Equal but for the two bytes at @field (SIZE_MAX: everywhere). */
static bool same_but(const uint8_t *a, const uint8_t *b, size_t len, size_t field)
{
	for (size_t i = 0; i < len; i++)
		if (a[i] != b[i] && i != field && i != field + 1)
			return false;
	return true;
}

static void check_open(const struct net_tx_pkt *pkt, const struct virtio_net_hdr *vh, uint8_t *data)
{
	size_t start = le16toh(vh->csum_start), field = start + le16toh(vh->csum_offset);
	size_t gso_size = le16toh(vh->gso_size), l4_bytes;
	struct model_headers m;

	CHECK(model_find(frame.data, frame.len, &m));
	CHECK(start == m.l4 && field == m.csum && le16toh(vh->hdr_len) == m.end);
	CHECK(same_but(data, frame.data, frame.len, field));
	l4_bytes = pkt->gso_size ? frame.len - m.l4 : m.l4_bytes;
	CHECK(m.l4 + l4_bytes <= frame.len && m.l4 + l4_bytes >= m.end);
	model_finish(data, frame.len, start, field);
	CHECK(model_l4_error(data, &m, l4_bytes, frame.len - m.l4) == 0);
	if (vh->gso_type == VIRTIO_NET_HDR_GSO_NONE) {
		CHECK(gso_size == 0 && (!pkt->gso_size || frame.len - m.end <= pkt->gso_size));
		return;
	}
	CHECK(m.tcp && gso_size == pkt->gso_size && gso_size > 0 && frame.len - m.end > gso_size);
	CHECK(vh->gso_type == (m.v6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4));
	CHECK(pkt->gso_type == (m.v6 ? XEN_NETIF_GSO_TYPE_TCPV6 : XEN_NETIF_GSO_TYPE_TCPV4));
}

/* A frame with padding behind its packet. */
static void check_finished(const struct virtio_net_hdr *vh, const uint8_t *data)
{
	struct model_headers m;

	CHECK(model_find(frame.data, frame.len, &m) && m.l4 + m.l4_bytes < frame.len);
	CHECK(vh->gso_type == VIRTIO_NET_HDR_GSO_NONE && le16toh(vh->hdr_len) <= frame.len);
	CHECK(same_but(data, frame.data, frame.len, m.csum));
	CHECK(model_l4_error(data, &m, m.l4_bytes, m.l4_bytes) == 0);
}

static void guest_to_tap(struct fuzz *f)
{
	uint8_t bits = fuzz_u8(f);
	struct net_tx_pkt pkt = { .csum_blank = bits & 1 };
	struct virtio_net_hdr_mrg_rxbuf vh;
	uint8_t *data;
	int err;

	if (bits & 2) {
		pkt.gso_type = 1 + fuzz_below(f, 2);
		pkt.gso_size = fuzz_u16(f) | 1;
	}
	fuzz_frame(f, &frame, 65535);
	pkt.size = (uint16_t)frame.len;
	data = exact_copy(&frame);
	memset(&vh, 0xa5, sizeof(vh));
	err = net_to_vnet(&pkt, data, frame.len, &vh);
	if (err) {
		CHECK(memcmp(data, frame.data, frame.len) == 0);
	} else if (!pkt.csum_blank && !pkt.gso_size) {
		CHECK(memcmp(data, frame.data, frame.len) == 0);
		CHECK(vh.hdr.flags == 0 && vh.hdr.gso_type == VIRTIO_NET_HDR_GSO_NONE);
		CHECK(le16toh(vh.hdr.hdr_len) <= frame.len);
	} else if (!vh.hdr.flags) {
		check_finished(&vh.hdr, data);
	} else {
		CHECK(vh.hdr.flags == VIRTIO_NET_HDR_F_NEEDS_CSUM && vh.num_buffers == 0);
		check_open(&pkt, &vh.hdr, data);
	}
	free(data);
}

/* What a tap says, mostly near the truth. */
static void any_vnet(struct fuzz *f, struct virtio_net_hdr_mrg_rxbuf *vh)
{
	static const uint8_t gso[] = { VIRTIO_NET_HDR_GSO_NONE, VIRTIO_NET_HDR_GSO_TCPV4,
				       VIRTIO_NET_HDR_GSO_TCPV6, VIRTIO_NET_HDR_GSO_UDP };
	struct model_headers m;
	uint8_t bits = fuzz_u8(f);

	memset(vh, 0, sizeof(*vh));
	if (bits & 0x80) {
		fuzz_bytes(f, vh, sizeof(*vh));
		return;
	}
	vh->hdr.flags = bits & 3;
	vh->hdr.gso_type = gso[(bits >> 2) & 3] | (bits & 0x10 ? VIRTIO_NET_HDR_GSO_ECN : 0);
	vh->hdr.gso_size = fuzz_u16(f);
	if (!(bits & 0x20) && model_find(frame.data, frame.len, &m)) {
		vh->hdr.csum_start = htole16((uint16_t)m.l4);
		vh->hdr.csum_offset = htole16((uint16_t)(m.csum - m.l4));
	} else {
		vh->hdr.csum_start = fuzz_u16(f);
		vh->hdr.csum_offset = fuzz_u8(f);
	}
}

/* The guest finishes what is blank where it finds it; the result must be that of the tap's word. */
static void check_pass(const struct virtio_net_hdr *vh, const struct net_caps *caps,
		       const struct net_rx_pkt *rx, bool finished)
{
	size_t start = le16toh(vh->csum_start), field = start + le16toh(vh->csum_offset);
	bool open = vh->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM;
	bool gso = vh->gso_type != VIRTIO_NET_HDR_GSO_NONE;
	bool valid = vh->flags & VIRTIO_NET_HDR_F_DATA_VALID;
	struct model_headers m;

	CHECK(!(rx->flags & ~(NETRXF_csum_blank | NETRXF_data_validated)));
	if (!open && !gso) {
		CHECK(!finished && memcmp(rx->data, frame.data, frame.len) == 0);
		CHECK(rx->flags == (valid ? NETRXF_data_validated : 0));
		return;
	}
	CHECK(rx->flags & NETRXF_data_validated);
	if (rx->flags & NETRXF_csum_blank) {
		CHECK(!finished && memcmp(rx->data, frame.data, frame.len) == 0);
		CHECK(model_find(rx->data, rx->len, &m) && !m.tagged);
		CHECK(start == m.l4 && field == m.csum);
		CHECK(m.v6 ? caps->csum_ipv6 : caps->csum_ipv4);
		CHECK(!gso || (caps->sg && (m.v6 ? caps->gso_tcpv6 : caps->gso_tcpv4) && m.tcp));
		CHECK(!gso || (rx->gso_size == le16toh(vh->gso_size) && rx->gso_size > 0));
		return;
	}
	CHECK(finished && !gso && field + 2 <= frame.len);
	model_finish(frame.data, frame.len, start, field);
	CHECK(memcmp(rx->data, frame.data, frame.len) == 0);
}

static void check_segment(const struct virtio_net_hdr *vh, const struct net_rx_pkt *rx)
{
	struct model_headers m;

	CHECK(model_find(frame.data, frame.len, &m) && m.tcp);
	CHECK(vh->gso_type != VIRTIO_NET_HDR_GSO_NONE && rx->gso_size == le16toh(vh->gso_size));
	CHECK(rx->gso_size > 0 && memcmp(rx->data, frame.data, frame.len) == 0);
}

static void tap_to_guest(struct fuzz *f)
{
	uint8_t bits = fuzz_u8(f);
	struct net_caps caps = {
		.sg = bits & 1,
		.gso_tcpv4 = bits & 2,
		.gso_tcpv6 = bits & 4,
		.csum_ipv4 = bits & 8,
		.csum_ipv6 = bits & 16,
	};
	struct net_rx_pkt rx = { .gso_size = 0xa5a5, .gso_type = 0xa5 };
	struct virtio_net_hdr_mrg_rxbuf vh;
	bool finished;

	fuzz_frame(f, &frame, 65535 + 22);
	any_vnet(f, &vh);
	rx.data = exact_copy(&frame);
	rx.len = (uint32_t)frame.len;
	switch (net_from_vnet(&vh, &caps, &rx, &finished)) {
	case NET_RX_PASS:
		check_pass(&vh.hdr, &caps, &rx, finished);
		CHECK((rx.gso_size != 0) == (vh.hdr.gso_type != VIRTIO_NET_HDR_GSO_NONE));
		CHECK((rx.gso_size != 0) == (rx.gso_type != XEN_NETIF_GSO_TYPE_NONE));
		break;
	case NET_RX_SEGMENT:
		check_segment(&vh.hdr, &rx);
		break;
	case NET_RX_BAD:
		CHECK(frame.len < 14 || vh.hdr.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM ||
		      vh.hdr.gso_type != VIRTIO_NET_HDR_GSO_NONE);
		CHECK(memcmp(rx.data, frame.data, frame.len) == 0);
		break;
	}
	free(rx.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size };

	if (fuzz_u8(&f) & 1)
		guest_to_tap(&f);
	else
		tap_to_guest(&f);
	return 0;
}
