/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tx.c against a frontend made with the macros of xen/io/ring.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "control.h"
#include "net_fake_grants.h"
#include "net_frames.h"
#include "offload.h"
#include "tx.h"

#define VNET 12

static struct net_control control;
static const struct net_card card = {
	.dev = "vif/1/0",
	.conf = { .domid = 1 },
	.control = &control,
};
static uint8_t page[4096] __attribute__((aligned(4096)));
static netif_tx_front_ring_t front;
static struct net_tx *tx;
static struct tapio *io;
static int pair[2]; /* tap, and the other end of it */
static struct frame f;
static uint8_t got[70000];
static bool notify;

static int set_up(void **state)
{
	int size = 8 << 20;

	fake_run_error = 0;
	fake_runs = 0;
	notify = false;
	memset(page, 0, sizeof(page));
	SHARED_RING_INIT((netif_tx_sring_t *)page);
	FRONT_RING_INIT(&front, (netif_tx_sring_t *)page, 4096);
	tx = calloc(1, sizeof(*tx));
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair))
		return -1;
	setsockopt(pair[0], SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	if (tapio_new(pair[0], false, &io))
		return -1;
	return net_tx_init(tx, &card, page, io, NULL);
}

static int tear_down(void **state)
{
	net_tx_fini(tx);
	free(tx);
	tapio_free(io);
	close(pair[0]);
	close(pair[1]);
	return 0;
}

static void put(uint32_t gref, uint16_t flags, uint16_t offset, uint16_t size)
{
	netif_tx_request_t *req = RING_GET_REQUEST(&front, front.req_prod_pvt);

	*req = (netif_tx_request_t){ .gref = gref,
				     .offset = offset,
				     .flags = flags,
				     .id = (uint16_t)(front.req_prod_pvt + 0x300),
				     .size = size };
	front.req_prod_pvt++;
}

static void put_extra(uint8_t type, uint16_t gso_size)
{
	netif_extra_info_t *e = (void *)RING_GET_REQUEST(&front, front.req_prod_pvt++);

	*e = (netif_extra_info_t){ .type = type };
	e->u.gso.size = gso_size;
	e->u.gso.type = XEN_NETIF_GSO_TYPE_TCPV4;
}

/* Put frame f into pages from @gref on: @head bytes first, then full pages. */
static void put_frame(uint32_t gref, uint16_t flags, size_t head, uint16_t gso_size)
{
	size_t done = f.len < head ? f.len : head;
	uint16_t off = (uint16_t)(4096 - done);

	memcpy(fake_pages[gref] + off, f.data, done);
	put(gref++,
	    (uint16_t)(flags | (done < f.len ? NETTXF_more_data : 0) |
		       (gso_size ? NETTXF_extra_info : 0)),
	    off, (uint16_t)f.len);
	if (gso_size)
		put_extra(XEN_NETIF_EXTRA_TYPE_GSO, gso_size);
	while (done < f.len) {
		size_t len = f.len - done < 4096 ? f.len - done : 4096;

		memcpy(fake_pages[gref], f.data + done, len);
		done += len;
		put(gref++, done < f.len ? NETTXF_more_data : 0, 0, (uint16_t)len);
	}
}

static void expect_answer(uint32_t index, int16_t status)
{
	netif_tx_response_t *rsp = RING_GET_RESPONSE(&front, index);

	assert_true(index - front.sring->rsp_prod > UINT32_MAX / 2); /* is pushed */
	assert_int_equal(rsp->status, status);
	if (status != NETIF_RSP_NULL)
		assert_int_equal(rsp->id, (uint16_t)(index + 0x300));
}

static void plain(unsigned int payload)
{
	struct frame_spec s = { .udp = true, .payload = payload };

	make_frame(&f, &s);
}

static int push_and_run(void)
{
	int ignored, ret;

	RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&front, ignored);
	(void)ignored;
	ret = net_tx_run(tx, &notify);
	tapio_reset(io);
	net_tx_forward(tx);
	tapio_run(io);
	net_tx_account(tx);
	return ret;
}

/* Switched on and off between two turns, by another thread. */
static void filter_comes_and_goes(void **state)
{
	struct net_live live = { .filter = { .on = true, .mac = { 2, 9, 9, 9, 9, 9 } } };

	plain(1000);
	put_frame(3, 0, 4096, 0);
	assert_int_equal(push_and_run(), 1);
	expect_answer(0, NETIF_RSP_OKAY);
	net_control_live(&control, &live);
	put_frame(3, 0, 4096, 0);
	assert_int_equal(push_and_run(), 1);
	expect_answer(1, NETIF_RSP_DROPPED);
	assert_int_equal(tx->count.spoofed_mac, 1);
	live.filter.on = false;
	net_control_live(&control, &live);
	put_frame(3, 0, 4096, 0);
	assert_int_equal(push_and_run(), 1);
	expect_answer(2, NETIF_RSP_OKAY);
}

