// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A worker that is killed while its disk hangs, with writes under way that land later: the
 * image is refused, with a line that says why, until they have; what is written after that is
 * the newest, and stays.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "blk_fuse.h"
#include "toolstack.h"

static void paint(const struct disk *d, unsigned int pages, uint8_t value)
{
	for (unsigned int i = 0; i < pages; i++)
		memset(d->front->pages[i].data, value, GUEST_PAGE_SIZE);
}

/* Old data, on its way when the disk hangs. */
static void send_writes(struct disk *d, unsigned int nr)
{
	struct blkreq req;

	paint(d, nr, 0x0d);
	for (unsigned int i = 0; i < nr; i++) {
		req_init(d, &req, BLKIF_OP_WRITE, 8 * i, i, 1, 0, 7);
		blkqueue_submit(d->q, &req, i);
	}
	blkqueue_push(d->q);
}

static void attach_is_refused(struct disk *d)
{
	char text[256];
	int err = toolstack_attach_vbd(d->domid, d->devid, fuse_image(), false);

	check(err == -ECONNREFUSED, "attached again while its disk hangs: %s", strerror(-err));
	disk_error(d, text, sizeof(text));
	check(strstr(text, "may still reach it"), "error node: %s", text);
	err = toolstack_detach(d->domid, "vbd", d->devid, true);
	check(err == 0, "cannot take it back: %s", strerror(-err));
}

/* The old data has landed before; the new data is what stays. */
static void newest_stays(struct disk *d)
{
	struct blkreq req;

	disk_learn(d, 0, d->bytes / SECTOR);
	check(d->model[0] == 0x0d && d->model[7 * GUEST_PAGE_SIZE] == 0x0d,
	      "attached before the old writes were there");
	disk_connect(d, BLKABI_NATIVE);
	paint(d, 8, 0x4e);
	req_init(d, &req, BLKIF_OP_WRITE, 0, 0, 8, 0, 7);
	disk_expect(d, &req, BLKIF_RSP_OKAY);
	sleep_ms(100);
	disk_close(d);
	disk_check_image(d);
}

void blk_case(void)
{
	struct disk d;
	int err;

	disk_new_fuse(&d, MIB);
	disk_connect(&d, BLKABI_NATIVE);
	atomic_store(&fuse_faults()->hang, true);
	send_writes(&d, 8);
	fuse_wait_hanging(8);
	check(kill(disk_worker(&d), SIGKILL) == 0, "no worker");
	disk_wait_stopped(&d);
	disk_abandon(&d);
	err = toolstack_detach(d.domid, "vbd", d.devid, true);
	check(err == 0, "cannot detach %s: %s", d.dev, strerror(-err));
	attach_is_refused(&d);
	fuse_release();
	disk_attach(&d, fuse_image());
	newest_stays(&d);
	disk_free(&d);
	fuse_end();
}
