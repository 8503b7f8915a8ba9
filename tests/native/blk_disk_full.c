// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A sparse image on a file system that is full: writes that find no room fail, reads and writes
 * to what is there go on, and so does all when there is room again.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "blk_case.h"
#include "toolstack.h"

#define BALLAST (3 * MIB)

static void put_ballast(const char *path)
{
	static char block[MIB];
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	check(fd >= 0, "%s: %s", path, strerror(errno));
	while (write(fd, block, sizeof(block)) > 0)
		;
	close(fd);
}

/* Of pages of zeros, the first is there. */
static void make_disk(struct disk *d, const char *dir)
{
	static const uint8_t page[GUEST_PAGE_SIZE];
	int fd;

	memset(d, 0, sizeof(*d));
	d->devid = 51712;
	d->bytes = 4 * MIB;
	d->model = calloc(1, d->bytes);
	snprintf(d->image, sizeof(d->image), "%s/sparse.img", dir);
	fd = open(d->image, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	check(fd >= 0 && write(fd, page, sizeof(page)) == sizeof(page) &&
		      ftruncate(fd, (off_t)d->bytes) == 0,
	      "%s: %s", d->image, strerror(errno));
	close(fd);
	check(toolstack_domain_create("full", &d->domid) == 0, "no domain");
	snprintf(d->dev, sizeof(d->dev), "vbd/%u/%u", d->domid, d->devid);
	d->mapped = world_mappings(d->domid);
	check(toolstack_attach_vbd(d->domid, d->devid, d->image, false) == 0, "cannot attach");
}

static int16_t write_at(struct disk *d, uint64_t sector)
{
	static uint64_t seed = 13;
	struct blkreq req;

	req_init(d, &req, BLKIF_OP_WRITE, sector, 0, 8, 0, 7);
	req_fill(d, &req, &seed);
	return disk_do(d, &req);
}

void blk_case(void)
{
	char dir[128], ballast[160];
	unsigned int failed = 0;
	struct blkreq req;
	struct disk d;

	snprintf(dir, sizeof(dir), "%s/full", case_dir());
	snprintf(ballast, sizeof(ballast), "%s/ballast", dir);
	check(mkdir(dir, 0755) == 0, "mkdir");
	if (mount("full", dir, "tmpfs", 0, "size=3m") != 0)
		skip("cannot mount a tmpfs: %s", strerror(errno));
	make_disk(&d, dir);
	disk_connect(&d, BLKABI_NATIVE);
	check(write_at(&d, 64) == BLKIF_RSP_OKAY, "a write where there is room");
	put_ballast(ballast);
	for (unsigned int i = 0; i < 20; i++) {
		int16_t status = write_at(&d, 1024 + 64 * i);

		check(status != BLKIF_RSP_EOPNOTSUPP, "a wrong status");
		failed += status == BLKIF_RSP_ERROR;
		if (status == BLKIF_RSP_ERROR) /* part of it may have found room */
			disk_learn(&d, 1024 + 64 * i, 64);
	}
	check(failed >= 18, "%u of 20 writes failed on a full file system", failed);
	check(write_at(&d, 64) == BLKIF_RSP_OKAY, "a write to what is there");
	req_init(&d, &req, BLKIF_OP_READ, 64, 20, SEGMENTS, 0, 7);
	disk_expect(&d, &req, BLKIF_RSP_OKAY);
	check(unlink(ballast) == 0, "unlink");
	for (unsigned int i = 0; i < 20; i++)
		check(write_at(&d, 1024 + 64 * i) == BLKIF_RSP_OKAY, "there is room again");
	disk_free(&d);
	umount(dir);
}
