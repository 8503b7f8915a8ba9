// SPDX-License-Identifier: GPL-2.0-or-later
/* Domains that die, come again, change their name: nothing said is lost, nothing mixed up. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "con_env.h"
#include "rpc.h"
#include "toolstack.h"

static char lines[512 * 1024];

/* Into the ring, without an event: what a guest did in its last moment. */
static void whisper(struct con *c, const char *text)
{
	struct xencons_interface *page = confront_page(c->front);
	uint32_t prod = page->out_prod;

	for (; *text; text++)
		page->out[MASK_XENCONS_IDX(prod++, page->out)] = *text;
	__atomic_store_n(&page->out_prod, prod, __ATOMIC_RELEASE);
}

static bool has_hung_up(void *ctx)
{
	return tty_hung_up(ctx);
}

static void last_words_after_destroy(void)
{
	struct con c;

	daemon_start(NULL);
	con_new(&c, "dying");
	con_chat(&c, "I live\n");
	whisper(&c, "my last words\n");
	con_destroy(&c);
	log_wait(c.name, "my last words");
	check(wait_for(has_hung_up, &c, PATIENCE_MS), "the pty is still there");
}

/* No toolstack: its keys are all still there. */
static void last_words_after_death_without_a_toolstack(void)
{
	struct con c;

	daemon_start(NULL);
	con_new(&c, "dying");
	con_chat(&c, "I live\n");
	whisper(&c, "my last words\n");
	con_die(c.domid);
	log_wait(c.name, "my last words");
	check(wait_for(has_hung_up, &c, PATIENCE_MS), "the pty is still there");
}

static void crash(const struct con *c)
{
	struct rpc r = { .op = RPC_SHUTDOWN, .domid = c->domid, .a = 3 /* crash */ };
	struct rpc_link *link;

	check(rpc_open(0, &link, NULL) == 0 && rpc_call(link, &r, NULL) == 0, "no hypervisor");
	rpc_close(link);
}

/* on_crash="preserve": looked at through its console, for a while. */
static void crashed_domain_keeps_its_console(void)
{
	struct con c;

	daemon_start(NULL);
	con_new(&c, "crashed");
	con_chat(&c, "I live\n");
	crash(&c);
	sleep_ms(100);
	check(!tty_hung_up(&c), "the pty is gone");
	con_chat(&c, "a debugger in the guest answers\n");
	whisper(&c, "my last words\n");
	con_destroy(&c);
	log_wait(c.name, "my last words");
}

static void last_words_of_a_guest_that_flooded(void)
{
	struct con c;

	fill_lines(lines, sizeof(lines), "flood", 64);
	daemon_start(NULL);
	con_new(&c, "flooding");
	/* More than it may: it is out of budget when it dies. */
	confront_write(c.front, lines, sizeof(lines), 2048, PATIENCE_MS, NULL);
	confront_write(c.front, lines, 128 * 1024, 2048, PATIENCE_MS, NULL);
	check(confront_write(c.front, "\nmy last words\n", 15, 15, PATIENCE_MS, NULL) == 0,
	      "cannot print");
	con_die(c.domid);
	log_wait(c.name, "my last words");
}

static void last_words_while_the_worker_is_busy(void)
{
	struct con c;

	daemon_start(NULL);
	con_new(&c, "dying");
	con_chat(&c, "I live\n");
	kill(worker_pid(), SIGSTOP);
	check(confront_write(c.front, "my last words\n", 14, 16, PATIENCE_MS, NULL) == 0,
	      "cannot print");
	con_die(c.domid);
	sleep_ms(50);
	kill(worker_pid(), SIGCONT);
	log_wait(c.name, "my last words");
}

struct listener {
	struct con *con;
	char *got;
	size_t n;
};

static void *listen_to_the_end(void *arg)
{
	struct listener *l = arg;
	ssize_t len;

	while ((len = tty_try_read(l->con, l->got + l->n, sizeof(lines) - l->n, 10000)) > 0)
		l->n += (size_t)len;
	return NULL;
}

