// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A console's turn, on a page of plain memory and a real pty: what goes where,
 * when the guest is notified, when its port is unmasked.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include <xen/io/console.h>

#include "../../consoled/pump.h"
#include "worker/child.h"

#define LOCAL_PORT 5

static union {
	struct xencons_interface ring;
	uint8_t bytes[4096];
} page;

static struct {
	unsigned int notified, unmasked, unbound, unmapped, broken;
	int bind_result;
} xen;

static struct pump_env env;
static struct pump *pump;
static int client, logged;

/* --- what the pump sees instead of Xen and consoled --- */

int gnttab_map(struct gnttab *gt, uint16_t domid, const uint32_t *refs, unsigned int nr, void **ret)
{
	*ret = &page;
	return 0;
}

int gnttab_unmap(struct gnttab *gt, void *addr, unsigned int nr)
{
	xen.unmapped++;
	return 0;
}

int evtchn_bind(struct evtchn *ec, uint16_t domid, uint32_t remote, uint32_t *ret_local)
{
	*ret_local = LOCAL_PORT;
	return xen.bind_result;
}

void evtchn_unbind(struct evtchn *ec, uint32_t local)
{
	xen.unbound++;
}

int evtchn_unmask(struct evtchn *ec, const uint32_t *ports, unsigned int nr)
{
	assert_int_equal(ports[0], LOCAL_PORT);
	xen.unmasked++;
	return 0;
}

int evtchn_notify(struct evtchn *ec, uint32_t local)
{
	assert_int_equal(local, LOCAL_PORT);
	xen.notified++;
	return 0;
}

int child_broken(uint32_t id, const char *fmt, ...)
{
	assert_int_equal(id, 7);
	xen.broken++;
	return 0;
}

/* --- set-up --- */

static unsigned int ticks;

static void on_tick(void *ctx, uint32_t events)
{
	env.ticking = false;
	ticks++;
}

static void on_full(uint32_t id)
{
}

static void on_pause(void *ctx, uint32_t events)
{
	loop_quit(ctx);
}

/* Let the pump's own sources have their turns for @ms milliseconds. */
static void run_loop(unsigned int ms)
{
	struct loop_source *pause;

	assert_int_equal(loop_add_timer(env.loop, on_pause, env.loop, &pause), 0);
	loop_arm_timer(pause, ms * 1000000ull);
	loop_run(env.loop);
	loop_del(pause);
}

static int open_pty(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
	struct termios tio;

	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	client = open(ptsname(master), O_RDWR | O_NOCTTY | O_NONBLOCK);
	assert_int_equal(tcgetattr(client, &tio), 0);
	cfmakeraw(&tio);
	tcsetattr(client, TCSANOW, &tio);
	return master;
}

static int open_log(void)
{
	char path[] = "/tmp/test_con_pump.XXXXXX";

	logged = mkostemp(path, O_APPEND);
	unlink(path);
	return dup(logged);
}

static int serve(void)
{
	struct worker_msg add = { .id = 7,
				  .dev = "console/1",
				  .con = { .domid = 1, .backlog_max = 65536 } };
	const char *step;

	return pump_new(&env, &add, open_pty(), open_log(), &pump, &step);
}

static int set_up(void **state)
{
	memset(&page, 0, sizeof(page));
	memset(&xen, 0, sizeof(xen));
	env.ticking = false;
	assert_int_equal(loop_new(&env.loop), 0);
	assert_int_equal(loop_add_timer(env.loop, on_tick, NULL, &env.tick), 0);
	assert_int_equal(writer_start(on_full, &env.writer), 0);
	assert_int_equal(serve(), 0);
	return 0;
}

static int tear_down(void **state)
{
	if (pump)
		pump_free(pump);
	pump = NULL;
	close(client);
	close(logged);
	loop_del(env.tick);
	loop_free(env.loop);
	return 0;
}

static void guest_says(const char *text)
{
	for (; *text != '\0'; text++)
		page.ring.out[page.ring.out_prod++ & 2047] = *text;
}

static void client_sees(const char *text)
{
	char got[256] = "";

	run_loop(10);
	if (read(client, got, sizeof(got) - 1) < 0)
		got[0] = '\0';
	assert_string_equal(got, text);
}

static void log_has(const char *text)
{
	char got[256];
	ssize_t n;

	writer_finish(env.writer, 5000);
	n = pread(logged, got, sizeof(got) - 1, 0);
	got[n] = '\0';
	assert_string_equal(got, text);
}

/* --- the turns --- */

static void test_output_goes_to_client_and_log(void **state)
{
	guest_says("a\033[1m\r\n");
	pump_on_kick(pump);
	assert_int_equal(page.ring.out_cons, 7);
	assert_int_equal(xen.notified, 1);
	assert_int_equal(xen.unmasked, 1);
	client_sees("a\033[1m\r\n");
	log_has("a.[1m\n");
}

static void test_no_notify_without_progress(void **state)
{
	pump_on_kick(pump);
	pump_on_kick(pump);
	assert_int_equal(xen.notified, 0);
	assert_int_equal(xen.unmasked, 2);
}

static void test_input_goes_to_the_guest(void **state)
{
	pump_on_kick(pump);
	assert_int_equal(write(client, "ls\n", 3), 3);
	run_loop(10);
	assert_int_equal(page.ring.in_prod, 3);
	assert_memory_equal(page.ring.in, "ls\n", 3);
	assert_int_equal(xen.notified, 1);
}

