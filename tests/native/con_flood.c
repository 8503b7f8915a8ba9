// SPDX-License-Identifier: GPL-2.0-or-later
/* Guests and clients that say too much or take too little: others do not notice. */
#include <poll.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "con_env.h"

#define KIB 1024u
#define MIB (1024u * 1024)

/* What a person would begin to call slow, on a machine that has other things to do. */
#define LATENCY_MS 2000

static char lines[3 * MIB];

/* --- threads that disturb --- */

static _Atomic bool quiet; /* all of them end */

static void *flood(void *arg)
{
	struct con *c = arg;

	while (!quiet)
		confront_write(c->front, lines, sizeof(lines), 2048, 50, NULL);
	return NULL;
}

static void *storm(void *arg)
{
	struct con *c = arg;

	while (!quiet)
		confront_notify(c->front);
	return NULL;
}

/* A guest that takes all input at once and says nothing of it. */
static void *type_fast(void *arg)
{
	struct con *c = arg;
	struct xencons_interface *page = confront_page(c->front);

	while (!quiet) {
		(void)!write(c->tty, "k", 1);
		page->in_cons = page->in_prod;
		usleep(100);
	}
	return NULL;
}

static pthread_t disturb(void *(*how)(void *), struct con *c)
{
	pthread_t thread;

	check(pthread_create(&thread, NULL, how, c) == 0, "no thread");
	return thread;
}

static void calm(pthread_t thread)
{
	quiet = true;
	pthread_join(thread, NULL);
}

/* Every answer comes soon, for a second or so. */
static void chats_well(struct con *c)
{
	for (int i = 0; i < 20; i++) {
		int64_t start = now_ms();
		char text[32];

		snprintf(text, sizeof(text), "still there %d?\n", i);
		con_chat(c, text);
		check(now_ms() - start < LATENCY_MS, "%s waited for %d ms", c->name,
		      (int)(now_ms() - start));
		sleep_ms(25);
	}
}

/* --- cases --- */

static void flood_leaves_the_neighbour_alone(void)
{
	struct con loud, c;
	pthread_t thread;

	fill_lines(lines, sizeof(lines), "loud", 64);
	daemon_start(NULL);
	con_new(&loud, "loud");
	con_new(&c, "neighbour");
	thread = disturb(flood, &loud);
	chats_well(&c);
	calm(thread);
}

/* One event for each piece, as each is waited for; returns the longest wait. */
static int print_piece_by_piece(struct con *c, unsigned int pieces)
{
	struct xencons_interface *page = confront_page(c->front);
	int64_t longest = 0;

	for (unsigned int i = 0; i < pieces; i++) {
		int64_t start = now_ms();

		check(confront_write(c->front, "0123456789abcde\n", 16, 16, PATIENCE_MS, NULL) == 0,
		      "cannot print");
		while (__atomic_load_n(&page->out_cons, __ATOMIC_ACQUIRE) != page->out_prod) {
			check(now_ms() - start < PATIENCE_MS, "%s: piece %u is not taken", c->name,
			      i);
			sched_yield();
		}
		if (now_ms() - start > longest)
			longest = now_ms() - start;
	}
	return (int)longest;
}

/* Both are out of budget; somebody types into the loud one. */
static void flood_and_typing_do_not_stop_a_neighbour(void)
{
	pthread_t flooding, typing;
	struct con loud, c;
	int longest;

	fill_lines(lines, sizeof(lines), "loud", 64);
	daemon_start(NULL);
	con_new(&loud, "loud");
	con_new(&c, "chatty");
	flooding = disturb(flood, &loud);
	sleep_ms(100); /* the loud one's burst is used up */
	typing = disturb(type_fast, &loud);
	longest = print_piece_by_piece(&c, 700); /* more than 500 are looked at at once */
	check(longest < 1000, "a piece of 16 bytes was not taken for %d ms", longest);
	calm(flooding);
	calm(typing);
}

static void event_storm_leaves_the_neighbour_alone(void)
{
	struct con loud, c;
	pthread_t thread;

	daemon_start(NULL);
	con_new(&loud, "stormy");
	con_new(&c, "neighbour");
	thread = disturb(storm, &loud);
	chats_well(&c);
	calm(thread);
	con_chat(&loud, "it was nothing\n");
}

static long cpu_ms(pid_t pid)
{
	unsigned long user = 0, system = 0;
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "r");
	check(f && fscanf(f, "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
			  &user, &system) == 2,
	      "%s cannot be read", path);
	fclose(f);
	return (long)(user + system) * 1000 / sysconf(_SC_CLK_TCK);
}

