/* SPDX-License-Identifier: GPL-2.0-or-later */
/* offload.c in both directions, for every kind of frame. */
#include <endian.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <xen/xen.h>
#include <xen/io/netif.h>

#include "net_frames.h"
#include "offload.h"
#include "tx_parse.h"

static struct frame f;
static const struct net_caps all = { true, true, true, true, true, true };

static struct net_tx_pkt pkt_of(bool blank, uint16_t gso_size, bool v6)
{
	return (struct net_tx_pkt){
		.verdict = NET_TX_OK,
		.size = (uint16_t)f.len,
		.csum_blank = blank,
		.gso_size = gso_size,
		.gso_type = !gso_size ? 0
			    : v6      ? XEN_NETIF_GSO_TYPE_TCPV6
				      : XEN_NETIF_GSO_TYPE_TCPV4,
	};
}

static int to_vnet(bool blank, uint16_t gso_size, bool v6, struct virtio_net_hdr_mrg_rxbuf *vh)
{
	struct net_tx_pkt p = pkt_of(blank, gso_size, v6);

	return net_to_vnet(&p, f.data, f.len, vh);
}

static struct frame_spec spec(unsigned int i)
{
	return (struct frame_spec){
		.v6 = i & 1,
		.udp = i & 2,
		.tags = i % 3,
		.ip_opts = i & 8 ? 8 : 0,
		.tcp_opts = i & 4 ? 12 : 0,
		.payload = 1 + i * 61,
	};
}

static void nothing_asked_nothing_said(void **state)
{
	struct frame_spec s = { .payload = 100 };
	struct virtio_net_hdr_mrg_rxbuf vh, none = { 0 };

	make_frame(&f, &s);
	assert_int_equal(to_vnet(false, 0, false, &vh), 0);
	assert_memory_equal(&vh, &none, sizeof(vh));
	s.payload = 4096 - 54;
	make_frame(&f, &s);
	assert_int_equal(to_vnet(false, 0, false, &vh), 0);
	assert_int_equal(vh.hdr.hdr_len, 0);
	s.payload++;
	make_frame(&f, &s);
	assert_int_equal(to_vnet(false, 0, false, &vh), 0);
	assert_int_not_equal(vh.hdr.hdr_len, 0);
}

/* Whatever the guest left in the field, the kernel can finish the sum. */
static void blank_becomes_a_sum_the_kernel_finishes(void **state)
{
	struct virtio_net_hdr_mrg_rxbuf vh;
	unsigned int sum;

	for (unsigned int i = 0; i < 96; i++) {
		struct frame_spec s = spec(i);

		make_frame(&f, &s);
		put16(f.data + f.l4 + (s.udp ? 6 : 16), i * 7919);
		assert_int_equal(to_vnet(true, 0, s.v6, &vh), 0);
		assert_int_equal(vh.hdr.flags, VIRTIO_NET_HDR_F_NEEDS_CSUM);
		assert_int_equal(vh.hdr.gso_type, VIRTIO_NET_HDR_GSO_NONE);
		assert_int_equal(le16toh(vh.hdr.csum_start), f.l4);
		assert_int_equal(le16toh(vh.hdr.csum_offset), s.udp ? 6 : 16);
		assert_int_equal(le16toh(vh.hdr.hdr_len), f.body);
		sum = ~ref_sum(f.data + f.l4, f.len - f.l4, 0) & 0xffff;
		put16(f.data + f.l4 + (s.udp ? 6 : 16), sum);
		assert_int_equal(ref_l4_error(&f, s.v6, s.udp), 0);
	}
}

static void gso_with_and_without_blank(void **state)
{
	struct virtio_net_hdr_mrg_rxbuf vh;

	for (unsigned int i = 0; i < 32; i++) {
		struct frame_spec s = spec(i);

		s.udp = false;
		s.payload = 30000;
		make_frame(&f, &s);
		put16(f.data + f.l3 + (s.v6 ? 4 : 2), 0); /* length not filled in */
		assert_int_equal(to_vnet(i & 1, 1448, s.v6, &vh), 0);
		assert_int_equal(vh.hdr.flags, VIRTIO_NET_HDR_F_NEEDS_CSUM);
		assert_int_equal(vh.hdr.gso_type,
				 s.v6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4);
		assert_int_equal(le16toh(vh.hdr.gso_size), 1448);
		assert_int_equal(le16toh(vh.hdr.hdr_len), f.body);
		assert_int_equal(get16(f.data + f.l4 + 16),
				 ref_pseudo(&f, s.v6, false, f.len - f.l4));
	}
}

