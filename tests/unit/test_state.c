// SPDX-License-Identifier: GPL-2.0-or-later
/* The decision table of a backend device, and whole lives played through it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "xenbus/state.h"

static struct xenbus_view view(int back, int front)
{
	return (struct xenbus_view){
		.back_exists = true,
		.back_state = back,
		.front_exists = true,
		.front_state = front,
		.front_ready = front == 3 || front == 4,
		.online = true,
		.plugged = true,
	};
}

/* What a step does to the view; a started worker serves at once. */
static void apply(struct xenbus_view *v, enum xenbus_step step)
{
	switch (step) {
	case XENBUS_INIT:
		v->back_state = 2;
		v->failed = false;
		break;
	case XENBUS_CONNECT:
		v->worker = XENBUS_WORKER_SERVING;
		break;
	case XENBUS_PUBLISH:
		v->back_state = 4;
		break;
	case XENBUS_RECONFIGURE:
		v->back_state = 8;
		break;
	case XENBUS_GO_ON:
		v->back_state = 4;
		break;
	case XENBUS_CLOSING:
		v->back_state = 5;
		break;
	case XENBUS_STOP:
		v->worker = XENBUS_WORKER_NONE;
		break;
	case XENBUS_CLOSED:
		v->back_state = 6;
		break;
	case XENBUS_WAIT:
	case XENBUS_FORGET:
		break;
	}
}

static enum xenbus_step settle(struct xenbus_view *v)
{
	for (int steps = 0; steps < 10; steps++) {
		enum xenbus_step step = xenbus_next(v);

		if (step == XENBUS_WAIT || step == XENBUS_FORGET)
			return step;
		apply(v, step);
	}
	fail_msg("does not settle");
	return XENBUS_WAIT;
}

static void set_front(struct xenbus_view *v, int state)
{
	v->front_state = state;
	v->front_ready = state == 3 || state == 4;
}

static void usual_life(void **state)
{
	struct xenbus_view v = view(1, 1);

	v.plugged = false;
	settle(&v);
	assert_int_equal(v.back_state, 2);
	set_front(&v, 3);
	settle(&v);
	assert_int_equal(v.back_state, 2); /* the script is not done */
	assert_int_equal(v.worker, XENBUS_WORKER_NONE);
	v.plugged = true;
	settle(&v);
	assert_int_equal(v.back_state, 4);
	set_front(&v, 4);
	assert_int_equal(settle(&v), XENBUS_WAIT);
	assert_int_equal(v.worker, XENBUS_WORKER_SERVING);
}

static void frontend_closes_and_comes_back(void **state)
{
	struct xenbus_view v = view(4, 4);

	v.worker = XENBUS_WORKER_SERVING;
	set_front(&v, 5);
	settle(&v);
	assert_int_equal(v.back_state, 5);
	assert_int_equal(v.worker, XENBUS_WORKER_SERVING); /* still in use there */
	set_front(&v, 6);
	settle(&v);
	assert_int_equal(v.back_state, 6);
	assert_int_equal(v.worker, XENBUS_WORKER_NONE);
	set_front(&v, 1);
	settle(&v);
	assert_int_equal(v.back_state, 2);
}

static void detach_waits_for_the_frontend(void **state)
{
	struct xenbus_view v = view(4, 4);

	v.worker = XENBUS_WORKER_SERVING;
	v.online = false;
	v.back_state = 5; /* libxl writes it */
	settle(&v);
	assert_int_equal(v.back_state, 5);
	assert_int_equal(v.worker, XENBUS_WORKER_SERVING);
	set_front(&v, 6);
	settle(&v);
	assert_int_equal(v.back_state, 6);
	set_front(&v, 1);
	assert_int_equal(settle(&v), XENBUS_WAIT); /* not again */
	v.back_exists = false;
	assert_int_equal(settle(&v), XENBUS_FORGET);
}

static void detach_of_a_device_that_never_connected_is_immediate(void **state)
{
	struct xenbus_view v = view(5, 1);

	v.online = false;
	settle(&v);
	assert_int_equal(v.back_state, 6);
}

