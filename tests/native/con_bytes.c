// SPDX-License-Identifier: GPL-2.0-or-later
/* Every byte arrives, once and in order, both ways. Each case also holds for xenconsoled. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xenstore.h>

#include "con_env.h"

static uint8_t bytes[256 * 1024];

/* Pieces of @chunk bytes, so that the ring's end is met at many places. */
static void to_the_pty(size_t n, size_t chunk)
{
	struct printer p = { .data = bytes, .n = n, .chunk = chunk };
	struct con c;

	fill_random(bytes, n, 1 + (uint32_t)chunk);
	daemon_start(NULL);
	con_new(&c, "talker");
	p.con = &c;
	printer_start(&p);
	tty_expect(&c, bytes, n);
	printer_join(&p);
}

static void every_value_reaches_the_pty(void)
{
	to_the_pty(64 * 1024, 2048);
}

static void pieces_of_16_reach_the_pty(void)
{
	to_the_pty(8 * 1024, 16);
}

static void odd_pieces_reach_the_pty(void)
{
	to_the_pty(32 * 1024, 1021);
}

static void every_value_reaches_the_guest(void)
{
	const size_t n = 32 * 1024;
	uint8_t *got = malloc(n);
	size_t at = 0;
	struct con c;

	fill_random(bytes, n, 7);
	daemon_start(NULL);
	con_new(&c, "listener");
	/* Pieces that never fill the pty, lest the test waits for itself. */
	for (size_t piece = 1; at < n; piece = piece % 997 + 13) {
		size_t len = piece < n - at ? piece : n - at;
		size_t done;

		tty_write(&c, bytes + at, len);
		check(confront_read(c.front, got + at, len, PATIENCE_MS, &done) == 0,
		      "the guest got %zu bytes, then %zu of %zu", at, done, len);
		at += len;
	}
	check(memcmp(got, bytes, n) == 0, "the guest got other bytes");
	sleep_ms(20);
	check(confront_take(c.front, got, n) == 0, "the guest got more than was sent");
	free(got);
}

static void every_value_reaches_the_log(void)
{
	static const char *const raw[] = { "--log-escapes", "raw", NULL };
	const size_t n = 32 * 1024;
	struct con c;
	char *content;
	size_t len;

	fill_random(bytes, n, 3);
	bytes[n - 1] = '\n';
	daemon_start(raw);
	con_new(&c, "logged");
	check(confront_write(c.front, bytes, n, 512, PATIENCE_MS, NULL) == 0, "cannot print");
	con_chat_after_noise(&c, "the end");
	log_wait(c.name, "the end");
	content = log_content(c.name, 0, &len);
	check(len == n + 7 && memcmp(content, bytes, n) == 0, "the log has %zu bytes, or others",
	      len);
	free(content);
}

static void both_ways_at_once(void)
{
	const size_t n = 24 * 1024;
	uint8_t *in = malloc(n), *out = malloc(n), *got = malloc(n);
	struct printer p = { .data = out, .n = n, .chunk = 100 };
	size_t at = 0, seen = 0;
	struct con c;

	fill_random(in, n, 11);
	fill_random(out, n, 12);
	daemon_start(NULL);
	con_new(&c, "busy");
	p.con = &c;
	printer_start(&p);
	while (at < n || seen < n) {
		ssize_t len = tty_try_read(&c, got + seen, n - seen, at < n ? 0 : PATIENCE_MS);

		check(len >= 0 && (len > 0 || at < n), "the client got %zu bytes", seen);
		seen += (size_t)len;
		for (size_t end = at + 96; at < n && at < end;) {
			tty_write(&c, in + at, 16);
			check(confront_read(c.front, bytes + at, 16, PATIENCE_MS, NULL) == 0,
			      "the guest got %zu bytes", at);
			at += 16;
		}
	}
	printer_join(&p);
	check(memcmp(got, out, n) == 0, "the client got other bytes");
	check(memcmp(bytes, in, n) == 0, "the guest got other bytes");
	free(in);
	free(out);
	free(got);
}

/* No event, no waking: one that is owed and not sent leaves it asleep. */
static void sleeping_guest_is_woken_when_there_is_room(void)
{
	const size_t n = 256 * 1024;
	struct printer p = { .data = bytes, .n = n, .asleep = true };
	struct con c;

	fill_random(bytes, n, 5);
	daemon_start(NULL);
	con_new(&c, "sleeper");
	p.con = &c;
	printer_start(&p);
	tty_expect(&c, bytes, n);
	printer_join(&p);
}