/* A client that reads gets all of it before it is hung up on, as after xl create -c. */
static void last_words_reach_the_client(void)
{
	struct printer p = { .data = lines, .n = 64 * 1024, .chunk = 2048 };
	struct listener l = { .got = malloc(sizeof(lines)) };
	pthread_t thread;
	struct con c;

	fill_lines(lines, p.n, "panic", 64);
	daemon_start(NULL);
	con_new(&c, "dying");
	l.con = p.con = &c;
	check(pthread_create(&thread, NULL, listen_to_the_end, &l) == 0, "no thread");
	printer_start(&p);
	printer_join(&p);
	con_destroy(&c);
	pthread_join(thread, NULL);
	check(l.n == p.n && memcmp(l.got, lines, p.n) == 0, "the client got %zu of %zu bytes", l.n,
	      p.n);
	free(l.got);
}

/* Death at every step of its birth. */
static void death_before_the_console_is_there(void)
{
	struct con c, after;

	daemon_start(NULL);
	con_create(&c, "without-keys");
	con_die(c.domid);

	con_create(&c, "keys-without-port");
	con_attach(&c, CONFRONT_NO_KEYS);
	check(confront_key(c.front, "ring-ref", "5", 1) == 0, "no key");
	con_destroy(&c);

	con_create(&c, "just-told");
	con_attach(&c, 0);
	con_die(c.domid);

	con_create(&c, "destroyed-at-once");
	con_attach(&c, 0);
	con_destroy(&c);
	con_key_read(&c, "tty", c.tty_path);
	check(c.tty_path[0] == '\0', "a dead domain's keys are back: %s", c.tty_path);

	con_create(&c, "never-granted");
	con_attach(&c, CONFRONT_NO_GRANT);
	con_destroy(&c);

	con_new(&after, "after");
	con_chat(&after, "all is well\n");
}

static bool nothing_mapped(void *ctx)
{
	struct rpc r = { .op = RPC_INFO, .domid = *(uint16_t *)ctx };
	struct rpc_link *link;
	bool gone;

	check(rpc_open(0, &link, NULL) == 0 && rpc_call(link, &r, NULL) == 0, "no hypervisor");
	gone = r.nr == 0 || r.list[0] != *(uint16_t *)ctx;
	rpc_close(link);
	return gone;
}

static void death_leaves_nothing_behind(void)
{
	unsigned int fds, worker_fds;
	struct con c;

	daemon_start(NULL);
	con_new(&c, "first");
	con_destroy(&c);
	tty_close(&c);
	check(wait_for(nothing_mapped, &c.domid, PATIENCE_MS), "its ring is still mapped");
	fds = process_fds(daemon_pid());
	worker_fds = process_fds(worker_pid());
	for (int i = 0; i < 10; i++) {
		con_new(&c, "next");
		con_chat(&c, "I live\n");
		con_destroy(&c);
		check(wait_for(has_hung_up, &c, PATIENCE_MS), "the pty is still there");
		tty_close(&c);
		con_detach(&c);
		check(wait_for(nothing_mapped, &c.domid, PATIENCE_MS), "its ring is still mapped");
	}
	sleep_ms(50);
	check(process_fds(daemon_pid()) == fds, "consoled had %u descriptors, now %u", fds,
	      process_fds(daemon_pid()));
	check(process_fds(worker_pid()) <= worker_fds, "the worker had %u descriptors, now %u",
	      worker_fds, process_fds(worker_pid()));
}

static void number_used_again(void)
{
	struct con first, second;

	daemon_start(NULL);
	con_new(&first, "first");
	con_chat(&first, "I am the first\n");
	con_destroy(&first);
	con_create_at(&second, "second", first.domid);
	con_attach(&second, 0);
	con_served(&second);
	check(wait_for(has_hung_up, &first, PATIENCE_MS), "the first's client is still connected");
	con_chat(&second, "I am the second\n");
	log_wait("second", "I am the second");
	check(!log_has("first", "I am the second"), "it is in the first's log");
	check(!log_has("second", "I am the first"), "the first is in its log");
}

