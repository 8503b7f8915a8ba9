// SPDX-License-Identifier: GPL-2.0-or-later
/* The console daemon under test: start, stop, kill, its log and its guests' logs. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "con_env.h"
#include "con_priv.h"

bool con_oracle;

static struct {
	const char *program;
	pid_t pid;
	pid_t owner;	    /* the process of the case; its children must not clean up */
	unsigned int kills; /* of the worker, on purpose */
	void (*before_end)(void);
	char dir[128];
	char log[160]; /* what it says */
	char guests[160];
} d;

static char *read_file(const char *path, size_t *ret_len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0, room = 65536;
	char *buf = malloc(room + 1);
	ssize_t n = fd < 0 ? 0 : 1;

	while (n > 0) {
		if (len == room)
			buf = realloc(buf, (room *= 2) + 1);
		n = read(fd, buf + len, room - len);
		len += n > 0 ? (size_t)n : 0;
	}
	if (fd >= 0)
		close(fd);
	buf[len] = '\0';
	if (ret_len)
		*ret_len = len;
	return buf;
}

/* --- life --- */

const char *xen_program(const char *name)
{
	static char path[2][128];
	static unsigned int nr;
	char *to = path[nr++ % 2];

	snprintf(to, sizeof(path[0]), "%s/%s", getenv("XEN_BIN") ? getenv("XEN_BIN") : "", name);
	if (access(to, X_OK) < 0)
		skip("there is no %s (xen-utils)", to);
	return to;
}

void daemon_use(const char *program)
{
	con_oracle = strcmp(program, "xenconsoled") == 0;
	d.program = con_oracle ? xen_program("xenconsoled") : program;
}

void daemon_begin(const char *program)
{
	daemon_use(program);
	d.owner = getpid();
	snprintf(d.dir, sizeof(d.dir), "%s/con-test.XXXXXX",
		 getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	if (!mkdtemp(d.dir)) {
		perror(d.dir);
		exit(1);
	}
	snprintf(d.log, sizeof(d.log), "%s/daemon.log", d.dir);
	snprintf(d.guests, sizeof(d.guests), "%s/guests", d.dir);
	mkdir(d.guests, 0755);
}

const char *log_dir(void)
{
	return d.guests;
}

static void exec_daemon(const char *const *options, int ready)
{
	char ready_text[16];
	const char *argv[24] = { d.program };
	int n = 1;

	snprintf(ready_text, sizeof(ready_text), "%d", ready);
	if (con_oracle) {
		argv[n++] = "-i";
		argv[n++] = "--log=guest";
	} else {
		argv[n++] = "--ready-fd";
		argv[n++] = ready_text;
	}
	argv[n++] = con_oracle ? "--log-dir=guests" : "--log-dir";
	if (!con_oracle)
		argv[n++] = d.guests;
	while (!con_oracle && options && *options)
		argv[n++] = *options++;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (chdir(d.dir) == 0)
		execv(d.program, (char *const *)argv);
	perror(d.program);
	_exit(127);
}

/* Ours says so; the oracle does not, its first pty tells. */
static void wait_ready(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char byte;

	check(poll(&p, 1, PATIENCE_MS) == 1, "the daemon did not get ready");
	check(read(fd, &byte, 1) == 1, "the daemon ended at once");
}

void daemon_start(const char *const *options)
{
	int ready[2];

	check(pipe2(ready, 0) == 0, "pipe: %s", strerror(errno));
	d.pid = fork();
	check(d.pid >= 0, "fork: %s", strerror(errno));
	if (d.pid == 0) {
		int log = open(d.log, O_WRONLY | O_CREAT | O_APPEND, 0644);

		dup2(log, STDOUT_FILENO);
		dup2(log, STDERR_FILENO);
		close(log);
		close(ready[0]);
		exec_daemon(options, ready[1]);
	}
	close(ready[1]);
	if (!con_oracle)
		wait_ready(ready[0]);
	close(ready[0]);
}

static void end_by(int sig)
{
	int64_t until = now_ms() + PATIENCE_MS;
	int status;

	check(d.pid > 0, "there is no daemon to end");
	kill(d.pid, sig);
	while (waitpid(d.pid, &status, WNOHANG) == 0) {
		check(now_ms() < until, "the daemon does not end by signal %d", sig);
		sleep_ms(2);
	}
	d.pid = 0;
	if (sig == SIGTERM && !con_oracle)
		check(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the daemon ended with %#x",
		      (unsigned int)status);
}

void daemon_stop(void)
{
	end_by(SIGTERM);
}

void daemon_kill(void)
{
	end_by(SIGKILL);
}

void daemon_hangup(void)
{
	kill(d.pid, SIGHUP);
}

const char *daemon_program(void)
{
	return d.program;
}

pid_t daemon_pid(void)
{
	return d.pid;
}

pid_t worker_pid(void)
{
	char path[64];
	char *text;
	pid_t pid;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", d.pid, d.pid);
	text = read_file(path, NULL);
	pid = (pid_t)atoi(text);
	free(text);
	return pid;
}

static bool has_other_worker(void *ctx)
{
	pid_t pid = worker_pid();

	return pid > 0 && pid != *(pid_t *)ctx;
}

pid_t worker_kill_now(void)
{
	pid_t pid = worker_pid();

	check(pid > 0, "there is no worker");
	d.kills++;
	kill(pid, SIGKILL);
	return pid;
}

void worker_kill(void)
{
	pid_t pid = worker_kill_now();

	check(wait_for(has_other_worker, &pid, PATIENCE_MS), "no other worker was started");
}

long process_kib(pid_t pid)
{
	char path[64];
	char *text, *at;
	long kib = -1;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	text = read_file(path, NULL);
	at = strstr(text, "VmRSS:");
	if (at)
		kib = atol(at + 6);
	free(text);
	check(kib > 0, "process %d cannot be looked at", pid);
	return kib;
}

unsigned int process_fds(pid_t pid)
{
	unsigned int nr = 0;
	char path[64];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	dir = opendir(path);
	check(dir != NULL, "%s: %s", path, strerror(errno));
	for (struct dirent *e; (e = readdir(dir));) {
		char to[64] = "";

		/* The stand-in keeps memory and sinks of domains that it has seen. */
		(void)!readlinkat(dirfd(dir), e->d_name, to, sizeof(to) - 1);
		nr += strncmp(to, "/memfd:standin", 14) != 0 && strncmp(to, "socket:", 7) != 0;
	}
	closedir(dir);
	return nr;
}

/* --- what it says --- */

unsigned int daemon_lines(const char *a, const char *b)
{
	char *text = read_file(d.log, NULL);
	unsigned int nr = 0;
	char *rest = text;

	for (char *line; (line = strsep(&rest, "\n"));)
		nr += strstr(line, a) && (!b || strstr(line, b));
	free(text);
	return nr;
}

struct two {
	const char *a, *b;
};

static bool line_is_there(void *ctx)
{
	const struct two *two = ctx;

	return daemon_lines(two->a, two->b) > 0;
}

void daemon_wait_line(const char *a, const char *b)
{
	struct two two = { a, b };

	check(wait_for(line_is_there, &two, PATIENCE_MS), "the daemon never said: %s ... %s", a,
	      b ? b : "");
}

static bool sanitizer_spoke(void)
{
	return daemon_lines("Sanitizer", NULL) > 0 || daemon_lines("runtime error:", NULL) > 0;
}

static void remove_tree(const char *path)
{
	DIR *dir = opendir(path);
	char file[512];

	for (struct dirent *e; dir && (e = readdir(dir));) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		snprintf(file, sizeof(file), "%s/%s", path, e->d_name);
		if (e->d_type == DT_DIR)
			remove_tree(file);
		else
			unlink(file);
	}
	if (dir)
		closedir(dir);
	rmdir(path);
}

