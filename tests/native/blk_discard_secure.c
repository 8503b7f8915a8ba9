// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A device that can erase for good (here: one whose ioctl is a stand-in, see
 * secure_erase.c) is offered with discard-secure, and a discard that asks for it is
 * one of that kind, of just its range; other discards are as ever. Where it cannot
 * the key says so and the flag is ignored, as blkif.h wants it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "blk_loop.h"
#include "xenbus.h"

#define MARK 0x5e

static void discard(struct disk *d, uint64_t sector, uint64_t nr, uint8_t flag)
{
	struct blkreq req;

	req_init_discard(&req, sector, nr);
	req.flag = flag;
	disk_expect(d, &req, BLKIF_RSP_OKAY);
}

static void offered(struct disk *d, uint64_t expected)
{
	uint64_t secure = 7;

	disk_connect(d, BLKABI_NATIVE);
	if (!d->front->disk.discard)
		skip("the loop device takes no discards");
	check(front_read_backend_u64(d->front->bus, "discard-secure", 7, &secure) == 0 &&
		      secure == expected,
	      "discard-secure is %u", (unsigned int)secure);
}

/* The library lies beside this program. */
static void put_in_front(void)
{
	const char *others = getenv("LD_PRELOAD");
	char path[512], all[1024];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 32);

	check(len > 0, "/proc/self/exe");
	path[len] = '\0';
	strcpy(strrchr(path, '/') + 1, "libsecure_erase.so");
	check(access(path, R_OK) == 0, "there is no %s", path);
	snprintf(all, sizeof(all), "%s:%s", path, others ? others : "");
	setenv("LD_PRELOAD", all, 1);
	daemon_restart();
}

void blk_case(void)
{
	struct disk d;

	disk_new_device(&d, MIB, 512);
	offered(&d, 0);
	discard(&d, 64, 64, BLKIF_DISCARD_SECURE);
	disk_close(&d);
	put_in_front();
	offered(&d, 1);
	discard(&d, 256, 24, BLKIF_DISCARD_SECURE);
	memset(d.model + 256 * SECTOR, MARK, 24 * SECTOR);
	discard(&d, 512, 64, 0);
	disk_works(&d);
	disk_free_device(&d);
}
