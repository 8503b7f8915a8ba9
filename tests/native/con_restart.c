// SPDX-License-Identifier: GPL-2.0-or-later
/* Daemon and worker come and go, guests go on printing: what the ring still had is not lost. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "con_env.h"

#define LINE 64

static char lines[512 * 1024];

/* What the ring holds while nobody serves it, is in the log afterwards, in order. */
static void ring_survives(void (*end_and_begin)(void))
{
	struct con c;
	char *content;
	size_t len;

	fill_lines(lines, 1984, "kept", LINE); /* fits the ring */
	daemon_start(NULL);
	con_new(&c, "patient");
	con_chat(&c, "before\n");
	log_wait(c.name, "before"); /* what was taken is not what this is about */
	kill(daemon_pid(), SIGSTOP);
	kill(worker_pid(), SIGSTOP);
	check(confront_write(c.front, lines, 1984, 16, 1000, NULL) == 0, "cannot print");
	end_and_begin();
	log_wait(c.name, "kept 0000030");
	content = log_content(c.name, 0, &len);
	check(len == 7 + 1984 && memcmp(content + 7, lines, 1984) == 0,
	      "the log has %zu bytes, or others", len);
	free(content);
	con_served(&c);
	con_chat_after_noise(&c, "after\n");
}

static void kill_worker_behind_its_back(void)
{
	pid_t worker = worker_kill_now();

	kill(daemon_pid(), SIGCONT);
	check(worker > 0, "no worker");
}

static void kill_both(void)
{
	pid_t worker = worker_pid();

	kill(worker, SIGKILL);
	daemon_kill();
	daemon_start(NULL);
}

static void ring_survives_the_worker(void)
{
	ring_survives(kill_worker_behind_its_back);
}

static void ring_survives_both(void)
{
	ring_survives(kill_both);
}

/* A client stays connected while the worker is another. */
static void client_stays_over_the_worker(void)
{
	char path[64];
	struct con c;

	daemon_start(NULL);
	con_new(&c, "watched");
	con_chat(&c, "before\n");
	worker_kill();
	con_chat(&c, "after\n");
	check(!tty_hung_up(&c), "the client was hung up on");
	con_key_read(&c, "tty", path);
	check(strcmp(path, c.tty_path) == 0, "the node says %s, it was %s", path, c.tty_path);
}

/*
 * Output goes on all the time. The guest knows what was taken; what was
 * taken and not written yet is what a kill may cost: less than a moment's worth.
 */
static void numbers_in_order(const char *log, size_t len, size_t *ret_lines)
{
	long last = -1;
	size_t nr = 0;

	for (const char *at = log; (at = memmem(at, len - (size_t)(at - log), "live ", 5));
	     at += 5) {
		long this = atol(at + 5);

		check(this > last, "line %ld comes after %ld", this, last);
		last = this;
		nr++;
	}
	*ret_lines = nr;
}

static void killed_under_output(void (*end_and_begin)(void))
{
	struct printer p = { .data = lines, .n = sizeof(lines), .chunk = 16 };
	size_t len, nr;
	struct con c;
	char *content;

	fill_lines(lines, sizeof(lines), "live", LINE);
	daemon_start(NULL);
	con_new(&c, "printing");
	tty_close(&c);
	p.con = &c;
	printer_start(&p);
	for (int i = 0; i < 2; i++) {
		sleep_ms(100);
		end_and_begin();
	}
	printer_join(&p); /* it was never stopped for good */
	log_wait(c.name, "live 0008191");
	content = log_content(c.name, 0, &len);
	numbers_in_order(content, len, &nr);
	/* Two kills, each with at most what a gathering writer had in its queue. */
	check(nr > sizeof(lines) / LINE * 2 / 3, "only %zu of %zu lines are in the log", nr,
	      sizeof(lines) / LINE);
	free(content);
	con_served(&c);
	con_chat_after_noise(&c, "after\n");
}

static void kill_daemon_alone(void)
{
	daemon_kill();
	daemon_start(NULL);
}

static void worker_killed_under_output(void)
{
	killed_under_output(worker_kill);
}

static void daemon_killed_under_output(void)
{
	killed_under_output(kill_daemon_alone);
}

