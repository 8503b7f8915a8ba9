// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Each thread of a worker has the I/O priority and the nice value that its keys say when the guest
 * connects; values that are none are said in a line that names the key, and the disk works.
 */
#include <dirent.h>
#include <errno.h>
#include <linux/ioprio.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "blk_limit.h"

static void expect(const struct disk *d, unsigned int class, unsigned int level, int nice)
{
	unsigned int threads = 0;
	struct dirent *entry;
	char path[64];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", disk_worker(d));
	dir = opendir(path);
	check(dir, "%s: %s", path, strerror(errno));
	while ((entry = readdir(dir))) {
		int tid = atoi(entry->d_name);
		unsigned long prio;

		if (tid == 0)
			continue;
		threads++;
		prio = (unsigned long)syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, tid);
		check(IOPRIO_PRIO_CLASS(prio) == class && IOPRIO_PRIO_DATA(prio) == level,
		      "thread %d has I/O priority %#lx, not class %d, level %d", tid, prio, class,
		      level);
		check(getpriority(PRIO_PROCESS, (id_t)tid) == nice, "thread %d is %d nice, not %d",
		      tid, getpriority(PRIO_PROCESS, (id_t)tid), nice);
	}
	closedir(dir);
	check(threads >= 2, "%u threads", threads);
}

static void connect_with(struct disk *d, const char *io, const char *nice)
{
	limit_write(d, "pvback-io-priority", io);
	limit_write(d, "pvback-nice", nice);
	disk_connect(d, BLKABI_NATIVE);
	disk_works(d);
}

static void bad_values(struct disk *d)
{
	static const char *const bad[] = { "", "best-effort/8", "idle/1" };
	int own = getpriority(PRIO_PROCESS, 0);

	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char line[64];

		snprintf(line, sizeof(line), "pvback-io-priority is \"%s\"", bad[i]);
		connect_with(d, bad[i], i == 0 ? "20" : "0");
		daemon_wait_line(d->dev, line);
		daemon_wait_line(d->dev, "pvback-nice is \"20\"");
		expect(d, IOPRIO_CLASS_NONE, 0, own);
		disk_close(d);
	}
}

void blk_case(void)
{
	struct disk d;

	disk_new(&d, MIB, false);
	bad_values(&d);
	connect_with(&d, "best-effort/7", "5");
	expect(&d, IOPRIO_CLASS_BE, 7, 5);
	disk_close(&d);
	connect_with(&d, "idle", "-3");
	expect(&d, IOPRIO_CLASS_IDLE, 0, -3);
	disk_close(&d);
	connect_with(&d, "realtime/2", "19");
	expect(&d, IOPRIO_CLASS_RT, 2, 19);
	disk_free(&d);
}
