/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stage.c: frames in the area never overlap, and come out as they went in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stage.h"

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

/* Fill the whole frame and its headroom with @tag. */
static bool push(uint32_t len, uint8_t tag)
{
	struct net_rx_pkt rx = { .len = len, .data = stage_room(&s) };
	struct net_rx_plan plan;

	if (!rx.data)
		return false;
	assert_true(rx.data - STAGE_HEADROOM >= area);
	assert_true(rx.data + NET_RX_MAX_FRAME <= area + STAGE_BYTES);
	memset(rx.data - STAGE_HEADROOM, tag, STAGE_HEADROOM + len);
	assert_int_equal(net_rx_plan(&rx, true, &plan), 0);
	stage_push(&s, &rx, &plan);
	return true;
}

static void check_head(uint8_t tag)
{
	const struct net_rx_pkt *rx = &stage_at(&s, 0)->rx;

	for (uint32_t i = 0; i < rx->len; i++)
		assert_int_equal(rx->data[i], tag);
}

static void any_mix_of_sizes(void **state)
{
	uint8_t in = 0, out = 0;

	memset(&s, 0xff, sizeof(s));
	stage_init(&s, area);
	for (unsigned int round = 0; round < 20000; round++) {
		uint32_t len =
			rand() & 3 ? 60 + (uint32_t)rand() % 1500 : 60 + (uint32_t)rand() % 65000;

		if (rand() % 5 < 3 && s.nr < 200 && push(len, in)) {
			in++;
			continue;
		}
		if (!s.nr)
			continue;
		check_head(out++);
		stage_pop(&s, 1);
	}
	while (s.nr) {
		check_head(out++);
		stage_pop(&s, 1);
	}
	assert_int_equal(in, out);
	assert_int_equal(s.nr_slots, 0);
}

/* A ring of slots in small frames, and in large ones, fits. */
static void holds_a_ring(void **state)
{
	unsigned int i;

	stage_init(&s, area);
	for (i = 0; i < STAGE_MAX_FRAMES; i++)
		assert_true(push(4000, 1));
	assert_int_equal(s.nr_slots, 256);
	assert_null(stage_room(&s));
	stage_init(&s, area);
	for (i = 0; i < 16; i++)
		assert_true(push(65549, 1));
}

/* The area is full when it is, wherever the oldest frame lies. */
static void full_area_has_no_room(void **state)
{
	unsigned int nr = 0;

	stage_init(&s, area);
	while (push(65000, 1))
		nr++;
	assert_in_range(nr, 24, 32);
	for (unsigned int i = 0; i < 3 * nr; i++) {
		stage_pop(&s, 2);
		assert_true(push(65000, 1));
		while (push(60, 1))
			assert_in_range(s.nr, 1, STAGE_MAX_FRAMES);
		while (s.nr > nr)
			stage_pop(&s, 1);
	}
}

static void next_frame_begins_at_the_next_line(void **state)
{
	uint8_t *first;

	stage_init(&s, area);
	push(640 - STAGE_HEADROOM, 0);
	first = stage_at(&s, 0)->rx.data;
	push(100, 0);
	assert_ptr_equal(stage_at(&s, 1)->rx.data, first + 640);
}

/* Full-sized Ethernet frames lie two to a page, large ones at its start. */
static void packs_pages(void **state)
{
	uint8_t *first, *second;

	stage_init(&s, area);
	push(1514, 0);
	first = stage_at(&s, 0)->rx.data;
	push(1514, 0);
	second = stage_at(&s, 1)->rx.data;
	assert_int_equal(((uintptr_t)first ^ (uintptr_t)second) / 4096, 0);
	push(1514, 0);
	assert_int_equal((uintptr_t)stage_at(&s, 2)->rx.data % 4096, 0);
	push(64000, 0);
	push(64000, 0);
	assert_int_equal((uintptr_t)stage_at(&s, 4)->rx.data % 4096, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_mix_of_sizes),
		cmocka_unit_test(holds_a_ring),
		cmocka_unit_test(full_area_has_no_room),
		cmocka_unit_test(next_frame_begins_at_the_next_line),
		cmocka_unit_test(packs_pages),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
