// SPDX-License-Identifier: GPL-2.0-or-later
/* Open what a disk lies on, and measure it. */
#include "backing.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECTOR 512u

static int measure_device(int fd, struct backing *b, char *why, size_t size)
{
	unsigned int physical = 0;
	int logical = 0;
	uint64_t bytes;

	if (ioctl(fd, BLKGETSIZE64, &bytes) < 0 || ioctl(fd, BLKSSZGET, &logical) < 0 ||
	    ioctl(fd, BLKPBSZGET, &physical) < 0) {
		snprintf(why, size, "cannot read the device's size: %s", strerror(errno));
		return -errno;
	}
	b->sectors = bytes / SECTOR;
	b->sector_size = (uint32_t)logical;
	b->physical_sector_size = physical;
	return 0;
}

static int measure_file(const struct stat *st, struct backing *b, char *why, size_t size)
{
	if (st->st_size % SECTOR != 0) {
		snprintf(why, size,
			 "its size of %lld bytes is not a multiple of 512; truncate or extend it",
			 (long long)st->st_size);
		return -EINVAL;
	}
	b->sectors = (uint64_t)st->st_size / SECTOR;
	b->sector_size = SECTOR;
	b->physical_sector_size = SECTOR;
	b->fs_dev = st->st_dev;
	b->fs_ino = st->st_ino;
	return 0;
}

static int measure(int fd, const struct stat *st, struct backing *b, char *why, size_t size)
{
	int err;

	if (S_ISBLK(st->st_mode))
		err = measure_device(fd, b, why, size);
	else
		err = measure_file(st, b, why, size);
	if (!err && b->sectors == 0) {
		snprintf(why, size, "it is empty; give it a size first (truncate -s)");
		err = -EINVAL;
	}
	return err;
}

/*
 * Does the file system take direct transfers of 512 bytes? It may say so
 * (since Linux 6.1); if not, opening with O_DIRECT has to be answer enough.
 */
static bool direct_fits(int fd, const struct stat *st)
{
#ifdef STATX_DIOALIGN
	struct statx stx;

	if (S_ISREG(st->st_mode) && statx(fd, "", AT_EMPTY_PATH, STATX_DIOALIGN, &stx) == 0 &&
	    (stx.stx_mask & STATX_DIOALIGN))
		return stx.stx_dio_offset_align != 0 && stx.stx_dio_offset_align <= SECTOR;
#endif
	return true;
}

static int open_image(const char *path, int mode, const struct stat *st, bool *ret_direct)
{
	int fd = open(path, mode | O_DIRECT | O_CLOEXEC);

	*ret_direct = true;
	if (fd >= 0 && direct_fits(fd, st))
		return fd;
	if (fd >= 0)
		close(fd);
	else if (errno != EINVAL)
		return -errno;
	*ret_direct = false;
	fd = open(path, mode | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return fd;
}

int backing_open(const char *path, bool readonly, struct backing *ret, int *ret_fd, char *why,
		 size_t why_size)
{
	struct backing b = { 0 };
	struct stat st;
	int fd, err;

	if (stat(path, &st) < 0) {
		err = -errno;
		snprintf(why, why_size, "%s", strerror(-err));
		return err;
	}
	if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode)) {
		snprintf(why, why_size, "it is %s, neither a file nor a block device",
			 S_ISDIR(st.st_mode) ? "a directory" : "something else");
		return -EINVAL;
	}
	fd = open_image(path, readonly ? O_RDONLY : O_RDWR, &st, &b.direct);
	if (fd < 0) {
		snprintf(why, why_size, "cannot open it for %s: %s",
			 readonly ? "reading" : "writing (mode w)", strerror(-fd));
		return fd;
	}
	err = measure(fd, &st, &b, why, why_size);
	if (err) {
		close(fd);
		return err;
	}
	*ret = b;
	*ret_fd = fd;
	return 0;
}
