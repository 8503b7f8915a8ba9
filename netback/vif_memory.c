// SPDX-License-Identifier: GPL-2.0-or-later
#include "vif_memory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/paths.h"
#include "net_conf.h"
#include "stats/devfile.h"

#define MEMORY_DIR DAEMON_RUN_DIR "/memory"

static bool is_good(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_size == NET_MEMORY_BYTES;
}

/* A new file, not the old one emptied: that may be mapped still by a worker on its way out. */
static int create(const char *path, int *ret_fd)
{
	int fd, ret;

	mkdir(MEMORY_DIR, 0700);
	unlink(path);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	/* Room now, so that a full /run is not noticed by a write to the mapping. */
	ret = -posix_fallocate(fd, 0, NET_MEMORY_BYTES);
	if (ret) {
		unlink(path);
		close(fd);
		return ret;
	}
	*ret_fd = fd;
	return 0;
}

static int open_private(int *ret_fd)
{
	int fd = memfd_create("vif-memory", MFD_CLOEXEC), ret;

	if (fd < 0)
		return -errno;
	ret = ftruncate(fd, NET_MEMORY_BYTES) < 0 ? -errno : 0;
	if (ret)
		close(fd);
	else
		*ret_fd = fd;
	return ret;
}

int vif_memory_open(const char *dev, bool fresh, int *ret_fd)
{
	char path[PATH_MAX];
	int fd = -1, ret;

	devfile_path(MEMORY_DIR, dev, path);
	if (!fresh)
		fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0 && is_good(fd)) {
		*ret_fd = fd;
		return 0;
	}
	if (fd >= 0)
		close(fd);
	ret = create(path, ret_fd);
	if (!ret)
		return 0;
	log_warn(dev,
		 "a restart will forget its multicast addresses and hashing: cannot make %s: %s",
		 path, strerror(-ret));
	return open_private(ret_fd);
}

void vif_memory_remove(const char *dev)
{
	devfile_remove(MEMORY_DIR, dev);
}

void vif_memory_sweep(bool (*keep)(void *ctx, unsigned int domid, unsigned int devid), void *ctx)
{
	devfile_sweep(MEMORY_DIR, "vif", keep, ctx);
}