static void one_packet(void **state)
{
	plain(1000);
	put_frame(3, 0, 4096, 0);
	assert_int_equal(push_and_run(), 1);
	assert_int_equal(read(pair[1], got, sizeof(got)), VNET + f.len);
	assert_memory_equal(got + VNET, f.data, f.len);
	expect_answer(0, NETIF_RSP_OKAY);
	assert_int_equal(front.sring->rsp_prod, 1);
	assert_true(notify); /* a fresh ring asks for the first response */
	assert_int_equal(net_tx_run(tx, &notify), 0);
}

/* Headers split at every byte arrive in one piece (XSA-423, XSA-432). */
static void split_anywhere(void **state)
{
	for (size_t head = 1; head < 128; head++) {
		plain(20 + (unsigned int)head * 60);
		put_frame(10, 0, head, 0);
		assert_int_equal(push_and_run(), 1);
		assert_int_equal(read(pair[1], got, sizeof(got)), VNET + f.len);
		assert_memory_equal(got + VNET, f.data, f.len);
	}
	assert_int_equal(tx->count.packets, 127);
}

static void whole_ring_in_one_turn(void **state)
{
	for (unsigned int i = 0; i < 256; i++) {
		plain(100 + i);
		put_frame(i, 0, 4096, 0);
	}
	assert_int_equal(push_and_run(), 256);
	assert_int_equal(fake_runs, 1);
	for (unsigned int i = 0; i < 256; i++) {
		plain(100 + i);
		assert_int_equal(read(pair[1], got, sizeof(got)), VNET + f.len);
		assert_memory_equal(got + VNET, f.data, f.len);
		expect_answer(i, NETIF_RSP_OKAY);
	}
}

/* As netfront sends: a head, the GSO extra, full pages. */
static void large_frames(void **state)
{
	struct frame_spec s = { .payload = 60000 };
	struct virtio_net_hdr_mrg_rxbuf vh;
	uint32_t at;

	for (unsigned int i = 0; i < 14; i++) {
		make_frame(&f, &s);
		put_frame(i * 20, NETTXF_csum_blank, 54 + i, 1448);
	}
	at = front.req_prod_pvt;
	assert_int_equal(push_and_run(), 14);
	assert_int_equal(fake_runs, 1);
	assert_int_equal(front.sring->rsp_prod, at);
	for (unsigned int i = 0; i < 14; i++) {
		assert_int_equal(read(pair[1], got, sizeof(got)), VNET + f.len);
		memcpy(&vh, got, VNET);
		assert_int_equal(vh.hdr.gso_type, VIRTIO_NET_HDR_GSO_TCPV4);
		assert_int_equal(vh.hdr.hdr_len, f.body);
		assert_memory_equal(got + VNET + f.body, f.data + f.body, f.len - f.body);
		expect_answer(i * (at / 14), NETIF_RSP_OKAY);
		expect_answer(i * (at / 14) + 1, NETIF_RSP_NULL);
	}
}

static void bad_packets_hurt_nobody_else(void **state)
{
	plain(500);
	put_frame(0, 0, 4096, 0);
	put(9999, 0, 0, 100); /* no such grant */
	put(1, 0, 4000, 200); /* over the page end */
	put(1, NETTXF_more_data | NETTXF_extra_info, 0, 100);
	put_extra(77, 0);
	put(1, 0, 0, 50);
	put(2, NETTXF_csum_blank, 0, 100); /* not IP */
	put_frame(3, 0, 4096, 0);
	memset(fake_pages[2], 0xee, 200);
	assert_int_equal(push_and_run(), 6);
	expect_answer(0, NETIF_RSP_OKAY);
	expect_answer(1, NETIF_RSP_ERROR);
	expect_answer(2, NETIF_RSP_ERROR);
	expect_answer(3, NETIF_RSP_ERROR);
	expect_answer(4, NETIF_RSP_NULL);
	expect_answer(5, NETIF_RSP_ERROR);
	expect_answer(6, NETIF_RSP_ERROR);
	expect_answer(7, NETIF_RSP_OKAY);
	assert_int_equal(tx->count.packets, 2);
	assert_int_equal(tx->count.bad_copy, 1);
	assert_int_equal(tx->count.bad_chain, 2);
	assert_int_equal(tx->count.bad_headers, 1);
}