static void test_input_waits_for_room(void **state)
{
	char typed[3000];

	memset(typed, 't', sizeof(typed));
	pump_on_kick(pump);
	assert_int_equal(write(client, typed, sizeof(typed)), sizeof(typed));
	run_loop(10);
	assert_int_equal(page.ring.in_prod, 1024);
	assert_int_equal(xen.notified, 1);
	page.ring.in_cons += 100;
	pump_on_kick(pump);
	assert_int_equal(page.ring.in_prod, 1124);
	for (int i = 0; i < 3; i++) {
		page.ring.in_cons = page.ring.in_prod;
		pump_on_kick(pump);
		run_loop(5);
	}
	assert_int_equal(page.ring.in_prod, sizeof(typed));
}

static void test_guest_never_waits_for_a_client(void **state)
{
	char ring[2049];

	memset(ring, 'x', 2048);
	ring[2048] = '\0';
	for (int i = 0; i < 100; i++) { /* 200 KiB into a backlog of 64 */
		guest_says(ring);
		pump_on_kick(pump);
		assert_int_equal(page.ring.out_cons, page.ring.out_prod);
	}
	assert_int_equal(xen.unmasked, 100);
}

static void test_guest_waits_for_its_budget(void **state)
{
	char ring[2049];
	unsigned int turns;

	memset(ring, 'x', 2048);
	ring[2048] = '\0';
	for (turns = 0; turns < 10000; turns++) {
		guest_says(ring);
		pump_on_kick(pump);
		if (page.ring.out_cons != page.ring.out_prod)
			break;
	}
	/* The burst of half a MiB, and what has come in meanwhile. */
	assert_in_range(turns, 200, 2000);
	assert_int_equal(xen.unmasked, turns); /* the last is still masked */
	usleep(20000);
	pump_on_tick(pump);
	assert_int_equal(page.ring.out_cons, page.ring.out_prod);
	assert_int_equal(xen.unmasked, turns + 1);
}

static void fill_ring(void)
{
	while (page.ring.out_prod - page.ring.out_cons < sizeof(page.ring.out))
		guest_says("x");
}

/* The tick is for all consoles: one with much to do must not keep it from others. */
static void test_busy_pty_does_not_put_off_the_tick(void **state)
{
	do {
		fill_ring();
		pump_on_kick(pump);
	} while (page.ring.out_cons == page.ring.out_prod);
	ticks = 0;
	for (int i = 0; i < 40; i++) {
		fill_ring(); /* out of budget all the time */
		page.ring.in_cons = page.ring.in_prod;
		assert_int_equal(write(client, "k", 1), 1);
		run_loop(1);
	}
	assert_true(ticks > 0);
}

static void test_event_storm_is_masked(void **state)
{
	for (int i = 0; i < 5000; i++)
		pump_on_kick(pump);
	assert_in_range(xen.unmasked, 500, 3000);
	assert_int_equal(xen.notified, 0);
}

static void test_broken_ring_stops_this_console(void **state)
{
	page.ring.out_prod = 2049;
	pump_on_kick(pump);
	assert_int_equal(xen.broken, 1);
	assert_int_equal(xen.unmapped, 1);
	assert_int_equal(xen.unbound, 1);
	assert_int_equal(xen.notified, 0);
	assert_int_equal(xen.unmasked, 0);
	assert_int_equal(pump_port(pump), UINT32_MAX);
	assert_int_equal(write(client, "x", 1), 1);
	run_loop(10); /* nobody looks into the page any more */
	assert_int_equal(page.ring.in_prod, 0);
	assert_int_equal(xen.broken, 1);
}

static void test_broken_input_index(void **state)
{
	guest_says("last words");
	page.ring.in_cons = 1;
	pump_on_kick(pump);
	assert_int_equal(xen.broken, 1);
	log_has("last words");
}

static void test_last_words_are_kept(void **state)
{
	char got[64] = "";

	guest_says("Power down\n");
	pump_free(pump);
	pump = NULL;
	assert_int_equal(xen.unmapped, 1);
	assert_int_equal(xen.unbound, 1);
	log_has("Power down\n");
	(void)!read(client, got, sizeof(got)); /* hung up by now, or not yet */
}

static void test_taken_over_ring_is_notified_once(void **state)
{
	pump_free(pump);
	memset(&xen, 0, sizeof(xen));
	page.ring.out_cons = page.ring.out_prod = 100;
	assert_int_equal(serve(), 0);
	assert_int_equal(xen.notified, 1);
}

static void test_failed_bind_leaves_nothing(void **state)
{
	pump_free(pump);
	pump = NULL;
	memset(&xen, 0, sizeof(xen));
	xen.bind_result = -EINVAL;
	assert_int_equal(serve(), -EINVAL);
	assert_int_equal(xen.unmapped, 1);
}

#define turn_test(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		turn_test(test_output_goes_to_client_and_log),
		turn_test(test_no_notify_without_progress),
		turn_test(test_input_goes_to_the_guest),
		turn_test(test_input_waits_for_room),
		turn_test(test_guest_never_waits_for_a_client),
		turn_test(test_guest_waits_for_its_budget),
		turn_test(test_busy_pty_does_not_put_off_the_tick),
		turn_test(test_event_storm_is_masked),
		turn_test(test_broken_ring_stops_this_console),
		turn_test(test_broken_input_index),
		turn_test(test_last_words_are_kept),
		turn_test(test_taken_over_ring_is_notified_once),
		turn_test(test_failed_bind_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
