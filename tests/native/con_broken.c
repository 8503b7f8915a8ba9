// SPDX-License-Identifier: GPL-2.0-or-later
/* Guests that break their ring: theirs stops, with a line in the log; others go on. */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "con_env.h"

static struct con neighbour;

static void begin(void)
{
	daemon_start(NULL);
	con_new(&neighbour, "neighbour");
	con_chat(&neighbour, "before\n");
}

static bool ring_is_let_go(void *ctx)
{
	return !guest_grant_in_use(confront_guest(ctx), GNTTAB_RESERVED_CONSOLE);
}

/* Its ring is no longer mapped, its port free, and it is said once. */
static void is_given_up(struct con *c, const char *what)
{
	struct xencons_interface *page = confront_page(c->front);
	uint32_t out_cons = page->out_cons, in_prod = page->in_prod;

	confront_notify(c->front);
	daemon_wait_line(c->dev, "impossible index");
	check(wait_for(ring_is_let_go, c->front, PATIENCE_MS), "%s: the ring is still mapped",
	      what);
	for (int i = 0; i < 5; i++) {
		confront_notify(c->front);
		sleep_ms(2);
	}
	check(daemon_lines(c->dev, "impossible index") == 1, "%s: it is said more than once", what);
	check(page->out_cons == out_cons && page->in_prod == in_prod,
	      "%s: something was moved nevertheless", what);
	con_chat(&neighbour, "I am fine\n");
}

/* Output: what the guest claims to have printed beyond what was taken. */
static void output_index_corners(void)
{
	static const uint32_t claims[] = { 2049,       4096,	   65536,      0x7fffffff,
					   0x80000000, 0x80000001, 0xfffff7ff, 0xfffff800,
					   0xfffffffe, 0xffffffff };

	begin();
	for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++) {
		struct xencons_interface *page;
		char what[32];
		struct con c;

		snprintf(what, sizeof(what), "claims-%x", claims[i]);
		con_new(&c, what);
		con_chat(&c, "hello\n");
		page = confront_page(c.front);
		page->out_prod = page->out_cons + claims[i];
		is_given_up(&c, what);
	}
}

/* Input: how far the guest claims to have read beyond what was put (or how far behind it is). */
static void input_index_corners(void)
{
	static const uint32_t claims[] = { 1,	       2,	   1024,       0x7fffffff,
					   0x80000000, 0xffff0000, 0xfffffbfe, 0xfffffbff };

	begin();
	for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++) {
		struct xencons_interface *page;
		char what[32];
		struct con c;

		snprintf(what, sizeof(what), "claims-%x", claims[i]);
		con_new(&c, what);
		con_chat(&c, "hello\n");
		page = confront_page(c.front);
		page->in_cons = page->in_prod + claims[i];
		is_given_up(&c, what);
	}
}

static bool ring_is_taken(void *ctx)
{
	return guest_grant_in_use(confront_guest(ctx), GNTTAB_RESERVED_CONSOLE);
}

/* Nobody may serve it, everybody else is served, and it is said once, not once a try. */
static void broken_from_the_start(void)
{
	struct con c;

	begin();
	con_create(&c, "stillborn");
	con_attach(&c, CONFRONT_NO_KEYS);
	confront_page(c.front)->out_prod = 5000;
	check(confront_say(c.front) == 0, "no keys");
	daemon_wait_line(c.dev, "take over the ring");
	con_chat(&neighbour, "I am fine\n");
	sleep_ms(1200); /* another try or so */
	check(daemon_lines(c.dev, NULL) == 1, "it is said again and again");
	confront_page(c.front)->out_prod = 0;
	con_served(&c);
	con_chat(&c, "all is well\n");
}

static void new_ring_after_a_broken_one(void)
{
	struct con c;

	begin();
	con_new(&c, "reformed");
	confront_page(c.front)->out_prod = 0x12345678;
	is_given_up(&c, "first ring");
	con_replace(&c);
	check(wait_for(ring_is_taken, c.front, PATIENCE_MS), "the new ring is not served");
	con_chat(&c, "all is well\n"); /* on the same pty */
}

/* A soft reset: same page, same number of the port, but both are new. */
static void broken_ring_made_anew_in_its_place(void)
{
	struct xencons_interface *page;
	char port[64];
	struct con c;

	begin();
	con_new(&c, "reset");
	page = confront_page(c.front);
	page->out_prod = 0x12345678;
	is_given_up(&c, "first ring");
	memset(page, 0, sizeof(*page));
	con_key_read(&c, "port", port);
	check(confront_key(c.front, "port", port, strlen(port)) == 0, "port");
	check(wait_for(ring_is_taken, c.front, PATIENCE_MS), "the new ring is not served");
	con_chat(&c, "all is well\n");
}

