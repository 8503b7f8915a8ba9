// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A read-only disk is not written, whatever the operation; its worker could not
 * even if it wanted to: the image is open for reading alone (XSA-142, CVE-2013-2140).
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "blk_case.h"

/* Flags of the worker's descriptor of the image, from /proc. */
static unsigned int image_flags(const struct disk *d)
{
	char path[300], line[128], target[256];
	unsigned int flags = ~0u, found = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", disk_worker(d));
	dir = opendir(path);
	check(dir, "cannot look into %s", path);
	for (struct dirent *e = readdir(dir); e; e = readdir(dir)) {
		ssize_t len;
		FILE *f;

		snprintf(path, sizeof(path), "/proc/%d/fd/%s", disk_worker(d), e->d_name);
		len = readlink(path, target, sizeof(target) - 1);
		target[len > 0 ? len : 0] = '\0';
		if (strcmp(target, d->image) != 0)
			continue;
		snprintf(path, sizeof(path), "/proc/%d/fdinfo/%s", disk_worker(d), e->d_name);
		f = fopen(path, "re");
		while (f && fgets(line, sizeof(line), f))
			found += sscanf(line, "flags: %o", &flags) == 1;
		if (f)
			fclose(f);
	}
	closedir(dir);
	check(found == 1, "worker of %s has its image open %u times", d->dev, found);
	return flags;
}

static void writes_are_refused(struct disk *d)
{
	static const uint8_t ops[] = { BLKIF_OP_WRITE, BLKIF_OP_FLUSH_DISKCACHE,
				       BLKIF_OP_WRITE_BARRIER };
	uint64_t seed = 99;
	struct blkreq req;

	for (unsigned int i = 0; i < 3; i++) {
		for (unsigned int nr = 1; nr <= SEGMENTS; nr++) {
			req_init(d, &req, ops[i], 3 * nr, 0, nr, 0, 7);
			req_fill(d, &req, &seed);
			disk_expect(d, &req, BLKIF_RSP_ERROR);
		}
	}
	for (unsigned int nr = 1; nr <= 32; nr++) {
		req_init_indirect(d, &req, BLKIF_OP_WRITE, 3 * nr, 0, 1, nr);
		disk_expect(d, &req, BLKIF_RSP_ERROR);
	}
	/* Not offered, as there is nothing that could be done. */
	req_init_discard(&req, 8, 8);
	disk_expect(d, &req, BLKIF_RSP_EOPNOTSUPP);
	/* Not known: the segments are there nevertheless. */
	for (uint8_t op = BLKIF_OP_INDIRECT + 1; op < 16; op++) {
		req_init(d, &req, op, 16, 0, 3, 0, 7);
		disk_expect(d, &req, BLKIF_RSP_EOPNOTSUPP);
	}
}

void blk_case(void)
{
	struct blkreq req;
	struct disk d;

	disk_new(&d, MIB, true);
	for (enum blkabi abi = 0; abi < BLKABI_NR; abi++) {
		disk_connect(&d, abi);
		check(d.front->disk.info & VDISK_READONLY, "the guest is not told");
		check(!d.front->disk.discard, "discard is offered");
		check((image_flags(&d) & O_ACCMODE) == O_RDONLY, "the image is open for writing");
		writes_are_refused(&d);
		req_init(&d, &req, BLKIF_OP_FLUSH_DISKCACHE, 0, 0, 0, 0, 0);
		disk_expect(&d, &req, BLKIF_RSP_OKAY);
		disk_works(&d);
		disk_close(&d);
		/* Refused by judgement; that the kernel would not have it is the second line. */
		check(daemon_lines(d.dev, ", failed 0") == abi + 1u, "writes came to the engine");
	}
	disk_free(&d);
}
