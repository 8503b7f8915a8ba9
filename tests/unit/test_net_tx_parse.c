/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tx_parse.c: chains of the tx ring, good and bad. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tx_parse.h"

static union net_tx_slot s[256];
static struct net_tx_pkt p;

static void request(unsigned int i, uint16_t flags, uint16_t offset, uint16_t size)
{
	s[i].req = (struct netif_tx_request){ .flags = flags, .offset = offset, .size = size };
}

static void extra(unsigned int i, uint8_t type, bool more)
{
	memset(&s[i], 0, sizeof(s[i]));
	s[i].extra.type = type;
	s[i].extra.flags = more ? XEN_NETIF_EXTRA_FLAG_MORE : 0;
	if (type != XEN_NETIF_EXTRA_TYPE_GSO)
		return;
	s[i].extra.u.gso.type = XEN_NETIF_GSO_TYPE_TCPV4;
	s[i].extra.u.gso.size = 1448;
}

static void single_slot(void **state)
{
	request(0, NETTXF_csum_blank | NETTXF_data_validated, 100, 1514);
	net_tx_parse(s, 1, &p);
	assert_int_equal(p.verdict, NET_TX_OK);
	assert_int_equal(p.nr_slots, 1);
	assert_int_equal(p.size, 1514);
	assert_int_equal(p.first_len, 1514);
	assert_true(p.csum_blank);
	assert_int_equal(p.gso_size, 0);
}

/* more_data of the first request speaks of the one behind the extras. */
static void extras_stand_behind_the_first(void **state)
{
	request(0, NETTXF_more_data | NETTXF_extra_info, 0, 5000);
	extra(1, XEN_NETIF_EXTRA_TYPE_GSO, true);
	extra(2, XEN_NETIF_EXTRA_TYPE_HASH, false);
	request(3, 0, 0, 4000);
	request(4, 0, 0, 60); /* the next packet */
	net_tx_parse(s, 5, &p);
	assert_int_equal(p.verdict, NET_TX_OK);
	assert_int_equal(p.nr_slots, 4);
	assert_int_equal(p.nr_extras, 2);
	assert_int_equal(p.first_len, 1000);
	assert_int_equal(p.gso_type, XEN_NETIF_GSO_TYPE_TCPV4);
	assert_int_equal(p.gso_size, 1448);
	assert_int_equal(net_tx_slot_len(s, &p, 0), 1000);
	assert_int_equal(net_tx_slot_len(s, &p, 1), 0);
	assert_int_equal(net_tx_slot_len(s, &p, 2), 0);
	assert_int_equal(net_tx_slot_len(s, &p, 3), 4000);
}

static void incomplete_at_each_slot(void **state)
{
	request(0, NETTXF_more_data | NETTXF_extra_info, 0, 5000);
	extra(1, XEN_NETIF_EXTRA_TYPE_GSO, true);
	extra(2, XEN_NETIF_EXTRA_TYPE_HASH, false);
	request(3, NETTXF_more_data, 0, 2000);
	request(4, 0, 0, 2000);
	for (unsigned int nr = 1; nr < 5; nr++) {
		net_tx_parse(s, nr, &p);
		assert_int_equal(p.verdict, NET_TX_INCOMPLETE);
	}
	net_tx_parse(s, 5, &p);
	assert_int_equal(p.verdict, NET_TX_OK);
}

static void any_number_of_slots(void **state)
{
	for (unsigned int nr = 2; nr <= 256; nr++) {
		request(0, NETTXF_more_data, 0, (uint16_t)(200 * nr));
		for (unsigned int i = 1; i < nr; i++)
			request(i, i + 1 < nr ? NETTXF_more_data : 0, 0, 200);
		net_tx_parse(s, nr, &p);
		assert_int_equal(p.verdict, NET_TX_OK);
		assert_int_equal(p.nr_slots, nr);
		assert_int_equal(p.first_len, 200);
	}
}

/* Some frontends send 64 KiB and more: the size wraps (netback.c). */
static void wrapped_size(void **state)
{
	request(0, NETTXF_more_data, 0, 100);
	request(1, NETTXF_more_data, 0, 4000);
	request(2, 0, 0, 4000);
	net_tx_parse(s, 3, &p);
	assert_int_equal(p.verdict, NET_TX_BAD_SIZE);
	assert_int_equal(p.nr_slots, 3);
}

static void shorter_than_ethernet(void **state)
{
	for (uint16_t size = 0; size < 20; size++) {
		request(0, 0, 0, size);
		net_tx_parse(s, 1, &p);
		assert_int_equal(p.verdict, size < 14 ? NET_TX_BAD_SIZE : NET_TX_OK);
		assert_int_equal(p.nr_slots, 1);
	}
}

/* XSA-448. */
static void slots_without_data(void **state)
{
	for (unsigned int empty = 1; empty < 4; empty++) {
		request(0, NETTXF_more_data, 0, 300);
		for (unsigned int i = 1; i < 4; i++)
			request(i, i < 3 ? NETTXF_more_data : 0, i == empty ? 4096 : 0,
				i == empty ? 0 : 10);
		net_tx_parse(s, 4, &p);
		assert_int_equal(p.verdict, NET_TX_OK);
		assert_int_equal(p.first_len, 280);
		assert_int_equal(net_tx_slot_len(s, &p, empty), 0);
	}
	/* all of it in the second slot */
	request(0, NETTXF_more_data, 0, 300);
	request(1, 0, 0, 300);
	net_tx_parse(s, 2, &p);
	assert_int_equal(p.verdict, NET_TX_OK);
	assert_int_equal(p.first_len, 0);
}

