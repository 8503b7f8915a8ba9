// SPDX-License-Identifier: GPL-2.0-or-later
/* ctrl_parse.c: what each request of the control ring sets and is answered with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ctrl_parse.h"

#define OKAY XEN_NETIF_CTRL_STATUS_SUCCESS
#define INVALID XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER
#define OVERFLOW XEN_NETIF_CTRL_STATUS_BUFFER_OVERFLOW
#define UNSUPPORTED XEN_NETIF_CTRL_STATUS_NOT_SUPPORTED

static struct net_hash h;
static struct net_ctrl_step step;
static struct xen_netif_ctrl_request req;
static uint32_t table[128];

static int set_up(void **state)
{
	memset(&h, 0, sizeof(h));
	memset(table, 0, sizeof(table));
	return 0;
}

static void judge(uint16_t type, uint32_t a, uint32_t b, uint32_t c)
{
	req = (struct xen_netif_ctrl_request){ .type = type, .data = { a, b, c } };
	memset(&step, 0xa5, sizeof(step));
	net_ctrl_judge(&req, &h, &step);
}

static void expect(uint16_t type, uint32_t a, uint32_t status, uint32_t data)
{
	judge(type, a, 0, 0);
	assert_false(step.fetch);
	assert_int_equal(step.status, status);
	assert_int_equal(step.data, data);
}

static void algorithms(void **state)
{
	expect(XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM, 1, OKAY, 0);
	assert_int_equal(h.algorithm, 1);
	expect(XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM, 2, INVALID, 0);
	expect(XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM, 257, INVALID, 0);
	assert_int_equal(h.algorithm, 1);
	expect(XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM, 0, OKAY, 0);
	assert_int_equal(h.algorithm, 0);
}

static void types_need_an_algorithm(void **state)
{
	expect(XEN_NETIF_CTRL_TYPE_GET_HASH_FLAGS, 0, UNSUPPORTED, 0);
	expect(XEN_NETIF_CTRL_TYPE_SET_HASH_FLAGS, 1, INVALID, 0);
	h.algorithm = 1;
	expect(XEN_NETIF_CTRL_TYPE_GET_HASH_FLAGS, 0, OKAY, 15);
	expect(XEN_NETIF_CTRL_TYPE_SET_HASH_FLAGS, 10, OKAY, 0);
	assert_int_equal(h.types, 10);
	expect(XEN_NETIF_CTRL_TYPE_SET_HASH_FLAGS, 16, INVALID, 0);
	expect(XEN_NETIF_CTRL_TYPE_SET_HASH_FLAGS, 0x101, INVALID, 0);
	assert_int_equal(h.types, 10);
	expect(XEN_NETIF_CTRL_TYPE_SET_HASH_FLAGS, 0, OKAY, 0);
	assert_int_equal(h.types, 0);
}

static void keys(void **state)
{
	uint8_t bytes[40], zero[40] = { 0 };

	memset(bytes, 0x77, sizeof(bytes));
	judge(XEN_NETIF_CTRL_TYPE_SET_HASH_KEY, 1234, 40, 0);
	assert_true(step.fetch);
	assert_int_equal(step.gref, 1234);
	assert_int_equal(step.bytes, 40);
	net_ctrl_fetched(&req, bytes, 1, &h, &step);
	assert_false(step.fetch);
	assert_int_equal(step.status, OKAY);
	assert_memory_equal(h.key, bytes, 40);

	judge(XEN_NETIF_CTRL_TYPE_SET_HASH_KEY, 1234, 7, 0);
	net_ctrl_fetched(&req, NULL, 1, &h, &step);
	assert_int_equal(step.status, INVALID);
	assert_memory_equal(h.key, bytes, 40);

	judge(XEN_NETIF_CTRL_TYPE_SET_HASH_KEY, 1234, 7, 0); /* the rest is zero */
	net_ctrl_fetched(&req, bytes, 1, &h, &step);
	assert_memory_equal(h.key, bytes, 7);
	assert_memory_equal(h.key + 7, zero, 33);

	judge(XEN_NETIF_CTRL_TYPE_SET_HASH_KEY, 1234, 41, 0);
	assert_false(step.fetch);
	assert_int_equal(step.status, OVERFLOW);
	judge(XEN_NETIF_CTRL_TYPE_SET_HASH_KEY, 1234, UINT32_MAX, 0);
	assert_int_equal(step.status, OVERFLOW);
	assert_memory_equal(h.key, bytes, 7);

	judge(XEN_NETIF_CTRL_TYPE_SET_HASH_KEY, UINT32_MAX, 0, 0);
	assert_false(step.fetch);
	assert_int_equal(step.status, OKAY);
	assert_memory_equal(h.key, zero, 40);
}

static void sizes_of_the_mapping(void **state)
{
	expect(XEN_NETIF_CTRL_TYPE_GET_HASH_MAPPING_SIZE, 0, OKAY, 128);
	h.mapping[3] = 9;
	expect(XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING_SIZE, 129, OVERFLOW, 0);
	expect(XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING_SIZE, 65536 + 1, OVERFLOW, 0);
	assert_int_equal(h.nr_mapping, 0);
	assert_int_equal(h.mapping[3], 9);
	expect(XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING_SIZE, 128, OKAY, 0);
	assert_int_equal(h.nr_mapping, 128);
	assert_int_equal(h.mapping[3], 0);
	expect(XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING_SIZE, 0, OKAY, 0);
	assert_int_equal(h.nr_mapping, 0);
}

