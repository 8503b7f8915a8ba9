// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of pages that stay mapped, over a hypervisor that keeps books. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/util.h"
#include "persist.h"
#include "xen/gnttab.h"

#define PLACES 8u
#define DOMID 5
#define GREFS 64u
#define REFUSED 63u /* a reference that cannot be mapped */

/* Younger pages than this are not given up for others. */
#define AGE_NS (1 * NS_PER_SEC)

static uint8_t pages[GREFS][16]; /* addresses of pages; nothing is written there */
static unsigned int mapped[GREFS];
static unsigned int maps, unmaps, refusals;
static struct persist *table;

int gnttab_map(struct gnttab *gt, uint16_t domid, const uint32_t *refs, unsigned int nr, void **ret)
{
	(void)gt;
	assert_int_equal(domid, DOMID);
	assert_int_equal(nr, 1);
	assert_in_range(refs[0], 0, GREFS - 1);
	if (refs[0] == REFUSED) {
		refusals++;
		return -EINVAL;
	}
	assert_int_equal(mapped[refs[0]], 0);
	mapped[refs[0]]++;
	maps++;
	*ret = pages[refs[0]];
	return 0;
}

int gnttab_unmap(struct gnttab *gt, void *addr, unsigned int nr)
{
	size_t gref = (size_t)((uint8_t(*)[16])addr - pages);

	(void)gt;
	assert_int_equal(nr, 1);
	assert_in_range(gref, 0, GREFS - 1);
	assert_int_equal(mapped[gref], 1);
	mapped[gref]--;
	unmaps++;
	return 0;
}

static int begin(void **state)
{
	(void)state;
	maps = unmaps = refusals = 0;
	return persist_new(NULL, DOMID, PLACES, &table);
}

/* Whatever a test has left in use is put back: then nothing stays mapped. */
static int end(void **state)
{
	(void)state;
	persist_free(table);
	assert_int_equal(maps, unmaps);
	return 0;
}

static void use(uint32_t gref, uint64_t now_ns)
{
	struct persist_page *page = persist_get(table, gref, now_ns);

	assert_non_null(page);
	assert_ptr_equal(persist_addr(page), pages[gref]);
	persist_put(page, now_ns);
}

static void page_is_mapped_once_and_stays(void **state)
{
	for (unsigned int i = 0; i < 100; i++)
		use(7, i);
	assert_int_equal(maps, 1);
	assert_int_equal(unmaps, 0);
	assert_int_equal(persist_mapped(table), 1);
}

static void page_can_be_in_use_more_than_once(void **state)
{
	struct persist_page *a = persist_get(table, 3, 0), *b = persist_get(table, 3, 0);

	assert_ptr_equal(a, b);
	persist_put(a, 1);
	assert_int_equal(persist_release(table, UINT64_MAX), 1);
	persist_put(b, 2);
	assert_int_equal(persist_release(table, UINT64_MAX), 0);
}

static void never_more_than_its_places(void **state)
{
	struct persist_page *held[PLACES];

	for (uint32_t i = 0; i < PLACES; i++) {
		held[i] = persist_get(table, i, 0);
		assert_non_null(held[i]);
	}
	/* All in use, and for however long. */
	for (uint32_t i = PLACES; i < REFUSED; i++)
		assert_null(persist_get(table, i, 100 * AGE_NS));
	assert_int_equal(persist_mapped(table), PLACES);
	assert_int_equal(maps, PLACES);
	for (uint32_t i = 0; i < PLACES; i++)
		persist_put(held[i], 0);
}

static void page_used_lately_is_not_given_up(void **state)
{
	for (uint32_t i = 0; i < PLACES; i++)
		use(i, 1000);
	assert_null(persist_get(table, 20, 1000 + AGE_NS - 1));
	assert_int_equal(unmaps, 0);
	use(20, 1000 + AGE_NS);
	assert_int_equal(unmaps, 1);
	assert_int_equal(persist_mapped(table), PLACES);
}

static void page_unused_for_longest_goes_first(void **state)
{
	for (uint32_t i = 0; i < PLACES; i++)
		use(i, i);
	use(0, PLACES); /* now 1 is the oldest */
	for (uint32_t i = 1; i < PLACES; i++) {
		use(20 + i, 10 * AGE_NS);
		assert_int_equal(mapped[i], 0);
		assert_int_equal(mapped[0], 1);
	}
}

