// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fifty devices of five guests that are created together are all connected and served
 * within libxl's ten seconds, with one worker for each, which holds few descriptors and hardly
 * any memory of its own. To be measured: another number of guests as second argument, and
 * "script" as third for the real hotplug scripts, which take most of the time then.
 */
#include "dev.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define GUESTS_MAX 100
#define DEVICES 10 /* of each */
#define LIMIT_MS 10000
#define WAIT_MS 25000
#define WORKER_FDS_MAX 32

/* A process: its domain, the toolstack that makes its devices, its drivers. */
static void guest(unsigned int number, enum kind kind, enum toolstack_plug plug, int go, int done)
{
	struct dev d[DEVICES];
	char name[16], byte;
	uint16_t domid;

	snprintf(name, sizeof(name), "many%u", number);
	check(read(go, &byte, 1) == 0, "no start");
	domid = guest_new(name);
	for (unsigned int nr = 0; nr < DEVICES; nr++)
		must(attach_as(domid, kind, nr, plug));
	for (unsigned int nr = 0; nr < DEVICES; nr++) {
		dev_open(&d[nr], domid, kind, nr);
		dev_connect(&d[nr]);
	}
	for (unsigned int nr = 0; nr < DEVICES; nr++)
		check(dev_served(&d[nr], PATIENCE_MS), "%s: no answer", d[nr].name);
	check(write(done, "x", 1) == 1, "nobody hears");
	/* Its devices are there until the test ends. */
	pause();
}

static unsigned int count_fds(pid_t pid)
{
	struct dirent *de;
	unsigned int nr = 0;
	char path[32];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	dir = opendir(path);
	while (dir && (de = readdir(dir)))
		nr += de->d_name[0] != '.';
	if (dir)
		closedir(dir);
	return nr;
}

/* A line of smaps_rollup. */
static long kib(pid_t pid, const char *what)
{
	char path[40], line[128];
	long value = 0, found = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, what, strlen(what)) == 0 &&
		    sscanf(line + strlen(what), ": %ld kB", &value) == 1)
			found = value;
	if (f)
		fclose(f);
	return found;
}

static pid_t parent_of(pid_t pid)
{
	char path[32], line[512] = "";
	int parent = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "re");
	if (f && fgets(line, sizeof(line), f) && strrchr(line, ')'))
		sscanf(strrchr(line, ')') + 2, "%*c %d", &parent);
	if (f)
		fclose(f);
	return parent;
}

static void look_at_workers(enum kind kind, unsigned int guests)
{
	pid_t daemon = daemon_pid(kind_daemon(kind));
	long own = 0, shared = 0;
	unsigned int nr = 0, fds = 0;
	struct dirent *de;
	DIR *dir = opendir("/proc");

	check(dir, "/proc: %s", strerror(errno));
	while ((de = readdir(dir))) {
		pid_t pid = atoi(de->d_name);

		if (pid <= 0 || parent_of(pid) != daemon)
			continue;
		nr++;
		fds += count_fds(pid);
		own += kib(pid, "Private_Clean") + kib(pid, "Private_Dirty");
		shared += kib(pid, "Pss");
		check(count_fds(pid) <= WORKER_FDS_MAX, "a worker has %u descriptors",
		      count_fds(pid));
	}
	closedir(dir);
	check(nr == guests * DEVICES, "%u workers", nr);
	printf("a worker: %ld KiB of its own, %ld in all (PSS), %u descriptors; %s: %ld KiB, %u "
	       "descriptors\n",
	       own / nr, shared / nr, fds / nr, kind_daemon(kind), kib(daemon, "Pss"),
	       count_fds(daemon));
}

int main(int argc, char **argv)
{
	enum kind kind = kind_argument(argc < 2 ? argc : 2, argv);
	enum toolstack_plug plug = argc > 3 ? PLUG_SCRIPT : PLUG_OURSELVES;
	struct pollfd ready = { .events = POLLIN };
	unsigned int guests = argc > 2 ? (unsigned int)atoi(argv[2]) : 5;
	pid_t pids[GUESTS_MAX];
	int go[2], done[2];
	char byte;
	int64_t ms;

	check(guests >= 1 && guests <= GUESTS_MAX, "1 to %d guests", GUESTS_MAX);
	check(!pipe(go) && !pipe(done), "pipe: %s", strerror(errno));
	for (unsigned int i = 0; i < guests; i++) {
		pids[i] = fork();
		check(pids[i] >= 0, "fork: %s", strerror(errno));
		if (!pids[i]) {
			close(go[1]);
			guest(i, kind, plug, go[0], done[1]);
		}
	}
	close(done[1]);
	ready.fd = done[0];
	ms = now_ms();
	close(go[1]);
	/* Those that are done live on, so one that fails leaves no end of file. */
	for (unsigned int i = 0; i < guests; i++)
		check(poll(&ready, 1, WAIT_MS) == 1 && read(done[0], &byte, 1) == 1,
		      "a guest is not served");
	ms = now_ms() - ms;
	printf("%u devices served after %lld ms\n", guests * DEVICES, (long long)ms);
	check(ms < LIMIT_MS || plug == PLUG_SCRIPT, "%u devices took %lld ms", guests * DEVICES,
	      (long long)ms);
	look_at_workers(kind, guests);
	for (unsigned int i = 0; i < guests; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
	return 0;
}