/* So quickly that the daemon sees only the second one. */
static void number_used_again_at_once(void)
{
	struct con first, second;
	char path[64];

	daemon_start(NULL);
	con_new(&first, "first");
	con_chat(&first, "I am the first\n");
	whisper(&first, "the first's last words\n");
	kill(daemon_pid(), SIGSTOP);
	/* As long as its page is mapped Xen does not use the number again. */
	worker_kill_now();
	con_destroy(&first);
	check(wait_for(nothing_mapped, &first.domid, PATIENCE_MS), "the number is still used");
	con_create_at(&second, "second", first.domid);
	snprintf(path, sizeof(path), "/local/domain/%u/vm", second.domid);
	check(toolstack_write(path, "/vm/of-the-second") == 0, "cannot write vm");
	con_attach(&second, 0);
	kill(daemon_pid(), SIGCONT);
	con_served(&second);
	con_chat(&second, "I am the second\n");
	log_wait("second", "I am the second");
	check(!log_has("first", "I am the second"), "it is in the first's log");
}

static void rename_is_followed_at_hangup(void)
{
	char path[64];
	struct con c;

	daemon_start(NULL);
	con_new(&c, "before");
	con_chat(&c, "under the old name\n");
	log_wait("before", "under the old name");
	snprintf(path, sizeof(path), "/local/domain/%u/name", c.domid);
	check(toolstack_write(path, "after") == 0, "cannot rename");
	con_chat(&c, "not yet\n");
	log_wait("before", "not yet");
	daemon_hangup();
	for (int i = 0; i < 300 && !log_has("after", "now"); i++)
		con_chat(&c, "now\n");
	log_wait("after", "now");
	check(log_has("before", "under the old name"), "the old log is gone");
}

/* A name is the toolstack's, but not everything may become a path. */
static void name_cannot_leave_the_directory(void)
{
	static const char *const names[] = { "../../escaped", ".hidden", "a/b", "-", "new\nline" };
	struct stat st;
	char path[256];
	struct con c;

	daemon_start(NULL);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		con_create(&c, "odd");
		snprintf(path, sizeof(path), "/local/domain/%u/name", c.domid);
		check(toolstack_write(path, names[i]) == 0, "cannot rename");
		con_attach(&c, 0);
		con_served(&c);
		con_chat(&c, names[i]);
	}
	log_wait("_._.._escaped", "escaped");
	log_wait("_hidden", ".hidden");
	log_wait("a_b", "a/b");
	snprintf(path, sizeof(path), "%s/../../escaped.log", log_dir());
	check(stat(path, &st) < 0, "%s was made", path);
}

int main(int argc, char **argv)
{
	static const struct con_case cases[] = {
		{ "last-words-after-destroy", last_words_after_destroy },
		{ "last-words-without-toolstack", last_words_after_death_without_a_toolstack },
		{ "crashed-domain-keeps-its-console", crashed_domain_keeps_its_console },
		{ "last-words-of-a-flood", last_words_of_a_guest_that_flooded },
		{ "last-words-to-a-busy-worker", last_words_while_the_worker_is_busy },
		{ "last-words-reach-the-client", last_words_reach_the_client },
		{ "death-before-the-console", death_before_the_console_is_there },
		{ "death-leaves-nothing", death_leaves_nothing_behind },
		{ "number-used-again", number_used_again },
		{ "number-used-again-at-once", number_used_again_at_once },
		{ "rename-is-followed", rename_is_followed_at_hangup },
		{ "name-stays-in-the-directory", name_cannot_leave_the_directory },
		{ NULL, NULL },
	};

	return con_main(argc, argv, cases);
}
