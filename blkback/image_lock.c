// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Theory of operation
 * -------------------
 * What a killed worker had given to the kernel still reaches the disk, seconds
 * after the process is gone (io_uring does not wait) or while it hangs
 * (a disk that does not answer). A successor that wrote meanwhile would see
 * its data overwritten by older. Neither the end of the process nor an fsync() is
 * a fence; but each request under way holds on to the open file, and a lock
 * that belongs to an open file (F_OFD_SETLK) lasts until nobody holds on to it.
 *
 * So each worker's image carries a lock of its own: one byte, far behind the
 * end of any disk, whose place is a number that only the supervisor's books
 * connect with a device. Locks of workers that serve are ours; any other one is
 * that of a worker given up, or of one that a supervisor before us has left.
 *
 * Nobody else looks at these bytes: qemu has its own, at 100 and 200, and
 * the locks of flock(2), which udev looks at, are of another kind.
 */
#include "image_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/clock.h"

#define LOCKS_START ((off_t)1 << 61)
#define LOCKS_NR ((off_t)1 << 32)

static struct flock lock_at(off_t number, off_t nr)
{
	return (struct flock){ .l_type = F_WRLCK,
			       .l_whence = SEEK_SET,
			       .l_start = LOCKS_START + number,
			       .l_len = nr };
}

int image_lock_take(int fd, uint32_t *ret)
{
	static uint32_t last;

	/* Not where a predecessor of this daemon has begun. */
	if (last == 0)
		last = (uint32_t)now_ns();
	for (;;) {
		struct flock lock = lock_at(++last, 1);

		if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
			break;
		if (errno != EAGAIN && errno != EACCES)
			return -errno;
	}
	*ret = last;
	return 0;
}

bool image_lock_foreign(const char *path, bool (*ours)(void *ctx, uint32_t number), void *ctx)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	off_t number = 0;
	bool foreign = false;

	if (fd < 0)
		return false;
	while (!foreign && number < LOCKS_NR) {
		struct flock lock = lock_at(number, LOCKS_NR - number);

		if (fcntl(fd, F_OFD_GETLK, &lock) < 0 || lock.l_type == F_UNLCK)
			break;
		number = lock.l_start - LOCKS_START;
		foreign = !ours(ctx, (uint32_t)number);
		number++;
	}
	close(fd);
	return foreign;
}
