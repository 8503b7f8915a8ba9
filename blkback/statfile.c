// SPDX-License-Identifier: GPL-2.0-or-later
#include "statfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "blk_stats.h"
#include "daemon/paths.h"

#define STATS_DIR DAEMON_RUN_DIR "/stats"
#define HEAD_BYTES offsetof(struct blk_stats, since_s)

/* "vbd/3/51712" is the file vbd-3-51712. */
static void path_of(const char *dev, char path[PATH_MAX])
{
	size_t dir = strlen(STATS_DIR "/");

	snprintf(path, PATH_MAX, STATS_DIR "/%s", dev);
	for (char *c = path + dir; *c; c++)
		if (*c == '/')
			*c = '-';
}

static void make_head(const char *dev, struct blk_stats *head)
{
	memset(head, 0, offsetof(struct blk_stats, slot));
	memcpy(head->magic, BLK_STATS_MAGIC, sizeof(head->magic));
	head->version = BLK_STATS_VERSION;
	head->header_bytes = offsetof(struct blk_stats, slot);
	head->slot_bytes = sizeof(struct blk_stats_slot);
	head->nr_slots = BLK_MAX_QUEUES;
	head->nr_ops = BLK_STATS_NR_OPS;
	head->nr_buckets = BLK_STATS_BUCKETS;
	snprintf(head->device, sizeof(head->device), "%s", dev);
	head->since_s = (uint64_t)time(NULL);
}

/* Has a predecessor of this very layout made it, for this device? */
static bool is_good(int fd, const struct blk_stats *head)
{
	char found[HEAD_BYTES];
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_size == (off_t)sizeof(struct blk_stats) &&
	       pread(fd, found, HEAD_BYTES, 0) == (ssize_t)HEAD_BYTES &&
	       memcmp(found, head, HEAD_BYTES) == 0;
}

static int set_up(int fd, const struct blk_stats *head)
{
	ssize_t len = (ssize_t)offsetof(struct blk_stats, slot);

	if (is_good(fd, head))
		return 0;
	if (ftruncate(fd, 0) < 0 || ftruncate(fd, sizeof(struct blk_stats)) < 0)
		return -errno;
	return pwrite(fd, head, (size_t)len, 0) == len ? 0 : -EIO;
}

static int open_private(const struct blk_stats *head, int *ret_fd)
{
	int fd = memfd_create("blk-stats", MFD_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	err = set_up(fd, head);
	if (err)
		close(fd);
	else
		*ret_fd = fd;
	return err;
}

int statfile_open(const char *dev, int *ret_fd)
{
	static struct blk_stats fresh; /* its slots are never touched: a page, no more */
	char path[PATH_MAX];
	int fd, err;

	make_head(dev, &fresh);
	path_of(dev, path);
	mkdir(STATS_DIR, 0755);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	err = fd < 0 ? -errno : set_up(fd, &fresh);
	if (!err) {
		*ret_fd = fd;
		return 0;
	}
	log_warn(dev, "nobody will see its counters: cannot make %s: %s", path, strerror(-err));
	if (fd >= 0) {
		unlink(path);
		close(fd);
	}
	return open_private(&fresh, ret_fd);
}

void statfile_sums(const char *dev, struct statfile_sums *ret)
{
	const struct blk_stats *stats = MAP_FAILED;
	char path[PATH_MAX];
	struct stat st;
	int fd;

	memset(ret, 0, sizeof(*ret));
	path_of(dev, path);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return;
	/* It does not shrink: workers have mapped it, and no descriptor any more. */
	if (fstat(fd, &st) == 0 && st.st_size == (off_t)sizeof(*stats))
		stats = mmap(NULL, sizeof(*stats), PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (stats == MAP_FAILED)
		return;
	for (unsigned int i = 0; i < BLK_MAX_QUEUES; i++) {
		const struct blk_stats_op *op = stats->slot[i].op;

		ret->reads += op[BLK_STATS_READ].requests;
		ret->read_bytes += op[BLK_STATS_READ].bytes;
		ret->writes += op[BLK_STATS_WRITE].requests;
		ret->written_bytes += op[BLK_STATS_WRITE].bytes;
	}
	munmap((void *)(uintptr_t)stats, sizeof(*stats));
}

void statfile_remove(const char *dev)
{
	char path[PATH_MAX];

	path_of(dev, path);
	unlink(path);
}

void statfile_sweep(bool (*keep)(void *ctx, unsigned int domid, unsigned int devid), void *ctx)
{
	unsigned int domid, devid;
	struct dirent *entry;
	DIR *dir;

	mkdir(STATS_DIR, 0755); /* readers may come before the first disk */
	dir = opendir(STATS_DIR);
	while (dir && (entry = readdir(dir)))
		if (sscanf(entry->d_name, "vbd-%u-%u", &domid, &devid) == 2 &&
		    !keep(ctx, domid, devid))
			unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
}
