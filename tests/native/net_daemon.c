// SPDX-License-Identifier: GPL-2.0-or-later
/* What the network tests share: the program's frame, and its netbackd. */
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

#include "net_case.h"
#include "net_priv.h"

static struct {
	const char *program;
	pid_t pid;
	pid_t owner; /* children of the test must not clean up */
	int log;
} d = { .log = -1 };

const char *const *netbackd_options;

/* --- its log --- */

char *netbackd_log(void)
{
	struct stat st;
	size_t len = fstat(d.log, &st) ? 0 : (size_t)st.st_size, at = 0;
	char *buf = malloc(len + 1);
	ssize_t got = 1;

	while (at < len && got > 0) {
		got = pread(d.log, buf + at, len - at, (off_t)at);
		at += got > 0 ? (size_t)got : 0;
	}
	buf[at] = '\0';
	return buf;
}

unsigned int netbackd_lines(const char *a, const char *b)
{
	char *log = netbackd_log(), *line = log, *end;
	unsigned int nr = 0;

	for (; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		nr += strstr(line, a) && (!b || strstr(line, b));
	}
	free(log);
	return nr;
}

void netbackd_wait_line(const char *a, const char *b)
{
	int64_t end = netfront_now_ms() + PATIENCE_MS;

	while (!netbackd_lines(a, b)) {
		check(netfront_now_ms() < end, "no line \"%s\" \"%s\" in the log", a, b ? b : "");
		sleep_ms(5);
	}
}

static void print_log(void)
{
	char *log;

	if (d.log < 0)
		return;
	log = netbackd_log();
	fprintf(stderr, "--- the log of netbackd and its workers\n%s", log);
	free(log);
}

/* --- ends --- */

static void cleanup(void)
{
	if (getpid() != d.owner || d.pid <= 0)
		return;
	kill(d.pid, SIGKILL);
	waitpid(d.pid, NULL, 0);
	d.pid = 0;
}

static void show_log(bool failed)
{
	if (failed && getpid() == d.owner)
		print_log();
}

/* --- the daemon --- */

static void exec_daemon(int ready)
{
	const char *args[32] = { d.program, "--ready-fd", NULL, "--queues", "4" };
	unsigned int nr = 5;
	char fd[16];

	args[2] = fd;
	for (; netbackd_options && netbackd_options[nr - 5] && nr < 31; nr++)
		args[nr] = netbackd_options[nr - 5];
	snprintf(fd, sizeof(fd), "%d", ready);
	dup2(d.log, STDOUT_FILENO);
	dup2(d.log, STDERR_FILENO);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execv(d.program, (char *const *)(uintptr_t)args);
	perror(d.program);
	_exit(127);
}

void netbackd_start(void)
{
	struct pollfd pfd = { .events = POLLIN };
	int ready[2];
	char byte;

	check(!pipe(ready), "pipe: %s", strerror(errno));
	d.pid = fork();
	check(d.pid >= 0, "fork: %s", strerror(errno));
	if (!d.pid) {
		close(ready[0]);
		exec_daemon(ready[1]);
	}
	close(ready[1]);
	pfd.fd = ready[0];
	check(poll(&pfd, 1, PATIENCE_MS) == 1, "netbackd does not get ready");
	check(read(ready[0], &byte, 1) == 1, "netbackd ended at once");
	close(ready[0]);
}

static void end_by(int sig)
{
	int64_t end = netfront_now_ms() + 2 * PATIENCE_MS;
	int status;

	check(d.pid > 0, "there is no netbackd to end");
	kill(d.pid, sig);
	while (!waitpid(d.pid, &status, WNOHANG)) {
		check(netfront_now_ms() < end, "netbackd does not end by signal %d", sig);
		sleep_ms(2);
	}
	d.pid = 0;
	if (sig == SIGTERM)
		check(WIFEXITED(status) && !WEXITSTATUS(status), "netbackd ended with %#x",
		      (unsigned int)status);
}

void netbackd_stop(void)
{
	end_by(SIGTERM);
}

void netbackd_kill(void)
{
	end_by(SIGKILL);
}

/* --- workers --- */

/* The worker of a device has its name as first argument. */
static bool serves(const char *pid, const char *dev)
{
	char path[64], buf[256];
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/%.16s/cmdline", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	got = read(fd, buf, sizeof(buf) - 1);
	close(fd);
	if (got <= 0)
		return false;
	buf[got] = '\0';
	return strstr(buf, "netback-worker") && !strcmp(buf + strlen(buf) + 1, dev);
}

pid_t net_guest_worker(const struct net_guest *g)
{
	DIR *dir = opendir("/proc");
	struct dirent *de;
	pid_t pid = 0;

	check(dir != NULL, "/proc: %s", strerror(errno));
	while (!pid && (de = readdir(dir)))
		if (de->d_name[0] >= '1' && de->d_name[0] <= '9' && serves(de->d_name, g->dev))
			pid = (pid_t)atoi(de->d_name);
	closedir(dir);
	return pid;
}

long process_kib(pid_t pid)
{
	char path[64], line[128];
	long kib = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "VmRSS: %ld", &kib) == 1)
			break;
	if (f)
		fclose(f);
	return kib;
}

/* --- the program --- */

/* A sanitizer's report is a failure whatever else the test saw. */
static void check_log(void)
{
	check(!netbackd_lines("Sanitizer", NULL) && !netbackd_lines("runtime error", NULL),
	      "a sanitizer has something to say");
	check(!netbackd_lines("assertion", NULL) && !netbackd_lines("Assertion", NULL),
	      "an assertion failed");
}

int net_main(int argc, char **argv, void (*run)(void))
{
	const struct wire_how how = { .name = "wire0",
				      .bridge = "xenbr0",
				      .mac = frame_wire_mac,
				      .mtu = 65521,
				      .queue = 20000 };

	check(argc == 2, "usage: %s NETBACKD", argv[0]);
	d.program = argv[1];
	outcome_before = show_log;
	d.owner = getpid();
	d.log = open("/tmp", O_TMPFILE | O_RDWR | O_APPEND | O_CLOEXEC, 0600);
	check(d.log >= 0, "/tmp: %s", strerror(errno));
	atexit(cleanup);
	signal(SIGPIPE, SIG_IGN);
	wire_silence();
	must(wire_open(&how, &net_wire));
	must(wire_make_hub(how.bridge));
	net_wait_forwarding(net_wire.name);
	netbackd_start();
	run();
	netbackd_stop();
	check_log();
	wire_close(&net_wire);
	return 0;
}