/* Only the oldest is looked at: what is in use keeps its page, others are copied meanwhile. */
static void page_in_use_is_never_given_up(void **state)
{
	struct persist_page *held = persist_get(table, 0, 0);

	for (uint32_t i = 1; i < PLACES; i++)
		use(i, i);
	for (uint32_t i = 20; i < 40; i++) {
		struct persist_page *page = persist_get(table, i, 50 * AGE_NS + i);

		assert_int_equal(mapped[0], 1);
		if (page)
			persist_put(page, 50 * AGE_NS + i);
	}
	persist_put(held, 60 * AGE_NS);
}

/* As many as requests of all slots can have segments, and twice that. */
static void number_of_users_has_no_end(void **state)
{
	enum { USERS = 2 * 512 * 256 };
	struct persist_page *page = NULL;

	for (unsigned int i = 1; i <= USERS; i++) {
		page = persist_get(table, 9, 0);
		assert_non_null(page);
		if ((i & 0xffff) == 0)
			assert_int_equal(persist_release(table, UINT64_MAX), 1);
	}
	for (unsigned int i = 0; i < USERS; i++)
		persist_put(page, 1);
	assert_int_equal(persist_release(table, UINT64_MAX), 0);
}

static void refused_mapping_takes_no_place(void **state)
{
	for (unsigned int i = 0; i < 3 * PLACES; i++)
		assert_null(persist_get(table, REFUSED, i));
	assert_int_equal(refusals, 3 * PLACES);
	assert_int_equal(persist_mapped(table), 0);
	for (uint32_t i = 0; i < PLACES; i++)
		use(i, 100);
	assert_int_equal(persist_mapped(table), PLACES);
}

static void many_refusals_end_the_trying(void **state)
{
	use(1, 0);
	for (unsigned int i = 0; i < 63; i++)
		assert_null(persist_get(table, REFUSED, 0));
	use(2, 0); /* one that goes well, and the count begins anew */
	for (unsigned int i = 0; i < 1000; i++)
		assert_null(persist_get(table, REFUSED, 0));
	assert_int_equal(refusals, 63 + 64);
	assert_null(persist_get(table, 3, 0));
	use(1, 0); /* what is mapped is of use still */
	assert_int_equal(maps, 2);
}

static void release_takes_what_is_older(void **state)
{
	for (uint32_t i = 0; i < PLACES; i++)
		use(i, 100 + i);
	assert_int_equal(persist_release(table, 100), PLACES);
	assert_int_equal(persist_release(table, 103), PLACES - 3);
	for (uint32_t i = 0; i < PLACES; i++)
		assert_int_equal(mapped[i], i >= 3);
	assert_int_equal(persist_release(table, UINT64_MAX), 0);
	use(1, 200); /* and can be had again */
}

/* Against a simple judge: every page that is had is the right one, and books are kept. */
static void random_use_keeps_its_books(void **state)
{
	struct persist_page *held[32] = { NULL };
	uint64_t seed = 88172645463325252ull, now = 0;

	for (unsigned int i = 0; i < 200000; i++) {
		unsigned int at;

		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		at = (unsigned int)(seed >> 8) % 32;
		now += (seed >> 16) % (AGE_NS / 16);
		if (held[at]) {
			persist_put(held[at], now);
			held[at] = NULL;
		} else {
			uint32_t gref = (uint32_t)(seed >> 40) % GREFS;

			held[at] = persist_get(table, gref, now);
			if (held[at])
				assert_ptr_equal(persist_addr(held[at]), pages[gref]);
		}
		for (unsigned int k = 0; k < 32; k++)
			if (held[k])
				assert_int_equal(
					mapped[(uint8_t(*)[16])persist_addr(held[k]) - pages], 1);
		assert_int_equal(persist_mapped(table), maps - unmaps);
		assert_in_range(persist_mapped(table), 0, PLACES);
	}
	for (unsigned int k = 0; k < 32; k++)
		if (held[k])
			persist_put(held[k], now);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(page_is_mapped_once_and_stays, begin, end),
		cmocka_unit_test_setup_teardown(page_can_be_in_use_more_than_once, begin, end),
		cmocka_unit_test_setup_teardown(never_more_than_its_places, begin, end),
		cmocka_unit_test_setup_teardown(page_used_lately_is_not_given_up, begin, end),
		cmocka_unit_test_setup_teardown(page_unused_for_longest_goes_first, begin, end),
		cmocka_unit_test_setup_teardown(page_in_use_is_never_given_up, begin, end),
		cmocka_unit_test_setup_teardown(number_of_users_has_no_end, begin, end),
		cmocka_unit_test_setup_teardown(refused_mapping_takes_no_place, begin, end),
		cmocka_unit_test_setup_teardown(many_refusals_end_the_trying, begin, end),
		cmocka_unit_test_setup_teardown(release_takes_what_is_older, begin, end),
		cmocka_unit_test_setup_teardown(random_use_keeps_its_books, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
