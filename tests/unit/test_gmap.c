// SPDX-License-Identifier: GPL-2.0-or-later
/* gmap.c: pages found by their grants, against a plain array; no page is lost or left mapped. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "xen/gmap.h"
#include "xen/gnttab.h"

#define MAX 64u
#define GREFS 200u

static uint8_t pages[GREFS][4096];
static bool mapped[GREFS];

int gnttab_map_one(struct gnttab *gt, uint16_t domid, uint32_t ref, bool readonly, void **ret)
{
	uint32_t i = ref % GREFS;

	if (ref / GREFS == 99)
		return -EINVAL;
	assert_int_equal(domid, 7);
	assert_false(mapped[i]);
	mapped[i] = true;
	*ret = pages[i];
	return 0;
}

int gnttab_unmap(struct gnttab *gt, void *addr, unsigned int nr)
{
	size_t i = (size_t)((uint8_t *)addr - pages[0]) / 4096;

	assert_true(mapped[i]);
	mapped[i] = false;
	return 0;
}

static unsigned int nr_mapped(void)
{
	unsigned int nr = 0;

	for (unsigned int i = 0; i < GREFS; i++)
		nr += mapped[i];
	return nr;
}

static void copies_both_ways(void **state)
{
	struct gmaps *m;
	char text[4] = "abc";

	assert_int_equal(gmaps_new(7, MAX, &m), 0);
	assert_false(gmaps_copy(m, 5, 0, text, 4, true));
	assert_int_equal(gmaps_add(m, NULL, 5, false), 0);
	assert_int_equal(gmaps_add(m, NULL, 6, true), 0);
	assert_int_equal(gmaps_add(m, NULL, 5, true), -EEXIST);
	assert_int_equal(gmaps_add(m, NULL, 99 * GREFS, true), -EINVAL);
	assert_true(gmaps_copy(m, 5, 100, text, 4, true));
	assert_memory_equal(pages[5] + 100, text, 4);
	memset(text, 0, 4);
	assert_true(gmaps_copy(m, 5, 100, text, 4, false));
	assert_string_equal(text, "abc");
	assert_false(gmaps_copy(m, 6, 0, text, 4, true)); /* to be read only */
	assert_true(gmaps_copy(m, 6, 0, text, 4, false));
	assert_false(gmaps_copy(m, 7, 0, text, 4, false));
	gmaps_free(m, NULL);
	assert_int_equal(nr_mapped(), 0);
}

static void any_order_of_adding_and_deleting(void **state)
{
	bool have[GREFS] = { 0 };
	unsigned int nr = 0;
	struct gmaps *m;
	uint8_t byte;

	assert_int_equal(gmaps_new(7, MAX, &m), 0);
	srand(3);
	for (unsigned int step = 0; step < 20000; step++) {
		uint32_t i = (uint32_t)rand() % GREFS, ref = i + GREFS * 1000;

		if (rand() % 2) {
			int want = have[i] ? -EEXIST : nr == MAX ? -ENOSPC : 0;

			assert_int_equal(gmaps_add(m, NULL, ref, false), want);
			nr += want == 0;
			have[i] |= want == 0;
		} else {
			assert_int_equal(gmaps_del(m, NULL, ref), have[i] ? 0 : -ENOENT);
			nr -= have[i];
			have[i] = false;
		}
		i = (uint32_t)rand() % GREFS;
		assert_int_equal(gmaps_copy(m, i + GREFS * 1000, 0, &byte, 1, false), have[i]);
		assert_int_equal(nr_mapped(), nr);
	}
	gmaps_free(m, NULL);
	assert_int_equal(nr_mapped(), 0);
	gmaps_free(NULL, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_both_ways),
		cmocka_unit_test(any_order_of_adding_and_deleting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