/* In good order nothing at all is lost. */
static void stop_and_start_under_output_loses_nothing(void)
{
	struct printer p = { .data = lines, .n = sizeof(lines), .chunk = 64 };
	char *content;
	size_t len;
	struct con c;

	fill_lines(lines, sizeof(lines), "live", LINE);
	daemon_start(NULL);
	con_new(&c, "printing");
	tty_close(&c);
	p.con = &c;
	printer_start(&p);
	for (int i = 0; i < 3; i++) {
		sleep_ms(60);
		daemon_stop();
		daemon_start(NULL);
	}
	printer_join(&p);
	log_wait(c.name, "live 0008191");
	content = log_content(c.name, 0, &len);
	check(len == sizeof(lines) && memcmp(content, lines, len) == 0,
	      "the log has %zu of %zu bytes, or others", len, sizeof(lines));
	free(content);
	con_served(&c);
	con_chat_after_noise(&c, "after\n");
}

/* It waits for an event that went nowhere: the successor has to wake it. */
static void sleeping_guest_is_woken_by_the_successor(void)
{
	struct printer p = { .data = lines, .n = 64 * 1024, .asleep = true };
	struct con c;

	fill_lines(lines, p.n, "asleep", LINE);
	daemon_start(NULL);
	con_new(&c, "sleeper");
	con_chat(&c, "before\n");
	kill(worker_pid(), SIGSTOP);
	p.con = &c;
	printer_start(&p);
	sleep_ms(50);
	worker_kill();
	printer_join(&p);
}

/*
 * The last one had taken all and died before it said so: nothing is left to be
 * moved, and yet the guest waits.
 */
static void successor_tells_of_an_empty_ring(void)
{
	struct pollfd p = { .events = POLLIN };
	struct xencons_interface *page;
	struct con c;

	daemon_start(NULL);
	con_create(&c, "untold");
	con_attach(&c, CONFRONT_NO_KEYS);
	page = confront_page(c.front);
	page->out_prod = page->out_cons = 3000;
	check(confront_say(c.front) == 0, "no keys");
	con_served(&c);
	p.fd = confront_fd(c.front);
	check(poll(&p, 1, PATIENCE_MS) == 1, "nobody told the guest that there is room");
}

/* The guest has room again, and said so when nobody was there to hear it. */
static void input_goes_on_with_the_successor(void)
{
	char typed[3000], got[3000];
	struct con c;

	daemon_start(NULL);
	con_new(&c, "reader");
	con_chat(&c, "before\n");
	fill_random(typed, sizeof(typed), 17);
	tty_write(&c, typed, sizeof(typed));
	sleep_ms(50); /* the ring is full */
	kill(worker_pid(), SIGSTOP);
	check(confront_read(c.front, got, 1024, PATIENCE_MS, NULL) == 0, "no input");
	worker_kill();
	check(confront_read(c.front, got + 1024, sizeof(got) - 1024, PATIENCE_MS, NULL) == 0,
	      "the rest never came");
	check(memcmp(got, typed, sizeof(typed)) == 0, "other bytes came");
}

static void tty_node_is_right_after_a_restart(void)
{
	struct con c;

	daemon_start(NULL);
	con_new(&c, "restarted");
	for (int i = 0; i < 3; i++) {
		tty_close(&c);
		daemon_kill();
		/* The dead one's pty stands there; it is the new one's if a client can talk. */
		check(confront_key(c.front, "tty", "", 0) == 0, "tty");
		daemon_start(NULL);
		con_served(&c);
		con_chat(&c, "again\n");
	}
}

/* A host changes over to us, or back, while its guests run. */
static void takes_over_from_xenconsoled_and_back(void)
{
	const char *ours = daemon_program();
	struct con c;

	daemon_use("xenconsoled");
	daemon_start(NULL);
	con_new(&c, "handed-over");
	con_chat(&c, "theirs\n");
	daemon_kill(); /* it knows no other end */
	check(confront_write(c.front, "kept\n", 5, 16, PATIENCE_MS, NULL) == 0, "cannot print");
	tty_close(&c);
	daemon_use(ours);
	daemon_start(NULL);
	con_served(&c);
	tty_expect(&c, "kept\n", 5);
	con_chat(&c, "ours\n");
	daemon_stop();
	tty_close(&c);
	daemon_use("xenconsoled");
	daemon_start(NULL);
	con_served(&c);
	con_chat(&c, "theirs again\n");
	daemon_kill();
	daemon_use(ours);
	daemon_start(NULL);
}

static void worker_that_dies_again_and_again(void)
{
	struct con c;

	daemon_start(NULL);
	con_new(&c, "stubborn");
	for (int i = 0; i < 3; i++) {
		worker_kill();
		con_chat(&c, "again\n");
	}
}

/* --- the client of xl console --- */

struct client {
	pid_t pid;
	int to, from;
};

