// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Once a flush has failed no later one of any kind says that all is well: the
 * kernel tells of lost pages only once. Other requests go on.
 *
 * The disk is a loop device over a sparse file on a full file system, and somebody else
 * has left a page in the device's cache that finds no room.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "blk_loop.h"

static const uint8_t page[GUEST_PAGE_SIZE];

static void write_file(const char *path, off_t size, unsigned int pages)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	check(fd >= 0 && ftruncate(fd, size) == 0, "%s: %s", path, strerror(errno));
	for (unsigned int i = 0; i < pages && write(fd, page, sizeof(page)) > 0; i++)
		;
	close(fd);
}

/* An image of zeros whose first 16 pages have room. */
static void make_disk(struct disk *d, const char *dir)
{
	char ballast[160];

	disk_prepare(d, 4 * MIB, false);
	memset(d->model, 0, d->bytes);
	unlink(d->image);
	snprintf(d->image, sizeof(d->image), "%s/sparse.img", dir);
	snprintf(ballast, sizeof(ballast), "%s/ballast", dir);
	write_file(d->image, (off_t)d->bytes, 16);
	disk_attach_device(d, 512);
	write_file(ballast, 0, 1000);
}

static void spoil(const char *device)
{
	int fd = open(device, O_WRONLY | O_CLOEXEC);

	check(fd >= 0 && pwrite(fd, "x", 1, 2 * MIB) == 1, "%s: %s", device, strerror(errno));
	close(fd);
}

static int16_t flush(struct disk *d, uint8_t op, unsigned int nr)
{
	struct blkreq req;

	req_init(d, &req, op, 8, 0, nr, 0, 7);
	return (int16_t)blkqueue_do(d->q, &req);
}

void blk_case(void)
{
	static const uint8_t ops[] = { BLKIF_OP_FLUSH_DISKCACHE, BLKIF_OP_WRITE_BARRIER };
	char dir[128];
	struct disk d;

	snprintf(dir, sizeof(dir), "%s/full", case_dir());
	check(mkdir(dir, 0755) == 0, "mkdir");
	if (mount("full", dir, "tmpfs", 0, "size=1m") != 0)
		skip("cannot mount a tmpfs: %s", strerror(errno));
	make_disk(&d, dir);
	disk_connect(&d, BLKABI_NATIVE);
	check(flush(&d, BLKIF_OP_FLUSH_DISKCACHE, 0) == BLKIF_RSP_OKAY, "a flush before all that");
	spoil(disk_device());
	check(flush(&d, BLKIF_OP_FLUSH_DISKCACHE, 0) == BLKIF_RSP_ERROR,
	      "the flush that finds no room");
	for (unsigned int i = 0; i < 10; i++)
		for (unsigned int nr = 0; nr < 2; nr++)
			check(flush(&d, ops[i % 2], nr) == BLKIF_RSP_ERROR, "a later flush");
	disk_learn(&d, 0, 16 * 8);
	disk_works(&d);
	disk_learn(&d, 0, d.bytes / SECTOR);
	disk_free_device(&d);
	umount(dir);
}
