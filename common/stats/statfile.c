// SPDX-License-Identifier: GPL-2.0-or-later
#include "stats/statfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/paths.h"
#include "stats/devfile.h"

#define STATS_DIR DAEMON_RUN_DIR "/stats"
#define SAME_MAX 4096

/* Has a predecessor of this very layout made it, for this device? */
static bool is_good(int fd, const struct statfile_new *fresh)
{
	char found[SAME_MAX];
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_size == (off_t)fresh->bytes &&
	       fresh->same_bytes <= sizeof(found) &&
	       pread(fd, found, fresh->same_bytes, 0) == (ssize_t)fresh->same_bytes &&
	       memcmp(found, fresh->head, fresh->same_bytes) == 0;
}

static int set_up(int fd, const struct statfile_new *fresh)
{
	ssize_t len = (ssize_t)fresh->head_bytes;

	if (is_good(fd, fresh))
		return 0;
	if (ftruncate(fd, 0) < 0 || ftruncate(fd, (off_t)fresh->bytes) < 0)
		return -errno;
	return pwrite(fd, fresh->head, fresh->head_bytes, 0) == len ? 0 : -EIO;
}

static int open_private(const struct statfile_new *fresh, int *ret_fd)
{
	int fd = memfd_create("stats", MFD_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	err = set_up(fd, fresh);
	if (err)
		close(fd);
	else
		*ret_fd = fd;
	return err;
}

int statfile_open(const char *dev, const struct statfile_new *fresh, int *ret_fd)
{
	char path[PATH_MAX];
	int fd, err;

	devfile_path(STATS_DIR, dev, path);
	mkdir(STATS_DIR, 0755);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	err = fd < 0 ? -errno : set_up(fd, fresh);
	if (!err) {
		*ret_fd = fd;
		return 0;
	}
	log_warn(dev, "nobody will see its counters: cannot make %s: %s", path, strerror(-err));
	if (fd >= 0) {
		unlink(path);
		close(fd);
	}
	return open_private(fresh, ret_fd);
}

const void *statfile_map(const char *dev, size_t bytes)
{
	void *page = MAP_FAILED;
	char path[PATH_MAX];
	struct stat st;
	int fd;

	devfile_path(STATS_DIR, dev, path);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return NULL;
	/* It does not shrink: workers have mapped it, and no descriptor any more. */
	if (fstat(fd, &st) == 0 && st.st_size == (off_t)bytes)
		page = mmap(NULL, bytes, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	return page == MAP_FAILED ? NULL : page;
}

void statfile_unmap(const void *page, size_t bytes)
{
	munmap((void *)(uintptr_t)page, bytes);
}

void statfile_remove(const char *dev)
{
	devfile_remove(STATS_DIR, dev);
}

void statfile_sweep(const char *kind,
		    bool (*keep)(void *ctx, unsigned int domid, unsigned int devid), void *ctx)
{
	mkdir(STATS_DIR, 0755); /* readers may come before the first device */
	devfile_sweep(STATS_DIR, kind, keep, ctx);
}
