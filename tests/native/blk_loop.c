// SPDX-License-Identifier: GPL-2.0-or-later
/* Block tests: a block device over a file. */
#include "blk_loop.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static char device[32];

static void set_up(const struct disk *d, unsigned int sector_size)
{
	const char *loops = getenv("STANDIN_LOOPS"); /* the first that is ours, and how many */
	struct loop_config config = { .block_size = sector_size,
				      .info = { .lo_flags = LO_FLAGS_DIRECT_IO } };
	int fd, image;

	if (!loops)
		skip("the world has no loop devices");
	snprintf(device, sizeof(device), "/dev/loop%ld", strtol(loops, NULL, 10));
	fd = open(device, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		skip("%s: %s", device, strerror(errno));
	image = open(d->image, O_RDWR | O_CLOEXEC);
	check(image >= 0, "%s: %s", d->image, strerror(errno));
	config.fd = (uint32_t)image;
	if (ioctl(fd, LOOP_CONFIGURE, &config) < 0)
		skip("cannot set up %s: %s", device, strerror(errno));
	close(image);
	close(fd);
}

void disk_new_device(struct disk *d, uint64_t bytes, unsigned int sector_size)
{
	disk_prepare(d, bytes, false);
	disk_attach_device(d, sector_size);
}

void disk_attach_device(struct disk *d, unsigned int sector_size)
{
	set_up(d, sector_size);
	disk_attach(d, device);
}

const char *disk_device(void)
{
	return device;
}

void disk_drop_caches(void)
{
	int fd = open(device, O_RDONLY | O_CLOEXEC);

	check(fd >= 0 && ioctl(fd, BLKFLSBUF) == 0, "%s: %s", device, strerror(errno));
	close(fd);
}

void disk_free_device(struct disk *d)
{
	int fd;

	if (d->front)
		disk_close(d);
	fd = open(device, O_RDONLY | O_CLOEXEC);
	check(fd >= 0 && fsync(fd) == 0, "%s: %s", device, strerror(errno));
	ioctl(fd, LOOP_CLR_FD); /* at its last close */
	close(fd);
	disk_free(d);
}
