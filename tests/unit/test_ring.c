// SPDX-License-Identifier: GPL-2.0-or-later
/* ring.c against a frontend made with the macros of xen/io/ring.h. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ring/ring.h"

#include "barriers.h"
#include <xen/io/ring.h>

struct test_request {
	uint32_t id;
	uint32_t words[5];
};

struct test_response {
	uint32_t id;
	uint32_t status;
};

DEFINE_RING_TYPES(test, struct test_request, struct test_response);

#define SLOT sizeof(union test_sring_entry)

static _Alignas(4096) uint8_t page[4096];
static struct test_front_ring front;
static struct ring ring;

static int fresh(void **state)
{
	struct test_sring *shared = (struct test_sring *)page;

	memset(page, 0, sizeof(page));
	SHARED_RING_INIT(shared);
	FRONT_RING_INIT(&front, shared, sizeof(page));
	assert_int_equal(ring_attach(&ring, page, sizeof(page), SLOT), 0);
	return 0;
}

/* Put @nr requests with ids from @id; returns whether to notify the backend. */
static int send_requests(uint32_t id, unsigned int nr)
{
	int notify;

	for (unsigned int i = 0; i < nr; i++)
		RING_GET_REQUEST(&front, front.req_prod_pvt++)->id = id + i;
	RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&front, notify);
	return notify;
}

static void take_and_answer(uint32_t id, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++) {
		struct test_request req;
		struct test_response rsp = { .status = 1 };

		ring_take(&ring, &req, sizeof(req));
		assert_int_equal(req.id, id + i);
		/* Not what stands in the slot already. */
		rsp.id = ~req.id;
		ring_put(&ring, &rsp, sizeof(rsp));
	}
}

static void ring_has_as_many_slots_as_the_frontend_thinks(void **state)
{
	assert_int_equal(ring.nr_slots, RING_SIZE(&front));
}

static void requests_and_responses_go_round_many_times(void **state)
{
	uint32_t avail, id = 0;

	for (int round = 0; round < 1000; round++) {
		unsigned int nr = 1 + (unsigned int)round % ring.nr_slots;

		send_requests(id, nr);
		assert_int_equal(ring_avail(&ring, &avail), 0);
		assert_int_equal(avail, nr);
		take_and_answer(id, nr);
		assert_int_equal(ring_inflight(&ring), 0);
		ring_push(&ring);
		for (unsigned int i = 0; i < nr; i++)
			assert_int_equal(RING_GET_RESPONSE(&front, front.rsp_cons++)->id,
					 ~(id + i));
		id += nr;
	}
}

static void more_requests_than_slots_is_broken(void **state)
{
	struct test_sring *shared = (struct test_sring *)page;
	uint32_t avail;

	shared->req_prod = ring.nr_slots;
	assert_int_equal(ring_avail(&ring, &avail), 0);
	shared->req_prod = ring.nr_slots + 1;
	assert_int_equal(ring_avail(&ring, &avail), -EPROTO);
	shared->req_prod = UINT32_MAX; /* going backwards is going far ahead */
	assert_int_equal(ring_avail(&ring, &avail), -EPROTO);
}

static void unanswered_requests_count_as_used_slots(void **state)
{
	struct test_sring *shared = (struct test_sring *)page;
	struct test_request req;
	uint32_t avail;

	send_requests(0, 4);
	for (int i = 0; i < 4; i++)
		ring_take(&ring, &req, sizeof(req));
	assert_int_equal(ring_inflight(&ring), 4);
	shared->req_prod = ring.nr_slots + 1;
	assert_int_equal(ring_avail(&ring, &avail), -EPROTO);
}

static void producer_behind_the_consumer_is_broken(void **state)
{
	struct test_sring *shared = (struct test_sring *)page;
	struct test_request req;
	uint32_t avail;

	send_requests(0, 4);
	for (int i = 0; i < 4; i++)
		ring_take(&ring, &req, sizeof(req));
	shared->req_prod = 3;
	assert_int_equal(ring_avail(&ring, &avail), -EPROTO);
}

