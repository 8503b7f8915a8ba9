// SPDX-License-Identifier: GPL-2.0-or-later
#include "stats/devfile.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void devfile_path(const char *dir, const char *dev, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%s", dir, dev);
	for (char *c = path + strlen(dir) + 1; *c; c++)
		if (*c == '/')
			*c = '-';
}

void devfile_remove(const char *dir, const char *dev)
{
	char path[PATH_MAX];

	devfile_path(dir, dev, path);
	unlink(path);
}

void devfile_sweep(const char *dir_path, const char *kind,
		   bool (*keep)(void *ctx, unsigned int domid, unsigned int devid), void *ctx)
{
	size_t len = strlen(kind);
	unsigned int domid, devid;
	struct dirent *entry;
	DIR *dir = opendir(dir_path);

	while (dir && (entry = readdir(dir)))
		if (strncmp(entry->d_name, kind, len) == 0 &&
		    sscanf(entry->d_name + len, "-%u-%u", &domid, &devid) == 2 &&
		    !keep(ctx, domid, devid))
			unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
}
