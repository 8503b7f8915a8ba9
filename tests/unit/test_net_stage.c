/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stage.c: frames in the area never overlap, and come out as they went in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stage.h"

#define VNET 12u

static struct stage s;
static uint8_t *area;

static int set_up(void **state)
{
	area = aligned_alloc(4096, STAGE_BYTES);
	return area ? 0 : -1;
}

static int tear_down(void **state)
{
	free(area);
	return 0;
}

/* As a read: all of the frame and what stands before it is @tag. */
static void fill(const struct stage_room *room, uint32_t len, uint8_t tag)
{
	struct iovec iov[2];
	size_t all = VNET + len, first;

	stage_iov(room, VNET, iov);
	assert_int_equal(iov[0].iov_len + iov[1].iov_len, VNET + NET_RX_MAX_FRAME);
	for (unsigned int i = 0; i < 2; i++) {
		assert_true((uint8_t *)iov[i].iov_base >= area);
		assert_true((uint8_t *)iov[i].iov_base + iov[i].iov_len <= area + STAGE_BYTES);
	}
	first = all < iov[0].iov_len ? all : iov[0].iov_len;
	memset(iov[0].iov_base, tag, first);
	memset(iov[1].iov_base, tag, all - first);
}

static void push(const struct stage_room *room, uint32_t len)
{
	struct net_rx_pkt rx = { .len = len, .data = stage_settle(&s, room, VNET, len) };
	struct net_rx_plan plan;

	assert_int_equal(net_rx_plan(&rx, true, &plan), 0);
	stage_push(&s, &rx, &plan);
}

static bool read_one(uint32_t len, uint8_t tag)
{
	struct stage_room room;

	if (!stage_take(&s, &room))
		return false;
	fill(&room, len, tag);
	push(&room, len);
	return true;
}

static void check_head(uint8_t tag)
{
	const struct net_rx_pkt *rx = &stage_at(&s, 0)->rx;

	for (uint32_t i = 0; i < VNET + rx->len; i++)
		assert_int_equal((rx->data - VNET)[i], tag);
}

static uint32_t any_len(void)
{
	return rand() & 3 ? 60 + (uint32_t)rand() % 2500 : 60 + (uint32_t)rand() % 65000;
}

/* Several are read at once, and the places of those that were not come back. */
static void any_mix_of_sizes(void **state)
{
	struct stage_room room[STAGE_READS];
	uint8_t in = 0, out = 0;

	memset(&s, 0xff, sizeof(s));
	stage_init(&s, area);
	for (unsigned int round = 0; round < 5000; round++) {
		unsigned int want = (unsigned int)rand() % STAGE_READS, nr = 0, got;
		uint32_t len[STAGE_READS];

		while (nr < want && s.nr < 200 && stage_take(&s, &room[nr]))
			nr++;
		got = nr ? (unsigned int)rand() % nr : 0;
		for (unsigned int i = 0; i < got; i++)
			fill(&room[i], len[i] = any_len(), in++);
		for (unsigned int i = 0; i < nr; i++)
			if (i < got)
				push(&room[i], len[i]);
			else
				stage_give_back(&s, &room[i]);
		for (unsigned int i = (unsigned int)rand() % STAGE_READS; i && s.nr; i--) {
			check_head(out++);
			stage_pop(&s, 1);
		}
	}
	while (s.nr) {
		check_head(out++);
		stage_pop(&s, 1);
	}
	assert_int_equal(in, out);
	assert_int_equal(s.nr_slots, 0);
	assert_int_equal(s.nr_small, STAGE_NR_SMALL);
	assert_int_equal(s.nr_large, STAGE_NR_LARGE);
}

/* A ring of slots in small frames, and in large ones, fits; each is given back once. */
static void holds_a_ring(void **state)
{
	stage_init(&s, area);
	for (unsigned int i = 0; i < 256; i++)
		assert_true(read_one(STAGE_SMALL_ROOM, 1));
	assert_int_equal(s.nr_slots, 256);
	assert_int_equal(s.nr_large, STAGE_NR_LARGE);
	stage_pop(&s, 256);
	for (unsigned int i = 0; i < STAGE_NR_LARGE; i++)
		assert_true(read_one(65549, 1));
	assert_false(read_one(60, 1));
	stage_pop(&s, STAGE_NR_LARGE);
	assert_true(read_one(60, 1));
}

/* Those that are full at once hold as many frames as there are places. */
static void full_of_both(void **state)
{
	unsigned int nr = 0;

	stage_init(&s, area);
	while (s.nr_large > 1)
		assert_true(read_one(STAGE_SMALL_ROOM + 1, 1) && ++nr);
	while (s.nr_small)
		assert_true(read_one(60, 1) && ++nr);
	assert_false(read_one(60, 1));
	assert_int_equal(s.nr, nr);
	while (nr--)
		stage_pop(&s, 1);
	assert_int_equal(s.nr_small, STAGE_NR_SMALL);
	assert_int_equal(s.nr_large, STAGE_NR_LARGE);
}

/* What is made here goes where it has room. */
static void chooses_by_size(void **state)
{
	struct stage_room room;

	stage_init(&s, area);
	assert_true(stage_take(&s, &room));
	assert_ptr_equal(stage_choose(&s, &room, STAGE_SMALL_ROOM), room.small);
	stage_drop(&s, room.small);
	assert_true(stage_take(&s, &room));
	assert_ptr_equal(stage_choose(&s, &room, STAGE_SMALL_ROOM + 1), room.large);
	stage_drop(&s, room.large);
	assert_int_equal(s.nr_small, STAGE_NR_SMALL);
	assert_int_equal(s.nr_large, STAGE_NR_LARGE);
}

/* A frame crosses as few pages as it can; what was freed last is used next. */
static void lies_in_few_pages(void **state)
{
	uint8_t *first, *second;

	stage_init(&s, area);
	read_one(STAGE_SMALL_ROOM, 0);
	first = stage_at(&s, 0)->rx.data;
	read_one(STAGE_SMALL_ROOM, 0);
	second = stage_at(&s, 1)->rx.data;
	assert_int_equal(((uintptr_t)first ^ (uintptr_t)second) / 4096, 0);
	read_one(64000, 0);
	assert_int_equal((uintptr_t)stage_at(&s, 2)->rx.data % 4096, 0);
	stage_pop(&s, 2);
	read_one(60, 0);
	assert_ptr_equal(stage_at(&s, 1)->rx.data, second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_mix_of_sizes),  cmocka_unit_test(holds_a_ring),
		cmocka_unit_test(full_of_both),	     cmocka_unit_test(chooses_by_size),
		cmocka_unit_test(lies_in_few_pages),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
