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
	struct load *both[] = { &a, &b };

	expect_about(what, both, 2, 1000, 0, wanted);
	check(a.answered >= wanted / 10 && b.answered >= wanted / 10, "%s: %u and %u", what,
	      a.answered, b.answered);
}

static void two_rings(void)
{
	struct blkfront_conf conf = { .nr_queues = 2 };
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
	limit_write(&d, "limit-read-iops-burst", "10");
	limit_set(&d, BLK_LIMIT_READ_IOPS, 400);
	expect_shares("two rings", 400);
	disk_free(&d);
}

static void two_disks(void)
{
	struct load *three[] = { &a, &b, &other };
	unsigned int limited, tries = 0;
	struct disk first, second, neighbour;

	disk_new(&first, MIB, false);
	disk_add(&second, &first, MIB, false);
	disk_new(&neighbour, MIB, false);
	guest_limit_write(&first, "limit-read-iops", "1000");
	disk_connect(&first, BLKABI_NATIVE);
	disk_connect(&second, BLKABI_NATIVE);
	disk_connect(&neighbour, BLKABI_NATIVE);
	guest_limit_write(&first, "limit-read-iops-burst", "10");
	guest_limit_write(&first, "limit-read-iops", "400");
	guest_limit_wait(&first, BLK_LIMIT_READ_IOPS, 400);
	guest_limit_wait(&second, BLK_LIMIT_READ_IOPS, 400);
	load_init(&a, &first, 0, BLKIF_OP_READ);
	load_init(&b, &second, 0, BLKIF_OP_READ);
	load_init(&other, &neighbour, 0, BLKIF_OP_READ);
	expect_shares("two disks", 400);
	do {
		load_run(three, 3, 1000);
		limited = a.answered + b.answered;
		check(limited <= 420, "two disks beside a neighbour: %u, not 400", limited);
	} while (other.answered < 800 && ++tries < 4);
	check(other.answered >= 800, "the neighbour: %u", other.answered);
	disk_free(&second);
	disk_free(&first);
	disk_free(&neighbour);
}

void blk_case(void)
{
	two_rings();
	two_disks();
}