static void event_storm_costs_little(void)
{
	struct con loud;
	pthread_t thread;
	long before, spent;

	daemon_start(NULL);
	con_new(&loud, "stormy");
	thread = disturb(storm, &loud);
	sleep_ms(200); /* the burst */
	before = cpu_ms(worker_pid());
	sleep_ms(1000);
	spent = cpu_ms(worker_pid()) - before;
	calm(thread);
	check(spent < 300, "events without bytes cost %ld ms of a second", spent);
}

static void boot_in_pieces_of_16_is_not_held_up(void)
{
	struct printer p = { .data = lines, .n = 128 * KIB, .chunk = 16 };
	struct con c;

	fill_lines(lines, p.n, "boot", 64);
	daemon_start(NULL);
	con_new(&c, "linux");
	p.con = &c;
	printer_start(&p);
	tty_expect(&c, lines, p.n);
	printer_join(&p);
	check(p.took_ms < 3000, "it took %d ms", (int)p.took_ms);
}

/* The guest's budget lets it through at once, so the log has to take it. */
static void burst_is_in_the_log_as_a_whole(void)
{
	struct printer p = { .data = lines, .n = 512 * KIB, .chunk = 2048 };
	char *content;
	size_t len;
	struct con c;

	fill_lines(lines, p.n, "burst", 64);
	memcpy(lines + p.n - 9, "THE END\n", 9);
	daemon_start(NULL);
	con_new(&c, "bursting");
	p.con = &c;
	printer_start(&p);
	printer_join(&p);
	log_wait(c.name, "THE END");
	content = log_content(c.name, 0, &len);
	check(!memmem(content, len, "bytes lost", 10), "the log has gaps");
	check(len >= p.n - 1 && memcmp(content, lines, p.n - 1) == 0,
	      "the log has %zu of %zu bytes", len, p.n);
	free(content);
}

static void log_stays_under_its_cap(void)
{
	static const char *const options[] = { "--log-max", "65536", "--log-keep", "2", NULL };
	/* What it may outgrow the limit by while a fresh file is on its way. */
	const size_t most = (64 + 256 + 64) * KIB;
	struct printer p = { .data = lines, .n = 3 * MIB / 2, .chunk = 2048 };
	char path[256];
	struct stat st;
	struct con c;

	fill_lines(lines, p.n, "loud", 64);
	daemon_start(options);
	con_new(&c, "loud");
	p.con = &c;
	printer_start(&p);
	printer_join(&p);
	con_chat_after_noise(&c, "the end of it\n");
	log_wait(c.name, "the end of it");
	for (unsigned int nr = 0; nr < 3; nr++) {
		snprintf(path, sizeof(path), "%s/guest-loud.log%s", log_dir(),
			 nr == 0   ? ""
			 : nr == 1 ? ".1"
				   : ".2");
		check(stat(path, &st) == 0, "%s is missing", path);
		check((size_t)st.st_size < most, "%s has %ld bytes", path, (long)st.st_size);
	}
	snprintf(path, sizeof(path), "%s/guest-loud.log.3", log_dir());
	check(stat(path, &st) < 0, "%s is there", path);
}

static size_t read_until_quiet(struct con *c, char *buf, size_t max)
{
	size_t n = 0;
	ssize_t got;

	while (n < max && (got = tty_try_read(c, buf + n, max - n, 300)) > 0)
		n += (size_t)got;
	return n;
}

/* console/limit says how much is kept. */
static void newest_is_kept_for_the_next_client(void)
{
	struct printer p = { .data = lines, .n = 400 * KIB, .chunk = 2048 };
	char *got = malloc(MIB);
	struct con c;
	size_t n;

	fill_lines(lines, p.n, "unread", 64);
	daemon_start(NULL);
	con_create(&c, "unread");
	con_attach(&c, CONFRONT_NO_KEYS);
	check(confront_say_limit(c.front, 64 * KIB) == 0, "no keys");
	con_served(&c);
	tty_close(&c);
	p.con = &c;
	printer_start(&p);
	printer_join(&p);
	sleep_ms(50);
	tty_open(&c);
	n = read_until_quiet(&c, got, MIB);
	check(n >= 64 * KIB, "%zu bytes were kept", n);
	check(n < 160 * KIB, "%zu bytes were kept", n);
	check(memcmp(got + n - 64 * KIB, lines + p.n - 64 * KIB, 64 * KIB) == 0,
	      "not the newest were kept");
	con_chat(&c, "and it goes on\n");
	free(got);
}