static void show_log(void)
{
	char *text = read_file(d.log, NULL);

	fprintf(stderr, "--- the daemon's log ---\n%s---\n", text);
	free(text);
}

void daemon_before_end(void (*fn)(void))
{
	d.before_end = fn;
}

/* Called once more by fail_at() if it is not satisfied itself. */
void daemon_end(bool judge)
{
	if (getpid() != d.owner || d.dir[0] == '\0')
		return;
	if (d.before_end)
		d.before_end();
	d.before_end = NULL;
	if (judge) {
		check(con_oracle || d.pid > 0, "the daemon is not running at the end");
		check(daemon_lines("console-worker", "starting it again") == d.kills,
		      "the worker ended when nobody had killed it");
		check(!sanitizer_spoke(), "a sanitizer has something to say");
		if (d.pid > 0)
			daemon_stop();
		check(!sanitizer_spoke(), "a sanitizer has something to say");
	} else {
		show_log();
	}
	if (d.pid > 0) {
		kill(d.pid, SIGKILL);
		waitpid(d.pid, NULL, 0);
	}
	remove_tree(d.dir);
	d.dir[0] = '\0';
}

/* --- guests' logs --- */

static void log_path(char path[256], const char *name, unsigned int nr)
{
	int n = snprintf(path, 256, "%s/guest-%s.log", d.guests, name);

	if (nr > 0)
		snprintf(path + n, 256 - (size_t)n, ".%u", nr);
}

char *log_content(const char *name, unsigned int nr, size_t *ret_len)
{
	char path[256];

	log_path(path, name, nr);
	return read_file(path, ret_len);
}

char *log_all(const char *name, unsigned int keep, size_t *ret_len)
{
	char *all = calloc(1, 1);
	size_t len = 0;

	for (unsigned int nr = keep + 1; nr-- > 0;) {
		size_t n;
		char *part = log_content(name, nr, &n);

		all = realloc(all, len + n + 1);
		memcpy(all + len, part, n + 1);
		len += n;
		free(part);
	}
	*ret_len = len;
	return all;
}

bool log_has(const char *name, const char *text)
{
	size_t len;
	char *content = log_all(name, 3, &len);
	bool has = memmem(content, len, text, strlen(text)) != NULL;

	free(content);
	return has;
}

static bool text_is_there(void *ctx)
{
	const struct two *two = ctx;

	return log_has(two->a, two->b);
}

void log_wait(const char *name, const char *text)
{
	struct two two = { name, text };

	check(wait_for(text_is_there, &two, PATIENCE_MS), "the log of %s never had: %s", name,
	      text);
}