static void over_the_page_end(void **state)
{
	request(0, 0, 4096 - 60, 60);
	net_tx_parse(s, 1, &p);
	assert_int_equal(p.verdict, NET_TX_OK);
	request(0, 0, 4096 - 60, 61);
	net_tx_parse(s, 1, &p);
	assert_int_equal(p.verdict, NET_TX_CROSS_PAGE);
	request(0, NETTXF_more_data, 0, 1000);
	request(1, 0, 65535, 500);
	net_tx_parse(s, 2, &p);
	assert_int_equal(p.verdict, NET_TX_CROSS_PAGE);
	assert_int_equal(p.nr_slots, 2);
}

static void bad_extras(void **state)
{
	static const uint8_t types[] = { 0, 5, 6, 255 };

	for (size_t i = 0; i < sizeof(types); i++) {
		request(0, NETTXF_extra_info, 0, 100);
		extra(1, types[i], false);
		net_tx_parse(s, 2, &p);
		assert_int_equal(p.verdict, NET_TX_BAD_EXTRA);
		assert_int_equal(p.nr_slots, 2);
		assert_int_equal(p.nr_extras, 1);
	}
	extra(1, XEN_NETIF_EXTRA_TYPE_GSO, false);
	s[1].extra.u.gso.size = 0;
	net_tx_parse(s, 2, &p);
	assert_int_equal(p.verdict, NET_TX_BAD_EXTRA);
	s[1].extra.u.gso.size = 1;
	s[1].extra.u.gso.type = 3;
	net_tx_parse(s, 2, &p);
	assert_int_equal(p.verdict, NET_TX_BAD_EXTRA);
}

/* Nothing that follows makes good what was bad. */
static void bad_extra_before_a_good_one(void **state)
{
	request(0, NETTXF_extra_info, 0, 100);
	extra(1, 255, true);
	extra(2, XEN_NETIF_EXTRA_TYPE_GSO, false);
	s[2].extra.u.gso.size = 1448;
	s[2].extra.u.gso.type = XEN_NETIF_GSO_TYPE_TCPV4;
	net_tx_parse(s, 3, &p);
	assert_int_equal(p.verdict, NET_TX_BAD_EXTRA);
	assert_int_equal(p.nr_slots, 3);
}

static void extras_without_an_end(void **state)
{
	request(0, NETTXF_extra_info, 0, 100);
	for (unsigned int i = 1; i < 256; i++)
		extra(i, XEN_NETIF_EXTRA_TYPE_HASH, true);
	net_tx_parse(s, 256, &p);
	assert_int_equal(p.verdict, NET_TX_INCOMPLETE);
}

static void multicast_request(void **state)
{
	request(0, NETTXF_extra_info, 0, 0);
	extra(1, XEN_NETIF_EXTRA_TYPE_MCAST_ADD, false);
	net_tx_parse(s, 2, &p);
	assert_int_equal(p.verdict, NET_TX_DUMMY);
	assert_int_equal(p.nr_slots, 2);
}

static void every_verdict_has_a_text_of_its_own(void **state)
{
	for (int a = NET_TX_OK; a <= NET_TX_INCOMPLETE; a++) {
		const char *text = net_tx_verdict_text((enum net_tx_verdict)a);

		assert_true(strlen(text) > 3);
		for (int b = NET_TX_OK; b < a; b++)
			assert_string_not_equal(text, net_tx_verdict_text((enum net_tx_verdict)b));
	}
	assert_string_equal(net_tx_verdict_text((enum net_tx_verdict)(NET_TX_INCOMPLETE + 1)), "?");
}

/* Whatever the bytes are: good chains stay within their pages and sizes. */
static void random_slots(void **state)
{
	for (unsigned int round = 0; round < 200000; round++) {
		unsigned int nr = 1 + (unsigned int)rand() % 24, i, sum = 0;

		for (i = 0; i < nr * sizeof(s[0]); i++)
			((uint8_t *)s)[i] = (uint8_t)(rand() & (round & 1 ? 0xff : 0x1f));
		net_tx_parse(s, nr, &p);
		if (p.verdict == NET_TX_INCOMPLETE)
			continue;
		assert_in_range(p.nr_slots, 1, nr);
		assert_true(p.nr_extras < p.nr_slots);
		if (p.verdict != NET_TX_OK)
			continue;
		for (i = 0; i < p.nr_slots; i++) {
			unsigned int len = net_tx_slot_len(s, &p, i);

			if (len)
				assert_true(s[i].req.offset + len <= 4096);
			sum += len;
		}
		assert_int_equal(sum, p.size);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(single_slot),
		cmocka_unit_test(extras_stand_behind_the_first),
		cmocka_unit_test(incomplete_at_each_slot),
		cmocka_unit_test(any_number_of_slots),
		cmocka_unit_test(wrapped_size),
		cmocka_unit_test(shorter_than_ethernet),
		cmocka_unit_test(slots_without_data),
		cmocka_unit_test(over_the_page_end),
		cmocka_unit_test(bad_extras),
		cmocka_unit_test(bad_extra_before_a_good_one),
		cmocka_unit_test(extras_without_an_end),
		cmocka_unit_test(multicast_request),
		cmocka_unit_test(every_verdict_has_a_text_of_its_own),
		cmocka_unit_test(random_slots),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