static void event_is_asked_for_and_the_last_look_is_not_missed(void **state)
{
	uint32_t avail;

	assert_false(ring_arm(&ring, 1));
	assert_true(send_requests(0, 1));
	assert_true(ring_arm(&ring, 1));
	assert_int_equal(ring_avail(&ring, &avail), 0);
	take_and_answer(0, 1);
	assert_false(ring_arm(&ring, 3));
	assert_false(send_requests(1, 2)); /* two are not three */
	assert_true(send_requests(3, 1));
}

static void no_event_comes_while_none_is_wanted(void **state)
{
	assert_false(ring_arm(&ring, 1));
	ring_disarm(&ring);
	for (uint32_t sent = 0; sent < 8; sent++)
		assert_false(send_requests(sent, 1));
	take_and_answer(0, 8);
	assert_false(ring_arm(&ring, 1));
	assert_true(send_requests(8, 1));
}

static void frontend_is_notified_only_when_it_asks(void **state)
{
	struct test_sring *shared = (struct test_sring *)page;

	send_requests(0, 2);
	take_and_answer(0, 1);
	assert_true(ring_push(&ring));	/* rsp_event starts at 1 */
	assert_false(ring_push(&ring)); /* nothing new */
	take_and_answer(1, 1);
	assert_false(ring_push(&ring)); /* the frontend has not asked again */
	send_requests(2, 1);
	shared->rsp_event = 3;
	take_and_answer(2, 1);
	assert_true(ring_push(&ring));
}

static void successor_goes_on_where_the_predecessor_stopped(void **state)
{
	struct ring next;
	uint32_t avail;

	send_requests(0, 3);
	take_and_answer(0, 3);
	ring_push(&ring);
	send_requests(3, 2);
	assert_int_equal(ring_attach(&next, page, sizeof(page), SLOT), 0);
	assert_int_equal(ring_avail(&next, &avail), 0);
	assert_int_equal(avail, 2);
	ring = next;
	take_and_answer(3, 2);
}

static void peek_consumes_nothing(void **state)
{
	struct test_request req;

	send_requests(10, 2);
	ring_peek(&ring, 1, &req, sizeof(req));
	assert_int_equal(req.id, 11);
	assert_int_equal(ring_inflight(&ring), 0);
	take_and_answer(10, 2);
}

/* Requests go round over the wrap of every index, which is at 2^32. */
static void indices_wrap(void **state)
{
	struct test_sring *shared = (struct test_sring *)page;
	uint32_t start = UINT32_MAX - 5, avail;

	shared->req_prod = start;
	shared->rsp_prod = start;
	shared->req_event = start + 1;
	shared->rsp_event = start + 1;
	front.req_prod_pvt = start;
	front.rsp_cons = start;
	assert_int_equal(ring_attach(&ring, page, sizeof(page), SLOT), 0);
	for (uint32_t id = 0; id < 12; id += 3) {
		assert_true(send_requests(id, 3));
		assert_int_equal(ring_avail(&ring, &avail), 0);
		assert_int_equal(avail, 3);
		take_and_answer(id, 3);
		assert_true(ring_push(&ring));
		assert_false(ring_arm(&ring, 1));
		for (unsigned int i = 0; i < 3; i++)
			assert_int_equal(RING_GET_RESPONSE(&front, front.rsp_cons++)->id,
					 ~(id + i));
		shared->rsp_event = front.rsp_cons + 1;
	}
	assert_int_equal(ring.req_cons, start + 12);
}

/* Whatever the guest writes to all four of its indices, at any time. */
static void no_index_gives_more_than_the_ring(void **state)
{
	static const uint32_t corners[] = {
		0,
		1,
		2,
		31,
		32,
		33,
		INT32_MAX,
		1u << 31,
		(1u << 31) + 1,
		UINT32_MAX - 32,
		UINT32_MAX - 31,
		UINT32_MAX,
	};
	const unsigned int nr = sizeof(corners) / sizeof(corners[0]);
	struct test_sring *shared = (struct test_sring *)page;

	for (unsigned int own = 0; own < nr; own++)
		for (unsigned int prod = 0; prod < nr; prod++) {
			uint32_t avail = 77, ahead = corners[prod] - corners[own];
			int want = ahead <= ring.nr_slots ? 0 : -EPROTO;
			struct ring r;

			shared->rsp_prod = corners[own];
			shared->req_prod = corners[prod];
			shared->req_event = corners[prod];
			shared->rsp_event = corners[prod];
			assert_int_equal(ring_attach(&r, page, sizeof(page), SLOT), want);
			assert_int_equal(ring_avail(&r, &avail), want);
			assert_int_equal(avail, want ? 77 : ahead);
			/* Our own indices stay ours, whatever stands in the page. */
			shared->rsp_prod = ~corners[own];
			assert_int_equal(ring_avail(&r, &avail), want);
		}
}