/* Its guest was ready, but the hotplug script never. */
static void detach_of_a_device_that_was_not_plugged_is_immediate(void **state)
{
	struct xenbus_view v = view(5, 4);

	v.online = false;
	v.plugged = false;
	assert_int_equal(xenbus_next(&v), XENBUS_CLOSED);
}

static void forced_removal_needs_no_frontend(void **state)
{
	for (int back = 1; back <= 6; back++) {
		struct xenbus_view v = view(back, 4);

		v.worker = back == 4 || back == 5 ? XENBUS_WORKER_SERVING : XENBUS_WORKER_NONE;
		v.front_exists = false;
		v.online = false;
		settle(&v);
		assert_int_equal(v.back_state, 6);
		assert_int_equal(v.worker, XENBUS_WORKER_NONE);
	}
}

static void vanished_directory_stops_the_worker_first(void **state)
{
	struct xenbus_view v = view(4, 4);

	v.worker = XENBUS_WORKER_SERVING;
	v.back_exists = false;
	assert_int_equal(xenbus_next(&v), XENBUS_STOP);
	v.worker = XENBUS_WORKER_STOPPING;
	assert_int_equal(xenbus_next(&v), XENBUS_WAIT);
	v.worker = XENBUS_WORKER_NONE;
	assert_int_equal(xenbus_next(&v), XENBUS_FORGET);
}

static void restarted_daemon_adopts_a_connected_device(void **state)
{
	struct xenbus_view v = view(4, 4);

	assert_int_equal(xenbus_next(&v), XENBUS_CONNECT);
	v.worker = XENBUS_WORKER_STARTING;
	assert_int_equal(xenbus_next(&v), XENBUS_WAIT);
	v.worker = XENBUS_WORKER_SERVING;
	assert_int_equal(xenbus_next(&v), XENBUS_WAIT);
	assert_int_equal(v.back_state, 4); /* the guest has seen nothing */
}

static void frontend_that_jumps_to_connected_is_served(void **state)
{
	struct xenbus_view v = view(2, 4);

	settle(&v);
	assert_int_equal(v.back_state, 4);
}

static void broken_device_is_closed_and_may_begin_anew(void **state)
{
	struct xenbus_view v = view(4, 4);

	v.worker = XENBUS_WORKER_SERVING;
	v.failed = true;
	settle(&v);
	assert_int_equal(v.back_state, 5);
	assert_int_equal(v.worker, XENBUS_WORKER_NONE);
	set_front(&v, 6);
	settle(&v);
	assert_int_equal(v.back_state, 6);
	set_front(&v, 1);
	settle(&v);
	assert_int_equal(v.back_state, 2);
	assert_false(v.failed);
}

/* Closed and open again before we looked. */
static void broken_device_whose_frontend_begins_at_once(void **state)
{
	struct xenbus_view v = view(4, 4);

	v.worker = XENBUS_WORKER_SERVING;
	v.failed = true;
	settle(&v);
	set_front(&v, 1);
	assert_int_equal(xenbus_next(&v), XENBUS_CLOSED);
	settle(&v);
	assert_int_equal(v.back_state, 2);
	assert_false(v.failed);
	v = view(5, 1);
	v.worker = XENBUS_WORKER_SERVING;
	assert_int_equal(xenbus_next(&v), XENBUS_STOP);
}

static void broken_device_does_not_hold_up_its_removal(void **state)
{
	struct xenbus_view v = view(5, 4);

	v.failed = true;
	v.online = false;
	settle(&v);
	assert_int_equal(v.back_state, 6);
}

/* A guest that was reset, from wherever it was. */
static void frontend_that_begins_anew_gets_a_new_worker(void **state)
{
	static const int backs[] = { 2, 4, 5, 8 };

	for (unsigned int i = 0; i < sizeof(backs) / sizeof(backs[0]); i++)
		for (int worker = 0; worker <= XENBUS_WORKER_SERVING; worker++) {
			struct xenbus_view v = view(backs[i], 1);

			v.reconfigures = true;
			v.worker = (enum xenbus_worker)worker;
			if (worker != XENBUS_WORKER_NONE)
				assert_int_equal(xenbus_next(&v), XENBUS_STOP);
			settle(&v);
			assert_int_equal(v.back_state, 2);
			assert_int_equal(v.worker, XENBUS_WORKER_NONE);
			set_front(&v, 4);
			settle(&v);
			assert_int_equal(v.back_state, 4);
			assert_int_equal(v.worker, XENBUS_WORKER_SERVING);
		}
}

