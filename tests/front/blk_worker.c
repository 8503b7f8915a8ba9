// SPDX-License-Identifier: GPL-2.0-or-later
/* The process that serves a disk. */
#include "blk_worker.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A worker's first argument is its device. A zombie has no command line. */
static bool is_worker(const char *pid, const char *dev)
{
	char path[300], text[512] = "";
	const char *arg;
	size_t len = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/cmdline", pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	len = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	arg = memchr(text, '\0', len);
	return arg && strstr(text, "blkback-worker") && strcmp(arg + 1, dev) == 0;
}

pid_t blk_worker_find(const char *dev)
{
	DIR *dir = opendir("/proc");
	pid_t pid = 0;

	if (!dir)
		return 0;
	for (struct dirent *e = readdir(dir); e && pid == 0; e = readdir(dir))
		if (e->d_name[0] >= '1' && e->d_name[0] <= '9' && is_worker(e->d_name, dev))
			pid = (pid_t)atoi(e->d_name);
	closedir(dir);
	return pid;
}