static void pasted_text_waits_for_the_guest(void)
{
	const size_t n = 4000; /* more than the ring takes, less than ring and pty */
	uint8_t got[4000];
	struct con c;

	fill_random(bytes, n, 9);
	daemon_start(NULL);
	con_new(&c, "slow");
	tty_write(&c, bytes, n);
	sleep_ms(50);
	check(confront_page(c.front)->in_prod == 1024, "%u bytes are in a ring of 1024",
	      confront_page(c.front)->in_prod);
	check(confront_read(c.front, got, n, PATIENCE_MS, NULL) == 0, "not all came");
	check(memcmp(got, bytes, n) == 0, "other bytes came");
}

/* Also: a daemon takes up a ring where the last one left it. */
static void indices_wrap_at_2_to_32(void)
{
	const size_t n = 16 * 1024;
	struct printer p = { .data = bytes, .n = n, .chunk = 300 };
	struct xencons_interface *page;
	uint8_t got[256];
	struct con c;

	fill_random(bytes, n, 21);
	daemon_start(NULL);
	con_create(&c, "old");
	con_attach(&c, CONFRONT_NO_KEYS);
	page = confront_page(c.front);
	page->out_prod = page->out_cons = (uint32_t)-1000;
	page->in_prod = page->in_cons = (uint32_t)-100;
	check(confront_say(c.front) == 0, "no keys");
	con_served(&c);
	p.con = &c;
	printer_start(&p);
	tty_expect(&c, bytes, n);
	printer_join(&p);
	tty_write(&c, bytes, 256);
	check(confront_read(c.front, got, 256, PATIENCE_MS, NULL) == 0, "no input");
	check(memcmp(got, bytes, 256) == 0, "other input");
	check(page->out_cons == (uint32_t)(n - 1000) && page->in_prod == 156,
	      "indices are %u and %u", page->out_cons, page->in_prod);
}

static void full_ring_is_taken_whole(void)
{
	struct con c;

	fill_random(bytes, 2048, 31);
	daemon_start(NULL);
	con_create(&c, "full");
	con_attach(&c, CONFRONT_NO_KEYS);
	memcpy(confront_page(c.front)->out, bytes, 2048);
	confront_page(c.front)->out_prod = 2048;
	check(confront_say(c.front) == 0, "no keys");
	con_served(&c);
	tty_expect(&c, bytes, 2048);
	con_chat(&c, "and goes on");
}

static void tty_node_is_the_guests_to_read_only(void)
{
	struct xs_handle *xs;
	struct xs_permissions *perms;
	unsigned int nr;
	char path[96];
	struct con c;

	daemon_start(NULL);
	con_create(&c, "reader");
	con_attach(&c, CONFRONT_NO_KEYS);
	check(confront_say(c.front) == 0, "no keys");
	check(confront_key(c.front, "tty", NULL, 0) == 0, "no node to remove");
	con_served(&c);
	check(strncmp(c.tty_path, "/dev/pts/", 9) == 0, "the node says %s", c.tty_path);
	con_key_path(path, &c, "tty");
	xs = xs_open(0);
	perms = xs_get_permissions(xs, XBT_NULL, path, &nr);
	check(perms && nr > 0 && perms[0].id == 0, "not domain 0's");
	check(!(perms[0].perms & XS_PERM_WRITE), "anybody may write it");
	for (unsigned int i = 1; i < nr; i++)
		check(!(perms[i].perms & XS_PERM_WRITE), "domain %u may write it", perms[i].id);
	free(perms);
	xs_close(xs);
}

int main(int argc, char **argv)
{
	static const struct con_case cases[] = {
		{ "every-value-reaches-the-pty", every_value_reaches_the_pty },
		{ "pieces-of-16-reach-the-pty", pieces_of_16_reach_the_pty },
		{ "odd-pieces-reach-the-pty", odd_pieces_reach_the_pty },
		{ "every-value-reaches-the-guest", every_value_reaches_the_guest },
		{ "every-value-reaches-the-log", every_value_reaches_the_log },
		{ "both-ways-at-once", both_ways_at_once },
		{ "sleeping-guest-is-woken", sleeping_guest_is_woken_when_there_is_room },
		{ "pasted-text-waits-for-the-guest", pasted_text_waits_for_the_guest },
		{ "indices-wrap-at-2-to-32", indices_wrap_at_2_to_32 },
		{ "full-ring-is-taken-whole", full_ring_is_taken_whole },
		{ "tty-node-is-read-only", tty_node_is_the_guests_to_read_only },
		{ NULL, NULL },
	};

	return con_main(argc, argv, cases);
}