static void sum_of_a_header_alone(void **state)
{
	struct frame_spec s = { 0 };
	struct virtio_net_hdr_mrg_rxbuf vh;

	make_frame(&f, &s);
	assert_int_equal(to_vnet(true, 0, false, &vh), 0);
	put16(f.data + f.l3 + 2, 39); /* one byte less than its headers */
	assert_int_equal(to_vnet(true, 0, false, &vh), -EPROTO);
}

/* What is behind the packet is not in its sum, but in what a virtio_net_hdr stands for. */
static void sum_ends_where_the_packet_does(void **state)
{
	struct virtio_net_hdr_mrg_rxbuf vh, none = { 0 };

	for (unsigned int i = 0; i < 96; i++) {
		struct frame_spec s = spec(i);

		make_frame(&f, &s);
		memset(f.data + f.len, 0xa5, 20);
		f.len += 20;
		assert_int_equal(to_vnet(true, 0, s.v6, &vh), 0);
		none.hdr.hdr_len = f.len > 4096 ? vh.hdr.hdr_len : 0;
		assert_memory_equal(&vh, &none, sizeof(vh));
		f.len -= 20;
		assert_int_equal(ref_l4_error(&f, s.v6, s.udp), 0);
	}
}

static void gso_of_one_segment_is_none(void **state)
{
	struct frame_spec s = { .payload = 1448 };
	struct virtio_net_hdr_mrg_rxbuf vh;

	make_frame(&f, &s);
	assert_int_equal(to_vnet(true, 1448, false, &vh), 0);
	assert_int_equal(vh.hdr.gso_type, VIRTIO_NET_HDR_GSO_NONE);
	assert_int_equal(vh.hdr.flags, VIRTIO_NET_HDR_F_NEEDS_CSUM);
}

static void contradictions_are_refused(void **state)
{
	struct frame_spec udp = { .udp = true, .payload = 5000 }, tcp = { .payload = 5000 };
	struct virtio_net_hdr_mrg_rxbuf vh;

	make_frame(&f, &udp);
	assert_true(to_vnet(true, 1448, false, &vh) < 0);
	make_frame(&f, &tcp);
	assert_true(to_vnet(true, 1448, true, &vh) < 0);
	put16(f.data + f.l3 + 2, 0xffff); /* longer than the frame */
	assert_true(to_vnet(true, 0, false, &vh) < 0);
	put16(f.data + f.l3 + 2, 25); /* shorter than the TCP header */
	assert_true(to_vnet(true, 0, false, &vh) < 0);
	put16(f.data + 12, 0x0806); /* ARP */
	assert_true(to_vnet(true, 0, false, &vh) < 0);
	assert_int_equal(to_vnet(false, 0, false, &vh), 0);
}

/* A frame as the kernel hands it over: sum open, pseudo header's in place. */
static struct virtio_net_hdr_mrg_rxbuf open_frame(const struct frame_spec *s, uint16_t gso_size)
{
	struct virtio_net_hdr_mrg_rxbuf vh = { 0 };
	unsigned int off = s->udp ? 6 : 16;

	make_frame(&f, s);
	put16(f.data + f.l4 + off, ref_pseudo(&f, s->v6, s->udp, f.len - f.l4));
	vh.hdr.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	vh.hdr.csum_start = htole16((uint16_t)f.l4);
	vh.hdr.csum_offset = htole16((uint16_t)off);
	if (gso_size)
		vh.hdr.gso_type = s->v6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4;
	vh.hdr.gso_size = htole16(gso_size);
	return vh;
}

static enum net_rx_verdict from_vnet(const struct virtio_net_hdr_mrg_rxbuf *vh,
				     const struct net_caps *caps, struct net_rx_pkt *rx,
				     bool *finished)
{
	memset(rx, 0x5a, sizeof(*rx)); /* of a frame before */
	rx->data = f.data;
	rx->len = (uint32_t)f.len;
	return net_from_vnet(vh, caps, rx, finished);
}

/* Untagged and taken by the guest: left open. Everything else: complete. */
static void open_sum_reaches_the_guest_open_or_right(void **state)
{
	struct virtio_net_hdr_mrg_rxbuf vh;
	struct net_rx_pkt rx;
	bool finished, blank;

	for (unsigned int i = 0; i < 96; i++) {
		for (unsigned int c = 0; c < 4; c++) {
			struct net_caps caps = all;
			struct frame_spec s = spec(i);

			caps.csum_ipv4 = c & 1;
			caps.csum_ipv6 = c & 2;
			vh = open_frame(&s, 0);
			assert_int_equal(from_vnet(&vh, &caps, &rx, &finished), NET_RX_PASS);
			blank = !s.tags && (s.v6 ? caps.csum_ipv6 : caps.csum_ipv4);
			assert_int_equal(rx.flags,
					 NETRXF_data_validated | (blank ? NETRXF_csum_blank : 0));
			assert_int_equal(finished, !blank);
			if (!blank)
				assert_int_equal(ref_l4_error(&f, s.v6, s.udp), 0);
		}
	}
}

