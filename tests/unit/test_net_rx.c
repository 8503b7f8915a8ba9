/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rx.c against a frontend made with the macros of xen/io/ring.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/util.h"
#include "control.h"
#include "net_fake_grants.h"
#include "net_frames.h"
#include "rx.h"

#define VNET 12

static struct net_control control;
static const struct net_card card = {
	.control = &control,
	.dev = "vif/1/0",
	.conf = { .domid = 1,
		  .sg = true,
		  .gso_tcpv4 = true,
		  .gso_tcpv6 = true,
		  .csum_ipv4 = true,
		  .csum_ipv6 = true,
		  .rx_notify = true },
};
static uint8_t page[4096] __attribute__((aligned(4096)));
static netif_rx_front_ring_t front;
static struct net_rx *rx;
static struct tapio *io;
static int pair[2];
static struct frame f, seen;
static bool notify;
static unsigned int gso_seen;

static int set_up(void **state)
{
	int size = 8 << 20;

	fake_run_error = 0;
	fake_runs = 0;
	memset(page, 0, sizeof(page));
	SHARED_RING_INIT((netif_rx_sring_t *)page);
	FRONT_RING_INIT(&front, (netif_rx_sring_t *)page, 4096);
	rx = calloc(1, sizeof(*rx));
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair))
		return -1;
	setsockopt(pair[1], SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	if (tapio_new(pair[0], false, &io))
		return -1;
	return net_rx_init(rx, &card, page, io, NULL);
}

static int tear_down(void **state)
{
	net_rx_fini(rx);
	free(rx);
	tapio_free(io);
	close(pair[0]);
	close(pair[1]);
	return 0;
}

/* Buffer i of the ring is page i. */
static void post(unsigned int nr)
{
	int ignored;

	for (unsigned int i = 0; i < nr; i++, front.req_prod_pvt++)
		*RING_GET_REQUEST(&front, front.req_prod_pvt) = (netif_rx_request_t){
			.id = (uint16_t)(front.req_prod_pvt & 255),
			.gref = front.req_prod_pvt & 255,
		};
	RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&front, ignored);
	(void)ignored;
}

static void send_frame(unsigned int payload, uint16_t gso_size, unsigned int tags)
{
	struct frame_spec s = { .payload = payload, .tags = tags };
	struct virtio_net_hdr_mrg_rxbuf vh = { 0 };
	uint8_t buf[70000];

	make_frame(&f, &s);
	if (gso_size) {
		vh.hdr.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		vh.hdr.gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
		vh.hdr.gso_size = gso_size;
		vh.hdr.csum_start = (uint16_t)f.l4;
		vh.hdr.csum_offset = 16;
	}
	memcpy(buf, &vh, VNET);
	memcpy(buf + VNET, f.data, f.len);
	assert_int_equal(write(pair[1], buf, VNET + f.len), VNET + f.len);
}

static int run(void)
{
	rx->tap_ready = true;
	tapio_reset(io);
	return net_rx_run(rx, &notify);
}

/* Put one packet together as netfront does; false if none is there. */
static bool receive(void)
{
	netif_rx_response_t *rsp;
	bool more, first = true;

	if (front.rsp_cons == front.sring->rsp_prod)
		return false;
	seen.len = 0;
	gso_seen = 0;
	do {
		rsp = RING_GET_RESPONSE(&front, front.rsp_cons);
		assert_true(front.rsp_cons != front.sring->rsp_prod);
		assert_int_equal(rsp->id, front.rsp_cons & 255);
		assert_true(rsp->status > 0);
		memcpy(seen.data + seen.len, fake_pages[front.rsp_cons & 255], (size_t)rsp->status);
		seen.len += (size_t)rsp->status;
		more = rsp->flags & NETRXF_more_data;
		front.rsp_cons++;
		if (first && rsp->flags & NETRXF_extra_info) {
			netif_extra_info_t *e = (void *)RING_GET_RESPONSE(&front, front.rsp_cons++);

			assert_int_equal(e->type, XEN_NETIF_EXTRA_TYPE_GSO);
			assert_int_equal(e->flags, 0);
			gso_seen = e->u.gso.size;
		}
		first = false;
	} while (more);
	return true;
}

static void small_and_large(void **state)
{
	static const unsigned int payload[] = { 1, 1400, 4042, 4043, 8192, 30000, 65000 };

	for (unsigned int i = 0; i < 7; i++) {
		post(256 - (front.req_prod_pvt - front.rsp_cons));
		send_frame(payload[i], i > 3 ? 1448 : 0, 0);
		assert_int_equal(run(), 1);
		assert_true(receive());
		assert_int_equal(gso_seen, i > 3 ? 1448 : 0);
		assert_int_equal(seen.len, f.len);
		assert_memory_equal(seen.data, f.data, f.len);
	}
	assert_int_equal(run(), 0);
}

static void one_copy_call_for_many(void **state)
{
	post(256);
	for (unsigned int i = 0; i < 200; i++)
		send_frame(1400 + i, 0, 0);
	assert_int_equal(run(), 200);
	assert_int_equal(fake_runs, 1);
	for (unsigned int i = 0; i < 200; i++) {
		assert_true(receive());
		assert_int_equal(seen.len, 54 + 1400 + i);
	}
	assert_false(receive());
}