/* It does not see 5 or 6, which Linux' frontends take for the end. */
static void frontend_that_begins_anew_sees_state_2_at_once(void **state)
{
	struct xenbus_view v = view(4, 1);

	assert_int_equal(xenbus_next(&v), XENBUS_INIT);
}

/* And one that is detached is not served again. */
static void detached_device_whose_frontend_begins_anew_is_closed(void **state)
{
	struct xenbus_view v = view(5, 1);

	v.online = false;
	v.worker = XENBUS_WORKER_SERVING;
	assert_int_equal(xenbus_next(&v), XENBUS_STOP);
	settle(&v);
	assert_int_equal(v.back_state, 6);
}

/* Deleted and made anew between two looks: what served the old one goes before anything else. */
static void device_made_over_a_served_one_stops_its_worker_first(void **state)
{
	struct xenbus_view v = view(1, 1);

	v.worker = XENBUS_WORKER_SERVING;
	assert_int_equal(xenbus_next(&v), XENBUS_STOP);
	v.worker = XENBUS_WORKER_STARTING;
	assert_int_equal(xenbus_next(&v), XENBUS_STOP);
	v.worker = XENBUS_WORKER_STOPPING;
	assert_int_equal(xenbus_next(&v), XENBUS_WAIT);
	v.worker = XENBUS_WORKER_NONE;
	assert_int_equal(xenbus_next(&v), XENBUS_INIT);
}

static void frontend_gives_up_before_it_is_connected(void **state)
{
	for (int front = 5; front <= 6; front++) {
		struct xenbus_view v = view(2, front);

		assert_int_equal(xenbus_next(&v), XENBUS_CLOSED);
		v.worker = XENBUS_WORKER_STARTING;
		assert_int_equal(xenbus_next(&v), XENBUS_STOP);
		settle(&v);
		assert_int_equal(v.back_state, 6);
		assert_int_equal(v.worker, XENBUS_WORKER_NONE);
	}
}

/* The toolstack has written 5; the guest still reads from its disk. */
static void device_is_served_until_its_frontend_lets_go(void **state)
{
	struct xenbus_view v = view(5, 4);

	v.online = false;
	v.worker = XENBUS_WORKER_SERVING;
	assert_int_equal(xenbus_next(&v), XENBUS_WAIT);
	set_front(&v, 5);
	assert_int_equal(xenbus_next(&v), XENBUS_WAIT);
	set_front(&v, 6);
	assert_int_equal(xenbus_next(&v), XENBUS_STOP);
}

/* Somebody has written something else into our state node by hand. */
static void guest_can_let_go_whatever_our_state_says(void **state)
{
	for (int back = -1; back <= 9; back++) {
		struct xenbus_view v = view(back, 6);

		v.worker = XENBUS_WORKER_SERVING;
		assert_int_equal(xenbus_next(&v), XENBUS_STOP);
	}
}

static void restarted_daemon_adopts_a_device_that_is_being_detached(void **state)
{
	struct xenbus_view v = view(5, 4);

	v.online = false;
	assert_int_equal(xenbus_next(&v), XENBUS_CONNECT);
	settle(&v);
	assert_int_equal(v.worker, XENBUS_WORKER_SERVING);
	v.worker = XENBUS_WORKER_NONE;
	set_front(&v, 3); /* never was connected */
	assert_int_equal(xenbus_next(&v), XENBUS_WAIT);
}