/* A tunnel: the open sum is that of an inner packet, here of the UDP payload. */
static void inner_sum_is_completed(void **state)
{
	struct frame_spec s = { .udp = true, .payload = 600 };
	struct virtio_net_hdr_mrg_rxbuf vh = open_frame(&s, 0);
	size_t inner = f.body + 50;
	struct net_rx_pkt rx;
	bool finished;

	put16(f.data + inner + 16, 0x1111);
	vh.hdr.csum_start = htole16((uint16_t)inner);
	vh.hdr.csum_offset = htole16(16);
	assert_int_equal(from_vnet(&vh, &all, &rx, &finished), NET_RX_PASS);
	assert_true(finished);
	assert_int_equal(rx.flags, NETRXF_data_validated);
	/* sum + its inverse + the 0x1111 that stood in the field */
	assert_int_equal(ref_sum(f.data + inner, f.len - inner, 0x1111), 0xffff);
}

static void gso_towards_the_guest(void **state)
{
	struct virtio_net_hdr_mrg_rxbuf vh;
	struct net_rx_pkt rx;
	bool finished;

	for (unsigned int i = 0; i < 48; i++) {
		struct net_caps caps = all;
		struct frame_spec s = spec(i);

		s.udp = false;
		s.payload = 20000;
		caps.gso_tcpv4 = !(i & 16);
		caps.gso_tcpv6 = !(i & 32);
		vh = open_frame(&s, 1400);
		if (i & 4)
			vh.hdr.gso_type |= VIRTIO_NET_HDR_GSO_ECN;
		if (s.tags || !(s.v6 ? caps.gso_tcpv6 : caps.gso_tcpv4)) {
			assert_int_equal(from_vnet(&vh, &caps, &rx, &finished), NET_RX_SEGMENT);
		} else {
			assert_int_equal(from_vnet(&vh, &caps, &rx, &finished), NET_RX_PASS);
			assert_int_equal(rx.flags, NETRXF_csum_blank | NETRXF_data_validated);
			assert_int_equal(rx.gso_type, s.v6 ? XEN_NETIF_GSO_TYPE_TCPV6
							   : XEN_NETIF_GSO_TYPE_TCPV4);
		}
		assert_int_equal(rx.gso_size, 1400);
	}
}

static void validated_and_plain(void **state)
{
	struct frame_spec s = { .payload = 10 };
	struct virtio_net_hdr_mrg_rxbuf vh = { 0 };
	struct net_rx_pkt rx;
	bool finished;

	make_frame(&f, &s);
	assert_int_equal(from_vnet(&vh, &all, &rx, &finished), NET_RX_PASS);
	assert_int_equal(rx.flags, 0);
	assert_int_equal(rx.gso_size, 0);
	assert_int_equal(rx.gso_type, XEN_NETIF_GSO_TYPE_NONE);
	f.len = 14;
	assert_int_equal(from_vnet(&vh, &all, &rx, &finished), NET_RX_PASS);
	vh.hdr.flags = VIRTIO_NET_HDR_F_DATA_VALID;
	assert_int_equal(from_vnet(&vh, &all, &rx, &finished), NET_RX_PASS);
	assert_int_equal(rx.flags, NETRXF_data_validated);
}

static void headers_beyond_the_frame(void **state)
{
	struct frame_spec s = { .payload = 10 };
	struct virtio_net_hdr_mrg_rxbuf vh = open_frame(&s, 0);
	struct net_rx_pkt rx;
	bool finished;

	vh.hdr.csum_start = htole16((uint16_t)(f.len - 1));
	vh.hdr.csum_offset = htole16(0);
	assert_int_equal(from_vnet(&vh, &all, &rx, &finished), NET_RX_BAD);
	vh = open_frame(&s, 0);
	vh.hdr.gso_type = VIRTIO_NET_HDR_GSO_UDP;
	vh.hdr.gso_size = htole16(100);
	assert_int_equal(from_vnet(&vh, &all, &rx, &finished), NET_RX_BAD);
	f.len = 13;
	vh = (struct virtio_net_hdr_mrg_rxbuf){ 0 };
	assert_int_equal(from_vnet(&vh, &all, &rx, &finished), NET_RX_BAD);
}

