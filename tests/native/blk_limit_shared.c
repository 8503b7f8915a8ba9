// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two rings of a disk share its limit, two disks of a guest share the guest's; a disk of another
 * guest is not held up by either.
 */
#include <errno.h>
#include <string.h>

#include "blk_limit.h"

static struct load a, b, other;

static void expect_shares(const char *what, unsigned int wanted)
{
	expect_about(what, a.answered + b.answered, wanted);
	check(a.answered >= wanted / 10 && b.answered >= wanted / 10, "%s: %u and %u", what,
	      a.answered, b.answered);
}

static void two_rings(void)
{
	struct blkfront_conf conf = { .nr_queues = 2 };
	struct load *both[] = { &a, &b };
	struct disk d;
	int err;

	disk_new(&d, MIB, false);
	err = blkfront_open(d.domid, d.devid, &conf, &d.front);
	if (err == -ERANGE)
		skip("the backend offers one ring: there is one processor");
	check(err == 0, "cannot connect: %s", strerror(-err));
	d.q = blkfront_queue(d.front, 0);
	load_init(&a, &d, 0, BLKIF_OP_READ);
	load_init(&b, &d, 1, BLKIF_OP_READ);
	limit_set(&d, BLK_LIMIT_READ_IOPS, 1000);
	load_run(both, 2, 1000);
	expect_shares("two rings", 1000);
	disk_free(&d);
}

static void two_disks(void)
{
	struct load *three[] = { &a, &b, &other };
	struct disk first, second, neighbour;

	disk_new(&first, MIB, false);
	disk_add(&second, &first, MIB, false);
	disk_new(&neighbour, MIB, false);
	guest_limit_write(&first, "limit-write-iops", "1000");
	disk_connect(&first, BLKABI_NATIVE);
	disk_connect(&second, BLKABI_NATIVE);
	disk_connect(&neighbour, BLKABI_NATIVE);
	guest_limit_write(&first, "limit-write-iops", "800");
	guest_limit_wait(&first, BLK_LIMIT_WRITE_IOPS, 800);
	guest_limit_wait(&second, BLK_LIMIT_WRITE_IOPS, 800);
	load_init(&a, &first, 0, BLKIF_OP_WRITE);
	load_init(&b, &second, 0, BLKIF_OP_WRITE);
	load_init(&other, &neighbour, 0, BLKIF_OP_WRITE);
	load_run(three, 3, 1000);
	expect_shares("two disks", 800);
	check(other.answered > 3000, "the neighbour: %u", other.answered);
	disk_free(&second);
	disk_free(&first);
	disk_free(&neighbour);
}

void blk_case(void)
{
	two_rings();
	two_disks();
}
