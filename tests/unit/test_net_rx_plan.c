/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rx_plan.c: slots and responses of a frame towards the guest. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "rx_plan.h"

static struct net_rx_pkt rx;
static struct net_rx_plan plan;

static void plan_for(uint32_t len, uint16_t gso_size)
{
	rx = (struct net_rx_pkt){
		.len = len,
		.flags = NETRXF_data_validated,
		.gso_size = gso_size,
		.gso_type = gso_size ? XEN_NETIF_GSO_TYPE_TCPV6 : 0,
	};
	assert_int_equal(net_rx_plan(&rx, true, &plan), 0);
}

static void numbers_of_slots(void **state)
{
	static const struct {
		uint32_t len;
		uint16_t slots;
	} cases[] = { { 14, 1 }, { 4096, 1 }, { 4097, 2 }, { 8192, 2 }, { 65549, 17 } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		plan_for(cases[i].len, 0);
		assert_int_equal(plan.nr_slots, cases[i].slots);
		plan_for(cases[i].len, 1448);
		assert_int_equal(plan.nr_slots, cases[i].slots + 1);
	}
	plan_for(NET_RX_MAX_FRAME, 1);
	assert_int_equal(plan.nr_slots, NET_RX_MAX_SLOTS - 2);
	rx.hashed = true;
	rx.headroom = 2048;
	assert_int_equal(net_rx_plan(&rx, true, &plan), 0);
	assert_int_equal(plan.nr_slots, NET_RX_MAX_SLOTS);
}

static void too_large_for_the_guest(void **state)
{
	rx = (struct net_rx_pkt){ .len = 4097 };
	assert_int_equal(net_rx_plan(&rx, false, &plan), -E2BIG);
	rx.len = 4096;
	assert_int_equal(net_rx_plan(&rx, false, &plan), 0);
	rx.headroom = 1;
	assert_int_equal(net_rx_plan(&rx, false, &plan), -E2BIG);
	rx.headroom = 0;
	rx.len = NET_RX_MAX_FRAME + 1;
	assert_int_equal(net_rx_plan(&rx, true, &plan), -E2BIG);
}

/* Read the responses as a frontend does and compare with the frame. */
static void check_chain(uint32_t len, uint16_t gso_size, unsigned int bad)
{
	union net_rx_slot slot;
	uint32_t total = 0;
	unsigned int i;
	bool more = true;

	plan_for(len, gso_size);
	for (i = 0; i < plan.nr_slots; i++) {
		net_rx_response(&rx, &plan, i, (uint16_t)(i + 7), i != bad, &slot);
		assert_true(more);
		if (i == 1 && gso_size) {
			assert_int_equal(slot.extra.type, XEN_NETIF_EXTRA_TYPE_GSO);
			assert_int_equal(slot.extra.flags, 0);
			assert_int_equal(slot.extra.u.gso.size, gso_size);
			assert_int_equal(slot.extra.u.gso.type, XEN_NETIF_GSO_TYPE_TCPV6);
			more = plan.nr_slots > 2;
			continue;
		}
		assert_int_equal(slot.rsp.id, i + 7);
		assert_int_equal(slot.rsp.offset, 0);
		assert_int_equal(net_rx_slot_off(&plan, i), total);
		if (i == bad)
			assert_int_equal(slot.rsp.status, NETIF_RSP_ERROR);
		else
			assert_int_equal(slot.rsp.status, net_rx_slot_len(&rx, &plan, i));
		total += net_rx_slot_len(&rx, &plan, i);
		more = slot.rsp.flags & NETRXF_more_data;
		assert_int_equal(!!(slot.rsp.flags & NETRXF_extra_info), !i && gso_size);
		assert_int_equal(!!(slot.rsp.flags & NETRXF_data_validated), !i);
		if (!i && gso_size) {
			assert_int_equal(more, plan.nr_slots > 2);
			more = true;
		}
	}
	assert_false(more);
	assert_int_equal(total, len);
}

/* All three extras, in any combination: each once, in order, and the last says that it is. */
static void extras_are_told_apart(void **state)
{
	for (unsigned int which = 1; which < 8; which++) {
		unsigned int seen = 0, i;
		union net_rx_slot slot;

		plan_for(5000, which & 1 ? 1448 : 0);
		rx.headroom = which & 2 ? 256 : 0;
		rx.hashed = which & 4;
		rx.hash = (struct net_hashed){ .type = 3, .value = 0x11223344 };
		assert_int_equal(net_rx_plan(&rx, true, &plan), 0);
		for (i = 1; i <= plan.nr_extras; i++) {
			net_rx_response(&rx, &plan, i, 0, true, &slot);
			assert_int_equal(slot.extra.flags, i < plan.nr_extras);
			if (slot.extra.type == XEN_NETIF_EXTRA_TYPE_HASH) {
				static const uint8_t value[] = { 0x44, 0x33, 0x22, 0x11 };

				assert_int_equal(slot.extra.u.hash.type, 3);
				assert_int_equal(slot.extra.u.hash.algorithm, 1);
				assert_memory_equal(slot.extra.u.hash.value, value, 4);
				seen |= 4;
			} else if (slot.extra.type == NET_EXTRA_TYPE_XDP) {
				assert_int_equal(slot.extra.u.pad[0], 256);
				assert_int_equal(slot.extra.u.pad[1] | slot.extra.u.pad[2], 0);
				seen |= 2;
			} else {
				assert_int_equal(slot.extra.type, XEN_NETIF_EXTRA_TYPE_GSO);
				seen |= 1;
			}
		}
		assert_int_equal(seen, which);
	}
}

/* The first slot has it, and says so by its offset; the bytes go on behind it. */
static void headroom_is_in_the_first_slot(void **state)
{
	union net_rx_slot slot;

	plan_for(9000, 0);
	rx.headroom = 256;
	assert_int_equal(net_rx_plan(&rx, true, &plan), 0);
	assert_int_equal(plan.nr_slots, 4); /* 3840, the extra, 4096, 1064 */
	net_rx_response(&rx, &plan, 0, 1, true, &slot);
	assert_int_equal(slot.rsp.offset, 256);
	assert_int_equal(slot.rsp.status, 3840);
	net_rx_response(&rx, &plan, 2, 1, true, &slot);
	assert_int_equal(slot.rsp.offset, 0);
	assert_int_equal(slot.rsp.status, 4096);
	assert_int_equal(net_rx_slot_off(&plan, 2), 3840);
	net_rx_response(&rx, &plan, 3, 1, true, &slot);
	assert_int_equal(slot.rsp.status, 9000 - 3840 - 4096);
	assert_int_equal(slot.rsp.flags, 0);
}

static void chains_are_whole(void **state)
{
	for (uint32_t len = 14; len <= NET_RX_MAX_FRAME; len += 509) {
		check_chain(len, 0, 99);
		check_chain(len, 1400, 99);
		check_chain(len, 0, 0);
		check_chain(len, 1400, len > 4096 ? 2 : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_of_slots),
		cmocka_unit_test(too_large_for_the_guest),
		cmocka_unit_test(extras_are_told_apart),
		cmocka_unit_test(headroom_is_in_the_first_slot),
		cmocka_unit_test(chains_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
