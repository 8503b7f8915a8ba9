// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A disk that nobody uses costs no processor time, and less than 2 MiB of memory,
 * even after a burst of large requests, ten seconds after the last one.
 */
#include <stdio.h>
#include <string.h>

#include "blk_case.h"

/* A sanitizer's own memory is a multiple of what is measured here. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define MEMORY_MAX_KB (~0ul)
#endif
#endif
#ifndef MEMORY_MAX_KB
#define MEMORY_MAX_KB 2048ul
#endif

/* Of all threads of @pid, in ticks. */
static unsigned long cpu_ticks(pid_t pid)
{
	unsigned long user = 0, sys = 0;
	char path[64], text[1024], *after = NULL;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "re");
	if (f && fgets(text, sizeof(text), f))
		after = strrchr(text, ')');
	check(after && sscanf(after, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
			      &sys) == 2,
	      "cannot read %s", path);
	fclose(f);
	return user + sys;
}

/* What is its own and nobody else's. */
static unsigned long private_kb(pid_t pid)
{
	unsigned long sum = 0, kb;
	char path[64], line[256];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", pid);
	f = fopen(path, "re");
	check(f, "cannot read %s", path);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "Private_Clean: %lu", &kb) == 1 ||
		    sscanf(line, "Private_Dirty: %lu", &kb) == 1)
			sum += kb;
	fclose(f);
	check(sum > 0, "no memory at all?");
	return sum;
}

/* A full ring of requests of 1 MiB. */
static void burst(struct disk *d)
{
	static uint64_t seed = 131;
	static struct blkreq req[32];

	for (unsigned int i = 0; i < 32; i++) {
		req_init_indirect(d, &req[i], i % 2 ? BLKIF_OP_READ : BLKIF_OP_WRITE, 0, i, 32,
				  256);
		for (unsigned int k = 0; i % 2 == 0 && k < 256; k++)
			req[i].descriptors[k].gref = d->front->pages[300 + k].ro;
	}
	for (unsigned int k = 0; k < 256; k++)
		memset(d->front->pages[300 + k].data, (int)draw(&seed), GUEST_PAGE_SIZE);
	for (unsigned int i = 0; i < 32; i++)
		check(blkqueue_submit(d->q, &req[i], i) == 0, "the ring is full");
	blkqueue_push(d->q);
	disk_drain(d, NULL);
	check(d->q->count.failed == 0, "requests failed");
	disk_learn(d, 0, MIB / SECTOR);
}

static void check_idle(struct disk *d, const char *when)
{
	pid_t pid = disk_worker(d);
	unsigned long before = cpu_ticks(pid), kb;

	sleep_ms(3000);
	check(cpu_ticks(pid) == before, "%s: %lu ticks of CPU time in 3 seconds", when,
	      cpu_ticks(pid) - before);
	kb = private_kb(pid);
	printf("%s: %lu kB\n", when, kb);
	check(kb < MEMORY_MAX_KB, "%s: %lu kB of memory", when, kb);
}

void blk_case(void)
{
	struct blkfront_conf conf = { .nr_pages = 600 };
	struct disk d;

	disk_new(&d, MIB, false);
	disk_connect_as(&d, &conf);
	check_idle(&d, "after connecting");
	for (unsigned int i = 0; i < 10; i++)
		burst(&d);
	disk_works(&d);
	sleep_ms(11000);
	check_idle(&d, "after a burst");
	disk_free(&d);
}