/* Too few slots for the head: ask for all of them at once, read no more than that one call. */
static void head_waits_for_its_slots(void **state)
{
	bool now = false;

	post(5);
	send_frame(30000, 1448, 0);
	send_frame(100, 0, 0);
	send_frame(100, 0, 0);
	assert_int_equal(run(), 0);
	assert_int_equal(rx->stage.nr, 2);
	assert_int_equal(run(), 0);
	assert_int_equal(rx->stage.nr, 2);
	assert_true(net_rx_arm(rx, &now));
	assert_false(now);
	assert_int_equal(front.sring->req_event, 9);
	assert_int_equal(rx->count.waits, 1);
	assert_true(net_rx_wait_ns(rx, now_ns()) <= 10 * NS_PER_SEC);
	post(4);
	assert_int_equal(run(), 1);
	assert_true(receive());
	post(2);
	assert_int_equal(run(), 2);
	assert_true(receive());
	assert_true(receive());
	assert_false(net_rx_arm(rx, &now));
}

/* XSA-392: one free slot is no sign of life; memory is not held for ever. */
static void waiting_ends(void **state)
{
	post(1);
	send_frame(30000, 1448, 0);
	assert_int_equal(run(), 0);
	rx->wait_since -= 10 * NS_PER_SEC;
	assert_int_equal(run(), 1);
	assert_int_equal(rx->count.expired, 1);
	assert_int_equal(rx->stage.nr, 0);
	send_frame(100, 0, 0);
	assert_int_equal(run(), 1);
	assert_true(receive());
}

static void bounded_without_slots(void **state)
{
	for (unsigned int i = 0; i < 500; i++)
		send_frame(1000, 0, 0);
	for (unsigned int i = 0; i < 100; i++)
		assert_int_equal(run(), 0);
	assert_int_equal(rx->stage.nr, 1);
	assert_int_equal(rx->count.reads, 1);
}

static void tagged_large_frame_is_cut_up(void **state)
{
	unsigned int nr = 0;

	post(256);
	send_frame(20000, 1448, 1);
	assert_int_equal(run(), 14);
	while (receive()) {
		assert_int_equal(gso_seen, 0);
		seen.l3 = f.l3;
		seen.l4 = f.l4;
		assert_int_equal(ref_l4_error(&seen, false, false), 0);
		assert_memory_equal(seen.data + f.body, f.data + f.body + nr * 1448,
				    seen.len - f.body);
		nr++;
	}
	assert_int_equal(nr, 14);
	assert_int_equal(rx->count.segmented, 1);
}

static void bad_grant_costs_its_packet_only(void **state)
{
	post(8);
	RING_GET_REQUEST(&front, 2)->gref = 100000;
	send_frame(100, 0, 0);
	send_frame(10000, 0, 0);
	send_frame(200, 0, 0);
	assert_int_equal(run(), 3);
	assert_int_equal(RING_GET_RESPONSE(&front, 1)->status, 4096);
	assert_int_equal(RING_GET_RESPONSE(&front, 2)->status, NETIF_RSP_ERROR);
	assert_int_equal(RING_GET_RESPONSE(&front, 2)->flags, NETRXF_more_data);
	assert_int_equal(RING_GET_RESPONSE(&front, 3)->status, 10054 - 8192);
	assert_int_equal(RING_GET_RESPONSE(&front, 4)->status, 254);
	assert_int_equal(rx->count.bad_copy, 1);
	assert_int_equal(rx->count.packets, 2);
}

static void impossible_index_breaks_the_ring(void **state)
{
	front.sring->req_prod = 300;
	assert_int_equal(run(), -EPROTO);
}

static void any_mix(void **state)
{
	unsigned int sent = 0, received = 0, len[64] = { 0 };

	for (unsigned int round = 0; round < 20000; round++) {
		if (rand() & 1 && sent - received < 64) {
			len[sent % 64] = rand() & 3 ? (unsigned int)rand() % 1500 + 1
						    : (unsigned int)rand() % 65000 + 1;
			send_frame(len[sent % 64], len[sent % 64] > 1460 ? 1448 : 0, 0);
			sent++;
		}
		if (rand() & 1)
			post(((unsigned int)rand() % 40) %
			     (257 - (front.req_prod_pvt - front.rsp_cons)));
		run();
		while (rand() & 3 && receive())
			assert_int_equal(seen.len, 54 + len[received++ % 64]);
	}
	assert_true(received > 2000);
	assert_int_equal(rx->count.bad_frame + rx->count.expired, 0);
}

/* Set and taken back between two turns, by another thread. */
static void nothing_open_comes_while_that_is_so(void **state)
{
	struct net_live live = { .complete_csum = true };

	post(256);
	send_frame(5000, 1448, 0);
	run();
	assert_true(receive());
	assert_int_equal(gso_seen, 1448);
	net_control_live(&control, &live);
	send_frame(5000, 1448, 0);
	run();
	for (unsigned int i = 0; i < 4; i++) {
		assert_true(receive());
		assert_int_equal(gso_seen, 0);
	}
	assert_false(receive());
	assert_int_equal(rx->count.segmented, 1);
	live.complete_csum = false;
	net_control_live(&control, &live);
	send_frame(5000, 1448, 0);
	run();
	assert_true(receive());
	assert_int_equal(gso_seen, 1448);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
		TEST(small_and_large),
		TEST(one_copy_call_for_many),
		TEST(head_waits_for_its_slots),
		TEST(waiting_ends),
		TEST(bounded_without_slots),
		TEST(tagged_large_frame_is_cut_up),
		TEST(nothing_open_comes_while_that_is_so),
		TEST(bad_grant_costs_its_packet_only),
		TEST(impossible_index_breaks_the_ring),
		TEST(any_mix),
	};

	log_open("test_net_rx", LOG_LEVEL_ERR, false);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