/* out_cons and in_prod are the daemon's: what the guest writes there does not count. */
static void daemons_own_indices_are_private(void)
{
	struct xencons_interface *page;
	char got[64];
	struct con c;

	begin();
	con_new(&c, "forger");
	con_chat(&c, "0123456789");
	page = confront_page(c.front);
	page->out_cons = page->out_prod - 9; /* "take these once more" */
	page->in_prod = page->in_cons + 500;
	check(confront_write(c.front, "new", 3, 3, PATIENCE_MS, NULL) == 0, "cannot print");
	tty_expect(&c, "new", 3);
	check(tty_try_read(&c, got, sizeof(got), 50) == 0, "old bytes came again");
	check(page->out_cons == 13, "out_cons is %u", page->out_cons);
	tty_write(&c, "abc", 3);
	for (int i = 0; page->in_prod != 13; i++) {
		check(i < PATIENCE_MS, "in_prod is %u", page->in_prod);
		sleep_ms(1);
	}
	check(confront_take(c.front, got, sizeof(got)) == 3 && memcmp(got, "abc", 3) == 0,
	      "other input came");
}

/* --- indices that change while they are read --- */

struct jumper {
	XENCONS_RING_IDX *index;
	uint32_t good, bad;
	pthread_t thread;
	_Atomic bool stop;
};

static void *jump(void *arg)
{
	struct jumper *j = arg;

	while (!j->stop) {
		__atomic_store_n(j->index, j->bad, __ATOMIC_RELEASE);
		for (int i = 0; i < 4; i++)
			__asm__ volatile("" ::: "memory");
		__atomic_store_n(j->index, j->good, __ATOMIC_RELEASE);
		for (int i = 0; i < 60; i++)
			__asm__ volatile("" ::: "memory");
	}
	return NULL;
}

/* One ring: events until it is broken, or for a while. */
// NOLINTNEXTLINE(readability-non-const-parameter): the thread writes to it
static void jump_once(struct con *c, XENCONS_RING_IDX *index, uint32_t bad)
{
	struct jumper j = { .index = index, .good = *index, .bad = bad };
	int64_t until = now_ms() + 20;

	check(pthread_create(&j.thread, NULL, jump, &j) == 0, "no thread");
	while (now_ms() < until && ring_is_taken(c->front))
		confront_notify(c->front);
	j.stop = true;
	pthread_join(j.thread, NULL);
}

#define JUMPS 60

/* Nothing is ever printed, so nothing may ever be taken. */
static void jumping_output_index(void)
{
	struct con c;

	begin();
	con_new(&c, "jumper");
	for (int i = 0; i < JUMPS; i++) {
		struct xencons_interface *page = confront_page(c.front);

		check(wait_for(ring_is_taken, c.front, PATIENCE_MS), "ring %d is not served", i);
		jump_once(&c, &page->out_prod, page->out_prod + 0x40000000);
		check(page->out_cons == 0, "%u bytes were taken, none was printed", page->out_cons);
		con_replace(&c);
	}
	con_chat(&neighbour, "I am fine\n");
	check(daemon_lines(c.dev, "impossible index") > 0, "the jumps were never seen");
}

/* The ring has room for 1024 bytes, whatever the guest claims; the client has more. */
static void jumping_input_index(void)
{
	static char typed[3000];
	struct con c;

	begin();
	con_new(&c, "jumper");
	memset(typed, 'k', sizeof(typed));
	for (int i = 0; i < JUMPS; i++) {
		struct xencons_interface *page = confront_page(c.front);

		check(wait_for(ring_is_taken, c.front, PATIENCE_MS), "ring %d is not served", i);
		(void)!write(c.tty, typed, sizeof(typed));
		jump_once(&c, &page->in_cons, page->in_cons + 0x40000000);
		check(page->in_prod <= 1024, "%u bytes were put into a ring of 1024",
		      page->in_prod);
		con_replace(&c);
	}
	con_chat(&neighbour, "I am fine\n");
	check(daemon_lines(c.dev, "impossible index") > 0, "the jumps were never seen");
}

int main(int argc, char **argv)
{
	static const struct con_case cases[] = {
		{ "output-index-corners", output_index_corners },
		{ "input-index-corners", input_index_corners },
		{ "broken-from-the-start", broken_from_the_start },
		{ "new-ring-after-a-broken-one", new_ring_after_a_broken_one },
		{ "soft-reset-after-a-broken-one", broken_ring_made_anew_in_its_place },
		{ "own-indices-are-private", daemons_own_indices_are_private },
		{ "jumping-output-index", jumping_output_index },
		{ "jumping-input-index", jumping_input_index },
		{ NULL, NULL },
	};

	return con_main(argc, argv, cases);
}