/* A log has a bounded queue of its own, which is not what this is about. */
static void unread_output_has_bounded_memory(void)
{
	static const char *const options[] = { "--no-log", NULL };
	struct printer p = { .data = lines, .n = 512 * KIB, .chunk = 2048 };
	long full, fuller;
	struct con c;

	if (getenv("ASAN_OPTIONS") || getenv("TSAN_OPTIONS"))
		skip("a sanitizer takes memory of its own");
	fill_lines(lines, MIB, "unread", 64);
	daemon_start(options);
	con_create(&c, "unread");
	con_attach(&c, CONFRONT_NO_KEYS);
	check(confront_say_limit(c.front, 64 * KIB) == 0, "no keys");
	con_served(&c);
	tty_close(&c);
	p.con = &c;
	printer_start(&p);
	printer_join(&p);
	full = process_kib(worker_pid());
	p.n = MIB;
	printer_start(&p);
	printer_join(&p);
	fuller = process_kib(worker_pid());
	check(fuller - full < 400, "1 MiB more that nobody reads cost %ld KiB", fuller - full);
}

static void client_that_does_not_read_stops_nobody(void)
{
	struct printer p = { .data = lines, .n = 256 * KIB, .chunk = 2048 };
	struct con deaf, c;

	fill_lines(lines, p.n, "unheard", 64);
	daemon_start(NULL);
	con_new(&deaf, "unheard");
	con_new(&c, "neighbour");
	p.con = &deaf;
	printer_start(&p);
	chats_well(&c);
	printer_join(&p);
}

static size_t type_until_full(struct con *c)
{
	struct pollfd p = { .fd = c->tty, .events = POLLOUT };
	size_t n = 0;

	while (n < 4 * MIB && poll(&p, 1, 300) == 1) {
		ssize_t put = write(c->tty, lines + n % MIB, 61);

		n += put > 0 ? (size_t)put : 0;
	}
	return n;
}

static void input_for_a_deaf_guest_is_bounded(void)
{
	char *got = malloc(MIB);
	struct con deaf, c;
	size_t n;

	fill_lines(lines, MIB, "typed", 61);
	daemon_start(NULL);
	con_new(&deaf, "deaf");
	con_new(&c, "neighbour");
	n = type_until_full(&deaf);
	check(n < MIB, "%zu bytes went to a guest that reads nothing", n);
	chats_well(&c);
	check(confront_read(deaf.front, got, n, PATIENCE_MS, NULL) == 0, "not all came");
	check(memcmp(got, lines, n) == 0, "other bytes came");
	free(got);
}

static void hundred_consoles_at_once(void)
{
	enum { NR = 100 };
	static struct con cons[NR];
	char name[32];

	daemon_start(NULL);
	for (int i = 0; i < NR; i++) {
		snprintf(name, sizeof(name), "one-of-many-%d", i);
		con_create(&cons[i], name);
	}
	for (int i = 0; i < NR; i++)
		con_attach(&cons[i], 0);
	for (int i = 0; i < NR; i++)
		con_served(&cons[i]);
	for (int round = 0; round < 3; round++)
		for (int i = 0; i < NR; i++) {
			snprintf(name, sizeof(name), "this is number %d\n", i);
			con_chat(&cons[i], name);
		}
	for (int i = 0; i < NR; i++) {
		snprintf(name, sizeof(name), "this is number %d\n", i);
		log_wait(cons[i].name, name);
	}
}

int main(int argc, char **argv)
{
	static const struct con_case cases[] = {
		{ "neighbour-is-left-alone", flood_leaves_the_neighbour_alone },
		{ "typing-does-not-stop-a-neighbour", flood_and_typing_do_not_stop_a_neighbour },
		{ "event-storm-and-neighbour", event_storm_leaves_the_neighbour_alone },
		{ "event-storm-costs-little", event_storm_costs_little },
		{ "boot-in-pieces-of-16", boot_in_pieces_of_16_is_not_held_up },
		{ "burst-is-in-the-log", burst_is_in_the_log_as_a_whole },
		{ "log-stays-under-its-cap", log_stays_under_its_cap },
		{ "newest-is-kept", newest_is_kept_for_the_next_client },
		{ "unread-memory-is-bounded", unread_output_has_bounded_memory },
		{ "client-does-not-read", client_that_does_not_read_stops_nobody },
		{ "deaf-guest-input-is-bounded", input_for_a_deaf_guest_is_bounded },
		{ "hundred-consoles", hundred_consoles_at_once },
		{ NULL, NULL },
	};

	return con_main(argc, argv, cases);
}