/* Whatever is to be seen, the table comes to rest. */
/* As Linux' netfront does when an XDP program comes, and when it goes again. */
static void frontend_reconfigures_twice(void **state)
{
	struct xenbus_view v = view(4, 4);

	v.worker = XENBUS_WORKER_SERVING;
	v.reconfigures = true;
	for (int i = 0; i < 2; i++) {
		set_front(&v, 7);
		v.front_ready = true;
		settle(&v);
		assert_int_equal(v.back_state, 8);
		assert_int_equal(v.worker, XENBUS_WORKER_SERVING);
		set_front(&v, 4);
		settle(&v);
		assert_int_equal(v.back_state, 4);
	}
	set_front(&v, 7);
	settle(&v);
	set_front(&v, 6); /* and goes while it does */
	settle(&v);
	assert_int_equal(v.back_state, 6);
	assert_int_equal(v.worker, XENBUS_WORKER_NONE);
}

static void restarted_daemon_adopts_a_device_that_reconfigures(void **state)
{
	for (int back = 4; back <= 8; back += 4) {
		struct xenbus_view v = view(back, 7);

		v.reconfigures = true;
		v.front_ready = true;
		assert_int_equal(xenbus_next(&v), XENBUS_CONNECT);
		settle(&v);
		assert_int_equal(v.back_state, 8);
		assert_int_equal(v.worker, XENBUS_WORKER_SERVING);
	}
}

/* Of devices that do not know it, and of one that is given up. */
static void reconfigured_is_not_for_everybody(void **state)
{
	struct xenbus_view v = view(4, 7);

	v.worker = XENBUS_WORKER_SERVING;
	assert_int_equal(settle(&v), XENBUS_WAIT);
	assert_int_equal(v.back_state, 4);
	v.back_state = 8;
	assert_int_equal(settle(&v), XENBUS_WAIT);
	assert_int_equal(v.back_state, 8);
	v.reconfigures = true;
	v.failed = true;
	settle(&v);
	assert_int_equal(v.back_state, 5);
}

static void every_view_settles(void **state)
{
	for (unsigned int bits = 0; bits < 1u << 7; bits++)
		for (int back = -1; back <= 9; back++)
			for (int front = -1; front <= 9; front++)
				for (int worker = 0; worker <= XENBUS_WORKER_STOPPING; worker++) {
					struct xenbus_view v = {
						.back_exists = bits & 1,
						.front_exists = bits & 2,
						.online = bits & 4,
						.plugged = bits & 8,
						.failed = bits & 16,
						.front_ready = bits & 32,
						.reconfigures = bits & 64,
						.back_state = back,
						.front_state = front,
						.worker = (enum xenbus_worker)worker,
					};

					settle(&v);
				}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(usual_life),
		cmocka_unit_test(frontend_closes_and_comes_back),
		cmocka_unit_test(detach_waits_for_the_frontend),
		cmocka_unit_test(detach_of_a_device_that_never_connected_is_immediate),
		cmocka_unit_test(detach_of_a_device_that_was_not_plugged_is_immediate),
		cmocka_unit_test(forced_removal_needs_no_frontend),
		cmocka_unit_test(vanished_directory_stops_the_worker_first),
		cmocka_unit_test(restarted_daemon_adopts_a_connected_device),
		cmocka_unit_test(frontend_that_jumps_to_connected_is_served),
		cmocka_unit_test(broken_device_is_closed_and_may_begin_anew),
		cmocka_unit_test(broken_device_whose_frontend_begins_at_once),
		cmocka_unit_test(broken_device_does_not_hold_up_its_removal),
		cmocka_unit_test(frontend_that_begins_anew_gets_a_new_worker),
		cmocka_unit_test(frontend_that_begins_anew_sees_state_2_at_once),
		cmocka_unit_test(detached_device_whose_frontend_begins_anew_is_closed),
		cmocka_unit_test(device_made_over_a_served_one_stops_its_worker_first),
		cmocka_unit_test(frontend_gives_up_before_it_is_connected),
		cmocka_unit_test(device_is_served_until_its_frontend_lets_go),
		cmocka_unit_test(guest_can_let_go_whatever_our_state_says),
		cmocka_unit_test(restarted_daemon_adopts_a_device_that_is_being_detached),
		cmocka_unit_test(frontend_reconfigures_twice),
		cmocka_unit_test(restarted_daemon_adopts_a_device_that_reconfigures),
		cmocka_unit_test(reconfigured_is_not_for_everybody),
		cmocka_unit_test(every_view_settles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
