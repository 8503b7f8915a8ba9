// SPDX-License-Identifier: GPL-2.0-or-later
/* The daemons of a world, their logs, and what they hold; see dev.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dev.h"
#include "rpc.h"
#include "xsconn.h"

extern char **environ;

/* --- the processes --- */

static unsigned int count_entries(const char *path, const char *prefix)
{
	DIR *dir = opendir(path);
	struct dirent *e;
	unsigned int nr = 0;

	while (dir && (e = readdir(dir)))
		if (e->d_name[0] != '.' && strncmp(e->d_name, prefix, strlen(prefix)) == 0)
			nr++;
	if (dir)
		closedir(dir);
	return nr;
}

static void pid_path(char path[96], const char *name)
{
	snprintf(path, 96, "/run/world/%s.pid", name);
}

pid_t daemon_pid(const char *name)
{
	char path[96];
	int pid = 0;
	FILE *f;

	pid_path(path, name);
	f = fopen(path, "re");
	check(f && fscanf(f, "%d", &pid) == 1, "%s does not run", name);
	fclose(f);
	return pid;
}

static void remember_pid(const char *name, pid_t pid)
{
	char path[96];
	FILE *f;

	pid_path(path, name);
	f = fopen(path, "we");
	check(f && fprintf(f, "%d\n", pid) > 0, "cannot write %s", path);
	fclose(f);
}

/* Its folder is its name without the last letter. */
static void program_path(char *path, size_t size, const char *name)
{
	snprintf(path, size, "%s/%.*s/%s", getenv("PVBACK_BUILD"), (int)strlen(name) - 1, name,
		 name);
}

void daemon_start(const char *name)
{
	char program[512], log[512], ready[2];
	char *argv[] = { program,
			 (char *)"--log-level",
			 getenv("WORLD_LOG_LEVEL"),
			 (char *)"--ready-fd",
			 (char *)"9",
			 NULL };
	posix_spawn_file_actions_t actions;
	int pipes[2], err;
	pid_t pid;

	program_path(program, sizeof(program), name);
	snprintf(log, sizeof(log), "%s/%s.log", getenv("WORLD_LOGS"), name);
	check(pipe2(pipes, O_CLOEXEC) == 0, "pipe: %s", strerror(errno));
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, pipes[1], 9);
	posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_APPEND | O_CREAT, 0644);
	posix_spawn_file_actions_adddup2(&actions, 1, 2);
	err = posix_spawn(&pid, program, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	check(err == 0, "%s: %s", program, strerror(err));
	close(pipes[1]);
	check(read(pipes[0], ready, 1) == 1, "%s did not become ready", name);
	close(pipes[0]);
	remember_pid(name, pid);
}

/*
 * Dead and reaped is the same to us: nobody may wait for it but its parent. A
 * process that has a thread left still has its files, and so its lock.
 */
static bool is_gone(void *ctx)
{
	pid_t pid = *(const pid_t *)ctx;
	char path[64], line[256], state = 'Z';
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	if (count_entries(path, "") > 1)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return true;
	if (fgets(line, sizeof(line), f) && strrchr(line, ')'))
		state = strrchr(line, ')')[2];
	fclose(f);
	return state == 'Z';
}

void daemon_end(const char *name, int sig)
{
	pid_t pid = daemon_pid(name);
	char path[96];

	kill(pid, sig);
	check(wait_for(is_gone, &pid, PATIENCE_MS), "%s does not end", name);
	pid_path(path, name);
	unlink(path);
}

/* --- its log --- */

static FILE *log_open(const char *daemon)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s.log", getenv("WORLD_LOGS"), daemon);
	f = fopen(path, "re");
	check(f, "%s: %s", path, strerror(errno));
	return f;
}

unsigned int log_lines(const char *daemon, const char *a, const char *b)
{
	FILE *f = log_open(daemon);
	unsigned int nr = 0;
	char line[1024];

	while (fgets(line, sizeof(line), f))
		if (strstr(line, a) && (!b || strstr(line, b)))
			nr++;
	fclose(f);
	return nr;
}

unsigned int log_lines_but(const char *daemon, const char *a, const char *const *but)
{
	FILE *f = log_open(daemon);
	unsigned int nr = 0;
	char line[1024];

	while (fgets(line, sizeof(line), f)) {
		const char *const *b = but;

		if (!strstr(line, a))
			continue;
		while (*b && !strstr(line, *b))
			b++;
		nr += !*b;
	}
	fclose(f);
	return nr;
}

struct log_search {
	const char *daemon, *a, *b;
};

static bool has_line(void *ctx)
{
	const struct log_search *s = ctx;

	return log_lines(s->daemon, s->a, s->b) > 0;
}

void log_wait(const char *daemon, const char *a, const char *b)
{
	struct log_search s = { daemon, a, b };

	check(wait_for(has_line, &s, PATIENCE_MS), "%s says nothing about \"%s\" and \"%s\"",
	      daemon, a, b ? b : "");
}

