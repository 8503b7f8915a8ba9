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

/* What the macros of xen/io/ring.h expect; everything runs in one thread. */
#define mb() __sync_synchronize()
#define wmb() __sync_synchronize()
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
		rsp.id = req.id;
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
			assert_int_equal(RING_GET_RESPONSE(&front, front.rsp_cons++)->id, id + i);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(ring_has_as_many_slots_as_the_frontend_thinks, fresh),
		cmocka_unit_test_setup(requests_and_responses_go_round_many_times, fresh),
		cmocka_unit_test_setup(more_requests_than_slots_is_broken, fresh),
		cmocka_unit_test_setup(unanswered_requests_count_as_used_slots, fresh),
		cmocka_unit_test_setup(producer_behind_the_consumer_is_broken, fresh),
		cmocka_unit_test_setup(event_is_asked_for_and_the_last_look_is_not_missed, fresh),
		cmocka_unit_test_setup(frontend_is_notified_only_when_it_asks, fresh),
		cmocka_unit_test_setup(successor_goes_on_where_the_predecessor_stopped, fresh),
		cmocka_unit_test_setup(peek_consumes_nothing, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