static void mapping_is_set_in_parts(void **state)
{
	expect(XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING_SIZE, 100, OKAY, 0);
	for (unsigned int i = 0; i < 128; i++)
		table[i] = i % 4;
	judge(XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING, 5, 60, 40);
	assert_true(step.fetch);
	assert_int_equal(step.bytes, 240);
	net_ctrl_fetched(&req, table, 4, &h, &step);
	assert_int_equal(step.status, OKAY);
	for (unsigned int i = 0; i < 128; i++)
		assert_int_equal(h.mapping[i], i < 40 || i >= 100 ? 0 : (i - 40) % 4);
	judge(XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING, 5, 0, 100);
	assert_int_equal(step.status, OKAY);
}

static void mapping_beyond_its_end(void **state)
{
	static const struct {
		uint32_t nr, first, status;
	} cases[] = {
		{ 101, 0, INVALID },	      { 1, 100, INVALID },
		{ 100, 1, INVALID },	      { 129, 0, OVERFLOW },
		{ UINT32_MAX, 1, OVERFLOW },  { 1, UINT32_MAX, INVALID },
		{ 100, UINT32_MAX, INVALID }, { 0, 101, INVALID },
		{ 0x40000001, 0, OVERFLOW },  { 2, UINT32_MAX - 1, INVALID },
	};

	expect(XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING_SIZE, 100, OKAY, 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		judge(XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING, 5, cases[i].nr, cases[i].first);
		assert_false(step.fetch);
		assert_int_equal(step.status, cases[i].status);
	}
}

static void mapping_to_no_queue_sets_nothing(void **state)
{
	expect(XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING_SIZE, 128, OKAY, 0);
	memset(h.mapping, 1, sizeof(h.mapping));
	table[127] = 4;
	judge(XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING, 5, 128, 0);
	net_ctrl_fetched(&req, table, 4, &h, &step);
	assert_int_equal(step.status, INVALID);
	assert_int_equal(h.mapping[0], 1);
	table[127] = 256;
	net_ctrl_fetched(&req, table, 4, &h, &step);
	assert_int_equal(step.status, INVALID);
	net_ctrl_fetched(&req, NULL, 4, &h, &step);
	assert_int_equal(step.status, INVALID);
	assert_int_equal(h.mapping[0], 1);
}

static void what_we_do_not_know(void **state)
{
	static const uint16_t types[] = { XEN_NETIF_CTRL_TYPE_INVALID, 8, 9, 10, 11, 256, 65535 };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		expect(types[i], 1, UNSUPPORTED, 0);
}

static void expect_gref(uint16_t type, uint32_t a, uint32_t nr, uint32_t status, uint32_t data)
{
	req = (struct xen_netif_ctrl_request){ .type = type, .data = { a, 7, nr } };
	memset(&step, 0xa5, sizeof(step));
	assert_true(net_gref_judge(&req, 4, &step));
	assert_false(step.fetch);
	assert_int_equal(step.status, status);
	assert_int_equal(step.data, data);
}

static void grants_that_stay_mapped(void **state)
{
	expect_gref(XEN_NETIF_CTRL_TYPE_GET_GREF_MAPPING_SIZE, 3, 0, OKAY, 512);
	expect_gref(XEN_NETIF_CTRL_TYPE_GET_GREF_MAPPING_SIZE, 4, 0, INVALID, 0);
	for (uint16_t type = 9; type <= 10; type++) {
		expect_gref(type, 4, 1, INVALID, 0);
		expect_gref(type, UINT32_MAX, 1, INVALID, 0);
		expect_gref(type, 3, 513, INVALID, 0);
		expect_gref(type, 3, 0x20000001, INVALID, 0);
		expect_gref(type, 3, 0, OKAY, 0);
		req = (struct xen_netif_ctrl_request){ .type = type, .data = { 3, 7, 512 } };
		assert_true(net_gref_judge(&req, 4, &step));
		assert_true(step.fetch);
		assert_int_equal(step.gref, 7);
		assert_int_equal(step.bytes, 4096);
	}
	req.type = 7;
	assert_false(net_gref_judge(&req, 4, &step));
	req.type = 11;
	assert_false(net_gref_judge(&req, 4, &step));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(algorithms, set_up),
		cmocka_unit_test_setup(types_need_an_algorithm, set_up),
		cmocka_unit_test_setup(keys, set_up),
		cmocka_unit_test_setup(sizes_of_the_mapping, set_up),
		cmocka_unit_test_setup(mapping_is_set_in_parts, set_up),
		cmocka_unit_test_setup(mapping_beyond_its_end, set_up),
		cmocka_unit_test_setup(mapping_to_no_queue_sets_nothing, set_up),
		cmocka_unit_test_setup(what_we_do_not_know, set_up),
		cmocka_unit_test_setup(grants_that_stay_mapped, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
