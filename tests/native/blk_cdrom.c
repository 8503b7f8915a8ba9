// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A CD-ROM says that it is one, removable and read-only; it is opened for reading only and no
 * operation writes to it. Another medium comes by detaching and attaching: the guest sees its
 * size and its data, and nothing of the one before.
 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "blk_case.h"
#include "toolstack.h"

static void insert(struct disk *d, uint64_t bytes)
{
	struct toolstack_vbd how = { .cdrom = true };

	disk_prepare(d, bytes, true);
	how.devid = d->devid;
	how.image = d->image;
	/* Its owner may not write to it either. */
	check(chmod(d->image, 0400) == 0, "chmod");
	check(toolstack_vbd_add(d->domid, &how) == 0, "cannot attach");
}

static void play(struct disk *d)
{
	struct blkreq req;

	disk_connect(d, BLKABI_NATIVE);
	check(d->front->disk.info == (VDISK_CDROM | VDISK_REMOVABLE | VDISK_READONLY),
	      "info is %#x", d->front->disk.info);
	disk_works(d);
	req_init(d, &req, BLKIF_OP_READ, d->bytes / SECTOR - 8, 0, 1, 0, 7);
	disk_expect(d, &req, BLKIF_RSP_OKAY);
	req_init(d, &req, BLKIF_OP_READ, d->bytes / SECTOR - 7, 0, 1, 0, 7);
	disk_expect(d, &req, BLKIF_RSP_ERROR);
	req_init(d, &req, BLKIF_OP_WRITE, 0, 0, 1, 0, 7);
	disk_expect(d, &req, BLKIF_RSP_ERROR);
	req_init_discard(&req, 0, 8);
	req.flag = BLKIF_DISCARD_SECURE;
	disk_expect(d, &req, BLKIF_RSP_EOPNOTSUPP);
	disk_close(d);
}

/* The same drive of the same guest. */
static void change(struct disk *d, const struct disk *medium)
{
	struct toolstack_vbd how = { .cdrom = true, .devid = d->devid, .image = medium->image };

	check(toolstack_detach(d->domid, "vbd", d->devid, false) == 0, "cannot detach");
	check(toolstack_vbd_add(d->domid, &how) == 0, "cannot attach the other medium");
	d->model = medium->model;
	d->bytes = medium->bytes;
	d->sent = d->bad = 0;
}

void blk_case(void)
{
	struct disk d, medium;
	struct disk first;

	insert(&d, MIB);
	first = d;
	play(&d);
	disk_prepare(&medium, 3 * MIB, true);
	change(&d, &medium);
	disk_connect(&d, BLKABI_NATIVE);
	disk_works(&d);
	check(blkfront_close(d.front) == 0, "cannot close");
	d.front = NULL;
	change(&d, &first);
	disk_connect(&d, BLKABI_NATIVE);
	disk_works(&d);
	check(blkfront_close(d.front) == 0, "cannot close");
	d.front = NULL;
	check(toolstack_detach(d.domid, "vbd", d.devid, false) == 0, "cannot detach");
	disk_check_image(&first);
	disk_check_image(&medium);
}
