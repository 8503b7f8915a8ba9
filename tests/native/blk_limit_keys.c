// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Keys of limits: one that is no proper number is said in a line that names it, and the limit
 * stays; limits are in force again after the guest connects again and after the daemon was
 * restarted; a limit costs an idle disk nothing; those of a dead guest are removed.
 */
#include <stdio.h>
#include <string.h>

#include "blk_limit.h"
#include "toolstack.h"

static void bad_values(struct disk *d)
{
	static const char *const bad[] = { "12x", "-1", "", " 5", "5000000000000000000", "1e3" };
	unsigned int said = 0;

	limit_set(d, BLK_LIMIT_READ_IOPS, 700);
	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char line[64];

		snprintf(line, sizeof(line), "limit-read-iops is \"%s\"", bad[i]);
		limit_write(d, "limit-read-iops", bad[i]);
		daemon_wait_line(d->dev, line);
		said++;
	}
	limit_write(d, "limit-read-bytes", "4095");
	daemon_wait_line(d->dev, "limit-read-bytes is \"4095\"");
	check(daemon_lines(d->dev, "the limit stays as it was") >= said, "not all were told");
	limit_wait(d, BLK_LIMIT_READ_IOPS, 700);
	limit_wait(d, BLK_LIMIT_READ_BYTES, 0);
	limit_write(d, "limit-read-bytes", NULL);
	limit_set(d, BLK_LIMIT_READ_IOPS, 600);
}

static void idle_costs_nothing(struct disk *d)
{
	const volatile uint64_t *turns = &stats_of(d)->slot[0].turns;
	uint64_t before;

	sleep_ms(50);
	before = *turns;
	sleep_ms(500);
	check(*turns == before, "an idle disk with a limit has taken %u turns",
	      (unsigned int)(*turns - before));
}

/* What is used up is remembered over a restart: at 600 a second, another 1200 would show. */
static void no_new_burst(struct disk *d)
{
	int64_t start;
	struct load l;

	limit_write(d, "limit-read-iops-burst", "1200");
	sleep_ms(100);
	load_init(&l, d, 0, BLKIF_OP_READ);
	load_one(&l, 500);
	start = now_ms();
	daemon_restart();
	load_one(&l, 500);
	check(l.answered <= 600 * (uint64_t)(now_ms() - start) / 1000 + 60,
	      "%u in %d ms with a restart", l.answered, (int)(now_ms() - start));
}

void blk_case(void)
{
	char path[96], text[8];
	struct disk d;

	disk_new(&d, MIB, false);
	disk_connect(&d, BLKABI_NATIVE);
	bad_values(&d);
	idle_costs_nothing(&d);
	guest_limit_write(&d, "limit-write-bytes", "1000000");
	guest_limit_wait(&d, BLK_LIMIT_WRITE_BYTES, 1000000);
	disk_close(&d);
	disk_connect(&d, BLKABI_NATIVE);
	limit_wait(&d, BLK_LIMIT_READ_IOPS, 600);
	guest_limit_wait(&d, BLK_LIMIT_WRITE_BYTES, 1000000);
	daemon_restart();
	disk_works(&d);
	limit_wait(&d, BLK_LIMIT_READ_IOPS, 600);
	no_new_burst(&d);
	snprintf(path, sizeof(path), "/local/domain/0/backend/vbd/%u/limit-write-bytes", d.domid);
	disk_free(&d);
	check(toolstack_wait(path, NULL, PATIENCE_MS) == 0, "%s outlives its guest", path);
	check(toolstack_read(path, text, sizeof(text)) != 0, "%s is there", path);
}