static void failed_call_fails_its_packets_only(void **state)
{
	plain(500);
	fake_run_error = -EFAULT;
	put_frame(0, 0, 4096, 0);
	assert_int_equal(push_and_run(), 1);
	expect_answer(0, NETIF_RSP_ERROR);
	fake_run_error = 0;
	put_frame(0, 0, 4096, 0);
	assert_int_equal(push_and_run(), 1);
	expect_answer(1, NETIF_RSP_OKAY);
}

/* The end of a chain comes later: nothing is answered before. */
static void chain_in_two_pushes(void **state)
{
	plain(200);
	put_frame(0, 0, 4096, 0);
	put(1, NETTXF_more_data, 0, 200);
	assert_int_equal(push_and_run(), 1);
	assert_int_equal(front.sring->rsp_prod, 1);
	assert_false(ring_arm(&tx->ring, 1));
	put(2, 0, 0, 100);
	assert_int_equal(push_and_run(), 1);
	assert_int_equal(front.sring->rsp_prod, 3);
	expect_answer(1, NETIF_RSP_OKAY);
}

static void chain_without_an_end_breaks_the_ring(void **state)
{
	for (unsigned int i = 0; i < 256; i++)
		put(1, NETTXF_more_data, 0, 10);
	assert_int_equal(push_and_run(), -EPROTO);
	assert_int_equal(front.sring->rsp_prod, 0);
}

static void impossible_index_breaks_the_ring(void **state)
{
	front.sring->req_prod = 257;
	assert_int_equal(net_tx_run(tx, &notify), -EPROTO);
	front.sring->req_prod = UINT32_MAX;
	assert_int_equal(net_tx_run(tx, &notify), -EPROTO);
}

static void full_tap_drops(void **state)
{
	int size = 4096;

	setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	plain(1400);
	for (unsigned int i = 0; i < 50; i++)
		put_frame(i, 0, 4096, 0);
	assert_int_equal(push_and_run(), 50);
	assert_true(tx->count.tap_full > 0);
	assert_int_equal(tx->count.packets + tx->count.tap_full, 50);
	for (unsigned int i = 0; i < 50; i++)
		expect_answer(i, NETIF_RSP_OKAY);
}

static void multicast_requests_are_done_and_answered(void **state)
{
	put(0, NETTXF_extra_info, 0, 0);
	put_extra(XEN_NETIF_EXTRA_TYPE_MCAST_ADD, 1); /* 01:00:01:... */
	put(0, NETTXF_extra_info, 0, 0);
	put_extra(XEN_NETIF_EXTRA_TYPE_MCAST_ADD, 2); /* 02:00:01:..., no multicast */
	assert_int_equal(push_and_run(), 2);
	expect_answer(0, NETIF_RSP_OKAY);
	expect_answer(1, NETIF_RSP_NULL);
	expect_answer(2, NETIF_RSP_ERROR);
	expect_answer(3, NETIF_RSP_NULL);
	assert_int_equal(control.now.mcast.nr, 1);
	assert_true(read(pair[1], got, sizeof(got)) < 0);
}

/* Any bytes in the slots: as many answers as requests, or a broken ring. */
static void random_slots(void **state)
{
	for (unsigned int round = 0; round < 20000; round++) {
		unsigned int nr = (unsigned int)rand() % 256 + 1;
		uint32_t room = 256 - (front.req_prod_pvt - front.sring->rsp_prod);

		for (unsigned int i = 0; i < nr && i < room; i++) {
			uint8_t *slot = (void *)RING_GET_REQUEST(&front, front.req_prod_pvt++);

			for (unsigned int k = 0; k < 12; k++)
				slot[k] = (uint8_t)(rand() & (round & 1 ? 0xff : 0x0b));
		}
		if (push_and_run() < 0) {
			assert_int_equal(front.req_prod_pvt - front.sring->rsp_prod, 256);
			tear_down(NULL);
			set_up(NULL);
			continue;
		}
		assert_int_equal(front.req_prod_pvt - front.sring->rsp_prod, tx->nr_slots);
		while (read(pair[1], got, sizeof(got)) > 0)
			;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
		TEST(one_packet),
		TEST(filter_comes_and_goes),
		TEST(split_anywhere),
		TEST(whole_ring_in_one_turn),
		TEST(large_frames),
		TEST(bad_packets_hurt_nobody_else),
		TEST(failed_call_fails_its_packets_only),
		TEST(chain_in_two_pushes),
		TEST(chain_without_an_end_breaks_the_ring),
		TEST(impossible_index_breaks_the_ring),
		TEST(full_tap_drops),
		TEST(multicast_requests_are_done_and_answered),
		TEST(random_slots),
	};

	log_open("test_net_tx", LOG_LEVEL_ERR, false);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
