// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * With --engine=io_uring on a host that forbids it a disk is not served by something else: the
 * log and the error node say why.
 */
#include <string.h>

#include "blk_case.h"

void blk_case(void)
{
	struct blkfront_conf conf = { 0 };
	char text[256];
	struct disk d;
	int err;

	disk_new(&d, MIB, false);
	err = blkfront_prepare(d.domid, d.devid, &conf, &d.front);
	check(err == 0, "cannot prepare: %s", strerror(-err));
	d.q = blkfront_queue(d.front, 0);
	check(front_set_state(d.front->bus, XenbusStateInitialised) == 0, "state 3");
	daemon_wait_line("io_uring is not to be had (", "without --engine=io_uring libaio would");
	disk_wait_stopped(&d);
	disk_error(&d, text, sizeof(text));
	check(strstr(text, "cannot set up I/O") && strstr(text, "Operation not permitted"),
	      "error node: %s", text);
	check(daemon_lines("going on with libaio", NULL) == 0, "it goes on");
	disk_abandon(&d);
	disk_free(&d);
}
