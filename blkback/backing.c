// SPDX-License-Identifier: GPL-2.0-or-later
/* Open what a disk lies on, and measure it. */
#include "backing.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <unistd.h>

#define SECTOR 512u

/* A number from the device's directory in sysfs; 0 if there is none. */
static uint64_t device_attribute(const struct stat *st, const char *name)
{
	char path[96];
	uint64_t value = 0;
	FILE *f;

	/* A partition has its disk's queue one directory up. */
	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/queue/%s", major(st->st_rdev),
		 minor(st->st_rdev), name);
	f = fopen(path, "re");
	if (!f) {
		snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/../queue/%s", major(st->st_rdev),
			 minor(st->st_rdev), name);
		f = fopen(path, "re");
	}
	if (!f)
		return 0;
	if (fscanf(f, "%" SCNu64, &value) != 1)
		value = 0;
	fclose(f);
	return value;
}

static uint32_t device_limit(const struct stat *st, const char *name)
{
	uint64_t value = device_attribute(st, name);

	return value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
}

/*
 * No attribute tells whether a device can erase for good; the ioctl looks
 * first whether it can (EOPNOTSUPP) and then at the range (EINVAL). Before Linux 5.19
 * it looked at the range first: those are not asked.
 */
static bool erases_securely(int fd)
{
	uint64_t nothing[2] = { 1, 0 };
	unsigned int major_nr, minor_nr;
	struct utsname host;

	if (uname(&host) < 0 || sscanf(host.release, "%u.%u", &major_nr, &minor_nr) != 2 ||
	    major_nr * 1000 + minor_nr < 5019)
		return false;
	return ioctl(fd, BLKSECDISCARD, nothing) < 0 && errno == EINVAL;
}

static void measure_device_discard(int fd, const struct stat *st, struct backing *b)
{
	if (device_limit(st, "discard_max_bytes") == 0)
		return;
	b->discard = BLK_DISCARD_DEVICE;
	b->discard_granularity = device_limit(st, "discard_granularity");
	if (b->discard_granularity == 0)
		b->discard_granularity = b->sector_size;
	b->discard_alignment = device_limit(st, "../discard_alignment");
	b->discard_secure = erases_securely(fd);
}

/* A hole behind the end changes nothing, and tells whether there can be holes. */
static void measure_file_discard(int fd, const struct stat *st, struct backing *b)
{
	if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, st->st_size, SECTOR) < 0)
		return;
	b->discard = BLK_DISCARD_FILE;
	b->discard_granularity = (uint32_t)st->st_blksize;
}

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

	if (S_ISBLK(st->st_mode)) {
		err = measure_device(fd, b, why, size);
		measure_device_discard(fd, st, b);
	} else {
		err = measure_file(st, b, why, size);
		measure_file_discard(fd, st, b);
	}
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

int backing_sectors(int fd, uint64_t *ret)
{
	struct statx stx;
	struct stat st;
	uint64_t sectors;

	/* What the kernel knows already: a server on the network may not answer. */
	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE | STATX_SIZE, &stx) < 0)
		return -errno;
	st.st_rdev = makedev(stx.stx_rdev_major, stx.stx_rdev_minor);
	if (S_ISREG(stx.stx_mode))
		sectors = stx.stx_size / SECTOR;
	else
		sectors = device_attribute(&st, "../size");
	if (sectors == 0)
		return -EINVAL;
	*ret = sectors;
	return 0;
}