/* The tap is the kernel's, but what it says is judged like all else. */
static void gso_that_contradicts_its_frame_is_refused(void **state)
{
	struct frame_spec s = { .payload = 3000 };
	struct virtio_net_hdr_mrg_rxbuf vh = open_frame(&s, 0);
	struct net_rx_pkt rx;
	bool finished;

	vh.hdr.gso_type = VIRTIO_NET_HDR_GSO_TCPV4; /* of size 0 */
	assert_int_equal(from_vnet(&vh, &all, &rx, &finished), NET_RX_BAD);
	vh = open_frame(&s, 1400);
	vh.hdr.gso_type = VIRTIO_NET_HDR_GSO_TCPV6;
	assert_int_equal(from_vnet(&vh, &all, &rx, &finished), NET_RX_BAD);
	vh = open_frame(&s, 1400);
	vh.hdr.flags = 0; /* segments need their sums open */
	assert_int_equal(from_vnet(&vh, &all, &rx, &finished), NET_RX_BAD);
	vh = open_frame(&s, 1400);
	put16(f.data + 12, 0x0806); /* ARP */
	assert_int_equal(from_vnet(&vh, &all, &rx, &finished), NET_RX_BAD);
	s.udp = true;
	vh = open_frame(&s, 1400);
	assert_int_equal(from_vnet(&vh, &all, &rx, &finished), NET_RX_BAD);
}

static void large_frame_is_cut_up_for_a_guest_without_chains(void **state)
{
	struct frame_spec s = { .payload = 3000 };
	struct virtio_net_hdr_mrg_rxbuf vh = open_frame(&s, 1400);
	struct net_caps caps = all;
	struct net_rx_pkt rx;
	bool finished;

	caps.sg = false;
	assert_int_equal(from_vnet(&vh, &caps, &rx, &finished), NET_RX_SEGMENT);
	assert_int_equal(rx.gso_size, 1400);
	caps = all;
	caps.csum_ipv4 = false;
	assert_int_equal(from_vnet(&vh, &caps, &rx, &finished), NET_RX_SEGMENT);
}

static void open_sum_in_an_unusual_place_is_completed_there(void **state)
{
	struct frame_spec s = { .payload = 200 };
	struct virtio_net_hdr_mrg_rxbuf vh = open_frame(&s, 0);
	struct net_rx_pkt rx;
	bool finished;
	size_t at;

	vh.hdr.csum_offset = htole16(18); /* where TCP has its urgent pointer */
	assert_int_equal(from_vnet(&vh, &all, &rx, &finished), NET_RX_PASS);
	assert_true(finished);
	assert_int_equal(ref_sum(f.data + f.l4, f.len - f.l4, 0), 0xffff);

	make_frame(&f, &s);
	put16(f.data + 12, 0x88b5); /* an ethertype nobody knows */
	at = f.len - 40;
	vh.hdr.csum_start = htole16((uint16_t)at);
	vh.hdr.csum_offset = htole16(38); /* the last two bytes */
	put16(f.data + f.len - 2, 0);
	assert_int_equal(from_vnet(&vh, &all, &rx, &finished), NET_RX_PASS);
	assert_true(finished);
	assert_int_equal(ref_sum(f.data + at, 40, 0), 0xffff);
	vh.hdr.csum_offset = htole16(39);
	assert_int_equal(from_vnet(&vh, &all, &rx, &finished), NET_RX_BAD);
	vh.hdr.csum_start = htole16(UINT16_MAX);
	vh.hdr.csum_offset = htole16(UINT16_MAX);
	assert_int_equal(from_vnet(&vh, &all, &rx, &finished), NET_RX_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_asked_nothing_said),
		cmocka_unit_test(blank_becomes_a_sum_the_kernel_finishes),
		cmocka_unit_test(gso_with_and_without_blank),
		cmocka_unit_test(sum_of_a_header_alone),
		cmocka_unit_test(sum_ends_where_the_packet_does),
		cmocka_unit_test(gso_of_one_segment_is_none),
		cmocka_unit_test(contradictions_are_refused),
		cmocka_unit_test(open_sum_reaches_the_guest_open_or_right),
		cmocka_unit_test(inner_sum_is_completed),
		cmocka_unit_test(gso_towards_the_guest),
		cmocka_unit_test(validated_and_plain),
		cmocka_unit_test(headers_beyond_the_frame),
		cmocka_unit_test(gso_that_contradicts_its_frame_is_refused),
		cmocka_unit_test(large_frame_is_cut_up_for_a_guest_without_chains),
		cmocka_unit_test(open_sum_in_an_unusual_place_is_completed_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
