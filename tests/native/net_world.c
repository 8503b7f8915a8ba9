// SPDX-License-Identifier: GPL-2.0-or-later
/* What the network tests share: the world's counters and faults. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "net_case.h"

struct standin_world *net_world(void)
{
	const char *dir = getenv("STANDIN_DIR");
	char path[256];
	void *map;
	int fd;

	if (!dir)
		skip("not in a world");
	snprintf(path, sizeof(path), "%s/world", dir);
	fd = open(path, O_RDWR | O_CLOEXEC);
	check(fd >= 0, "%s: %s", path, strerror(errno));
	map = mmap(NULL, sizeof(struct standin_world), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	check(map != MAP_FAILED, "%s: %s", path, strerror(errno));
	close(fd);
	return map;
}
