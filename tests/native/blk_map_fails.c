// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A ring that cannot be mapped closes the device with an error node that says so, with a bad
 * reference as with a failure of our own; a new life of the device works.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "blk_case.h"

/* Connect with something wrong; the backend has to close. */
static void refused(struct disk *d, uint32_t ring_ref, const char *why)
{
	struct blkfront_conf conf = { 0 };
	char text[256];
	int err = blkfront_prepare(d->domid, d->devid, &conf, &d->front);

	check(err == 0, "cannot prepare: %s", strerror(-err));
	d->q = blkfront_queue(d->front, 0);
	if (ring_ref)
		front_write(d->front->bus, "ring-ref", "%u", ring_ref);
	err = blkfront_connect(d->front);
	check(err == -ECONNRESET, "%s: the backend does not close (%s)", why, strerror(-err));
	disk_wait_no_worker(d);
	disk_error(d, text, sizeof(text));
	check(strstr(text, "ring"), "%s: error node says: %s", why, text);
	disk_close(d);
}

void blk_case(void)
{
	struct disk d;

	disk_new(&d, MIB, false);
	refused(&d, STANDIN_GREFS, "reference out of range");
	refused(&d, STANDIN_GREFS - 1, "reference that was never granted");
	atomic_store(&world()->fault.map_errno, ENOMEM);
	atomic_store(&world()->fault.map_times, 1);
	refused(&d, 0, "no memory to map");
	disk_connect(&d, BLKABI_NATIVE);
	disk_works(&d);
	disk_free(&d);
}