static void client_start(struct client *cl, const struct con *c)
{
	const char *program = xen_program("xenconsole");
	int to[2], from[2];
	char domid[8];

	snprintf(domid, sizeof(domid), "%u", c->domid);
	check(pipe2(to, O_CLOEXEC) == 0 && pipe2(from, O_CLOEXEC) == 0, "pipe");
	cl->pid = fork();
	if (cl->pid == 0) {
		dup2(to[0], STDIN_FILENO);
		dup2(from[1], STDOUT_FILENO);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execl(program, "xenconsole", domid, "--type", "pv", "--interactive", (char *)NULL);
		_exit(127);
	}
	close(to[0]);
	close(from[1]);
	cl->to = to[1];
	cl->from = from[0];
}

/* What comes before @text is let go. */
static void client_expect(struct client *cl, const char *text)
{
	struct pollfd p = { .fd = cl->from, .events = POLLIN };
	int64_t until = now_ms() + PATIENCE_MS;
	char seen[4096] = "";
	size_t n = 0;

	while (!memmem(seen, n, text, strlen(text))) {
		ssize_t got;

		check(poll(&p, 1, (int)(until - now_ms())) == 1, "xenconsole never shows: %s",
		      text);
		if (n > sizeof(seen) / 2) {
			memmove(seen, seen + n - 256, 256);
			n = 256;
		}
		got = read(cl->from, seen + n, sizeof(seen) - n);
		check(got > 0, "xenconsole has ended before: %s", text);
		n += (size_t)got;
	}
}

static void client_end(struct client *cl)
{
	kill(cl->pid, SIGTERM);
	waitpid(cl->pid, NULL, 0);
	close(cl->to);
	close(cl->from);
}

static void client_chat(struct client *cl, struct con *c, const char *text)
{
	char got[64];

	check(confront_write(c->front, text, strlen(text), 16, PATIENCE_MS, NULL) == 0,
	      "cannot print");
	client_expect(cl, text);
	check(write(cl->to, text, strlen(text)) == (ssize_t)strlen(text), "xenconsole is gone");
	check(confront_read(c->front, got, strlen(text), PATIENCE_MS, NULL) == 0 &&
		      memcmp(got, text, strlen(text)) == 0,
	      "the guest did not get: %s", text);
}

static void xenconsole_talks_both_ways(void)
{
	struct client cl;
	struct con c;

	daemon_start(NULL);
	con_new(&c, "typical");
	tty_close(&c);
	client_start(&cl, &c);
	client_chat(&cl, &c, "login: ");
	client_chat(&cl, &c, "root\r\n");
	client_end(&cl);
}

static void xenconsole_sees_what_came_before_it(void)
{
	struct client cl;
	struct con c;

	daemon_start(NULL);
	con_new(&c, "booted");
	tty_close(&c);
	check(confront_write(c.front, "Welcome\n", 8, 16, PATIENCE_MS, NULL) == 0, "cannot print");
	client_start(&cl, &c);
	client_expect(&cl, "Welcome");
	client_end(&cl);
}

static void xenconsole_reconnects_after_a_kill(void)
{
	struct client cl;
	struct con c;

	daemon_start(NULL);
	con_new(&c, "reconnected");
	tty_close(&c);
	client_start(&cl, &c);
	client_chat(&cl, &c, "before\n");
	daemon_kill();
	daemon_start(NULL);
	/* Both at once: what it misses is in the backlog. */
	client_chat(&cl, &c, "after\n");
	client_end(&cl);
}

int main(int argc, char **argv)
{
	static const struct con_case cases[] = {
		{ "ring-survives-the-worker", ring_survives_the_worker },
		{ "ring-survives-both", ring_survives_both },
		{ "client-stays-over-the-worker", client_stays_over_the_worker },
		{ "worker-killed-under-output", worker_killed_under_output },
		{ "daemon-killed-under-output", daemon_killed_under_output },
		{ "stopped-under-output", stop_and_start_under_output_loses_nothing },
		{ "successor-wakes-the-guest", sleeping_guest_is_woken_by_the_successor },
		{ "successor-tells-the-guest", successor_tells_of_an_empty_ring },
		{ "successor-goes-on-with-input", input_goes_on_with_the_successor },
		{ "tty-node-after-a-restart", tty_node_is_right_after_a_restart },
		{ "takes-over-from-xenconsoled", takes_over_from_xenconsoled_and_back },
		{ "worker-dies-again", worker_that_dies_again_and_again },
		{ "xenconsole-both-ways", xenconsole_talks_both_ways },
		{ "xenconsole-sees-what-was-before", xenconsole_sees_what_came_before_it },
		{ "xenconsole-reconnects", xenconsole_reconnects_after_a_kill },
		{ NULL, NULL },
	};

	return con_main(argc, argv, cases);
}