/* --- what it holds --- */

/* Processes whose parent it is, those that have ended and are not waited for included. */
static unsigned int count_children(pid_t parent)
{
	DIR *dir = opendir("/proc");
	unsigned int nr = 0;
	struct dirent *e;

	while (dir && (e = readdir(dir))) {
		char path[300], line[256];
		int ppid = 0;
		FILE *f;

		snprintf(path, sizeof(path), "/proc/%s/stat", e->d_name);
		if (e->d_name[0] < '0' || e->d_name[0] > '9' || !(f = fopen(path, "re")))
			continue;
		if (fgets(line, sizeof(line), f) && strrchr(line, ')') &&
		    sscanf(strrchr(line, ')') + 4, "%d", &ppid) == 1 && ppid == parent)
			nr++;
		fclose(f);
	}
	if (dir)
		closedir(dir);
	return nr;
}

/* Loop devices of this world that have a file. */
static unsigned int count_loops(void)
{
	int first = 0, count = 0;
	unsigned int nr = 0;
	char path[96];

	sscanf(getenv("STANDIN_LOOPS"), "%d %d", &first, &count);
	for (int i = first; i < first + count; i++) {
		snprintf(path, sizeof(path), "/sys/block/loop%d/loop/backing_file", i);
		nr += access(path, F_OK) == 0;
	}
	return nr;
}

/* Grants mapped by anybody, apart from XenStore's rings (one for each domain). */
static unsigned int count_maps(void)
{
	struct rpc *r = calloc(1, sizeof(*r));
	struct rpc_link *link;
	unsigned int nr = 0;

	check(r, "no memory");
	r->op = RPC_INFO;
	must(rpc_open_as(0, 0, &link, NULL));
	must(rpc_call(link, r, NULL));
	rpc_close(link);
	for (unsigned int i = 0; i + 3 <= r->nr; i += 3)
		nr += r->list[i + 2];
	free(r);
	return nr;
}

static unsigned int count_nodes(struct xsconn *c, const char *path)
{
	char names[XENSTORE_PAYLOAD_MAX], below[XSCONN_PATH_MAX];
	unsigned int nr = 0;
	size_t len;

	if (xsconn_list(c, path, names, sizeof(names), &len) != 0)
		return 0;
	for (size_t at = 0; at < len; at += strlen(names + at) + 1) {
		snprintf(below, sizeof(below), "%.120s/%.120s", path, names + at);
		nr += 1 + count_nodes(c, below);
	}
	return nr;
}

static void look(enum kind kind, struct holdings *h)
{
	pid_t pid = daemon_pid(kind_daemon(kind));
	char path[96];
	struct xsconn *c;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	h->fds = count_entries(path, "");
	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	h->threads = count_entries(path, "");
	h->children = count_children(pid);
	h->taps = count_entries("/sys/class/net", "vif");
	h->loops = count_loops();
	h->maps = count_maps();
	must(xsconn_open_dom0(&c));
	snprintf(path, sizeof(path), "/local/domain/0/backend/%s", kind_name(kind));
	h->nodes = count_nodes(c, path);
	snprintf(path, sizeof(path), "/local/domain/0/error/backend/%s", kind_name(kind));
	h->nodes += count_nodes(c, path);
	xsconn_close(c);
}

void holdings_take(enum kind kind, struct holdings *h)
{
	struct holdings again;
	int same = 0;

	look(kind, h);
	while (same < 5) {
		sleep_ms(10);
		look(kind, &again);
		same = memcmp(h, &again, sizeof(again)) == 0 ? same + 1 : 0;
		*h = again;
	}
}

struct comparison {
	enum kind kind;
	struct holdings now;
	const struct holdings *before;
};

static bool as_before(void *ctx)
{
	struct comparison *c = ctx;

	look(c->kind, &c->now);
	return memcmp(&c->now, c->before, sizeof(c->now)) == 0;
}

void holdings_expect(enum kind kind, const struct holdings *before)
{
	struct comparison c = { .kind = kind, .before = before };

	check(wait_for(as_before, &c, PATIENCE_MS),
	      "before and now: fds %u %u, children %u %u, threads %u %u, taps %u %u, loops %u %u, "
	      "maps %u %u, nodes %u %u",
	      before->fds, c.now.fds, before->children, c.now.children, before->threads,
	      c.now.threads, before->taps, c.now.taps, before->loops, c.now.loops, before->maps,
	      c.now.maps, before->nodes, c.now.nodes);
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

long daemon_kib(const char *name)
{
	char path[64], line[128];
	long kib = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", daemon_pid(name));
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "VmRSS: %ld", &kib) == 1)
			break;
	if (f)
		fclose(f);
	check(kib > 0, "%s does not say how large it is", path);
	return SANITIZED ? 1 : kib;
}