static void pages_and_slots_give_a_power_of_two(void **state)
{
	static _Alignas(4096) uint8_t pages[2 * 4096];
	static const struct {
		size_t bytes, slot;
		uint32_t nr;
	} cases[] = {
		{ 4096, 112, 32 }, { 4096, 108, 32 }, { 8192, 112, 64 }, { 4096, 12, 256 },
		{ 4096, 8, 256 },  { 4096, 4032, 1 }, { 4096, 2016, 2 }, { 4096, 2017, 1 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(ring_attach(&ring, pages, cases[i].bytes, cases[i].slot), 0);
		assert_int_equal(ring.nr_slots, cases[i].nr);
	}
}

static void part_of_a_slot_is_copied_to_the_byte(void **state)
{
	uint8_t part[12];

	memset(RING_GET_REQUEST(&front, 0), 0x5a, SLOT);
	for (size_t size = 0; size < sizeof(part); size++) {
		memset(part, 0xee, sizeof(part));
		ring_peek(&ring, 0, part, size);
		for (size_t i = 0; i < sizeof(part); i++)
			assert_int_equal(part[i], i < size ? 0x5a : 0xee);
	}
}

static void what_was_taken_is_ours(void **state)
{
	struct test_request req;

	send_requests(4, 1);
	ring_take(&ring, &req, sizeof(req));
	RING_GET_REQUEST(&front, 0)->id = 99;
	assert_int_equal(req.id, 4);
}

/* XSA-216: what a response does not fill is what the guest wrote itself. */
static void response_leaks_nothing_into_its_slot(void **state)
{
	struct test_response rsp = { .id = 1, .status = 2 };
	uint8_t *slot = (uint8_t *)RING_GET_RESPONSE(&front, 0);

	memset(slot, 0x5a, SLOT);
	ring_put(&ring, &rsp, sizeof(rsp));
	for (size_t i = sizeof(rsp); i < SLOT; i++)
		assert_int_equal(slot[i], 0x5a);
}

static void responses_are_seen_only_when_pushed(void **state)
{
	struct test_sring *shared = (struct test_sring *)page;

	send_requests(0, 2);
	take_and_answer(0, 2);
	assert_int_equal(shared->rsp_prod, 0);
	ring_push(&ring);
	assert_int_equal(shared->rsp_prod, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(ring_has_as_many_slots_as_the_frontend_thinks, fresh),
		cmocka_unit_test_setup(requests_and_responses_go_round_many_times, fresh),
		cmocka_unit_test_setup(more_requests_than_slots_is_broken, fresh),
		cmocka_unit_test_setup(unanswered_requests_count_as_used_slots, fresh),
		cmocka_unit_test_setup(producer_behind_the_consumer_is_broken, fresh),
		cmocka_unit_test_setup(event_is_asked_for_and_the_last_look_is_not_missed, fresh),
		cmocka_unit_test_setup(no_event_comes_while_none_is_wanted, fresh),
		cmocka_unit_test_setup(frontend_is_notified_only_when_it_asks, fresh),
		cmocka_unit_test_setup(successor_goes_on_where_the_predecessor_stopped, fresh),
		cmocka_unit_test_setup(peek_consumes_nothing, fresh),
		cmocka_unit_test_setup(indices_wrap, fresh),
		cmocka_unit_test_setup(no_index_gives_more_than_the_ring, fresh),
		cmocka_unit_test_setup(pages_and_slots_give_a_power_of_two, fresh),
		cmocka_unit_test_setup(part_of_a_slot_is_copied_to_the_byte, fresh),
		cmocka_unit_test_setup(what_was_taken_is_ours, fresh),
		cmocka_unit_test_setup(response_leaks_nothing_into_its_slot, fresh),
		cmocka_unit_test_setup(responses_are_seen_only_when_pushed, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
