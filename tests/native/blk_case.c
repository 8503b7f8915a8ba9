// SPDX-License-Identifier: GPL-2.0-or-later
/* Block tests: the program, the daemon under test, the stand-in. */
#include "blk_case.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/util.h"
#include "rpc.h"

static struct {
	const char *program;
	char **options;
	pid_t pid;
	pid_t owner;
	char dir[96];
	char log[128];
} daemon_;

/* xorshift64 */
uint64_t draw(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* --- end --- */

static void show_log(const char *line, void *ctx)
{
	fprintf(stderr, "| %s\n", line);
}

/* Each line of the log, without its end. */
static void for_each_line(void (*each)(const char *line, void *ctx), void *ctx)
{
	FILE *f = fopen(daemon_.log, "re");
	char line[1024];

	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		each(line, ctx);
	}
	if (f)
		fclose(f);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static void clean_up(void)
{
	if (getpid() != daemon_.owner)
		return;
	if (daemon_.pid > 0) {
		kill(daemon_.pid, SIGKILL);
		waitpid(daemon_.pid, NULL, 0);
	}
	nftw(daemon_.dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void show_all(bool failed)
{
	if (failed)
		for_each_line(show_log, NULL);
}

/* --- daemon --- */

static void exec_daemon(int ready)
{
	int log = open(daemon_.log, O_WRONLY | O_CREAT | O_APPEND, 0644);
	const char *argv[16];
	unsigned int nr = 0;
	char fd[12];

	snprintf(fd, sizeof(fd), "%d", ready);
	dup2(log, STDERR_FILENO);
	dup2(log, STDOUT_FILENO);
	argv[nr++] = daemon_.program;
	for (char **own = daemon_.options; *own && nr < ARRAY_SIZE(argv) - 5; own++)
		argv[nr++] = *own;
	argv[nr++] = "--ready-fd";
	argv[nr++] = fd;
	argv[nr++] = "--log-level";
	argv[nr++] = "debug";
	argv[nr] = NULL;
	execv(daemon_.program, (char *const *)argv);
	perror(daemon_.program);
	_exit(127);
}

static void daemon_start(void)
{
	struct pollfd p = { .events = POLLIN };
	int ready[2];
	char byte;

	check(pipe(ready) == 0, "pipe: %s", strerror(errno));
	daemon_.pid = fork();
	check(daemon_.pid >= 0, "fork: %s", strerror(errno));
	if (daemon_.pid == 0) {
		close(ready[0]);
		exec_daemon(ready[1]);
	}
	close(ready[1]);
	p.fd = ready[0];
	check(poll(&p, 1, PATIENCE_MS) == 1 && read(ready[0], &byte, 1) == 1,
	      "blkbackd does not get ready");
	close(ready[0]);
}

static void daemon_stop(void)
{
	int64_t until = now_ms() + PATIENCE_MS;
	int status;

	kill(daemon_.pid, SIGTERM);
	while (waitpid(daemon_.pid, &status, WNOHANG) == 0) {
		check(now_ms() < until, "blkbackd does not end");
		sleep_ms(5);
	}
	daemon_.pid = 0;
	check(WIFEXITED(status) && WEXITSTATUS(status) == 0, "blkbackd ended with status %#x",
	      status);
	check(daemon_lines("Sanitizer", NULL) == 0 && daemon_lines("runtime error", NULL) == 0,
	      "a sanitizer has something to say");
}

void daemon_restart(void)
{
	daemon_stop();
	daemon_start();
}

void daemon_kill(void)
{
	kill(daemon_.pid, SIGKILL);
	waitpid(daemon_.pid, NULL, 0);
	daemon_start();
}

pid_t daemon_pid(void)
{
	return daemon_.pid;
}

void daemon_each_line(void (*each)(const char *line, void *ctx), void *ctx)
{
	for_each_line(each, ctx);
}

struct search {
	const char *a, *b;
	unsigned int found;
};

static void search_line(const char *line, void *ctx)
{
	struct search *s = ctx;

	s->found += strstr(line, s->a) && (!s->b || strstr(line, s->b));
}

unsigned int daemon_lines(const char *a, const char *b)
{
	struct search s = { a, b, 0 };

	for_each_line(search_line, &s);
	return s.found;
}

void daemon_wait_line(const char *a, const char *b)
{
	int64_t until = now_ms() + PATIENCE_MS;

	while (daemon_lines(a, b) == 0) {
		check(now_ms() < until, "blkbackd's log never says: %s ... %s", a, b ? b : "");
		sleep_ms(5);
	}
}

const char *case_dir(void)
{
	return daemon_.dir;
}

/* --- the stand-in --- */

struct standin_world *world(void)
{
	static struct standin_world *w;
	const char *dir = getenv("STANDIN_DIR");
	char path[256];
	int fd;

	if (w)
		return w;
	check(dir, "not in a world");
	snprintf(path, sizeof(path), "%s/world", dir);
	fd = open(path, O_RDWR | O_CLOEXEC);
	check(fd >= 0, "%s: %s", path, strerror(errno));
	w = mmap(NULL, sizeof(*w), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	check(w != MAP_FAILED, "cannot map %s", path);
	return w;
}

void world_copy_fault(enum standin_copy_fault fault, int32_t value, uint32_t every)
{
	struct standin_fault *f = &world()->fault;

	atomic_store(&f->copy, COPY_FINE);
	atomic_store(&f->copy_value, value);
	atomic_store(&f->copy_every, every);
	atomic_store(&f->copies_seen, 0);
	atomic_store(&f->copy, fault);
}

unsigned int world_mappings(uint16_t domid)
{
	struct rpc r = { .op = RPC_INFO, .domid = domid };
	struct rpc_link *l;

	check(rpc_open_as(0, 0, &l, NULL) == 0, "no hypervisor");
	check(rpc_call(l, &r, NULL) == 0, "no answer from the hypervisor");
	rpc_close(l);
	return r.nr >= 3 && r.list[0] == domid ? r.list[2] : 0;
}

/* A test that is run over one engine must not have run over another. */
static void check_engine(void)
{
	char text[48];

	for (char **own = daemon_.options; own[0] && own[1]; own++) {
		if (strcmp(own[0], "--engine") != 0)
			continue;
		snprintf(text, sizeof(text), " %s calls, ", own[1]);
		check(daemon_lines(text, NULL) > 0, "no worker has used %s", own[1]);
		check(daemon_lines(" calls, ", NULL) == daemon_lines(text, NULL),
		      "not all workers have used %s", own[1]);
	}
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: %s BLKBACKD [OPTION]...\n", argv[0]);
		return 2;
	}
	outcome_before = show_all;
	daemon_.program = argv[1];
	daemon_.options = argv + 2;
	daemon_.owner = getpid();
	snprintf(daemon_.dir, sizeof(daemon_.dir), "%s/blk-test.XXXXXX",
		 getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	check(mkdtemp(daemon_.dir), "mkdtemp: %s", strerror(errno));
	snprintf(daemon_.log, sizeof(daemon_.log), "%s/blkbackd.log", daemon_.dir);
	atexit(clean_up);
	world_copy_fault(COPY_FINE, 0, 1);
	daemon_start();
	blk_case();
	daemon_stop();
	check_engine();
	return 0;
}
