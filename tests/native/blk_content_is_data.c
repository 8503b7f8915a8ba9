// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guest that writes the header of another format into its raw disk gets back what it wrote: the
 * content of a disk never decides what it is (CVE-2008-2004, XSA-48, XSA-443). Size, bytes and
 * files that a header names are as before, also for a new frontend and a new daemon.
 */
#include <string.h>

#include "blk_case.h"

static const struct {
	const char *name, *magic;
	size_t len;
	uint64_t sector; /* from the end, if not 0 */
} formats[] = {
	/* version 2, a backing file's name at 72, 11 bytes long */
	{ "qcow2", "QFI\xfb\0\0\0\2\0\0\0\0\0\0\0\x48\0\0\0\xb", 20, 0 },
	{ "vhd", "conectix\0\0\0\2\0\1\0\0", 16, 0 },
	{ "vhd at the end", "conectix\0\0\0\2\0\1\0\0", 16, 1 },
	{ "vhdx", "vhdxfile", 8, 0 },
	{ "vmdk", "KDMV\1\0\0\0", 8, 0 },
	{ "vmdk descriptor", "# Disk DescriptorFile\nversion=1\n", 32, 0 },
	{ "qed", "QED\0\0\20\0\0", 8, 0 },
	{ "luks", "LUKS\xba\xbe\0\1", 8, 0 },
	{ "gzip", "\x1f\x8b\x08\0", 4, 0 },
};

static void write_header(struct disk *d, unsigned int format)
{
	uint64_t end = d->bytes / SECTOR, seed = format + 1;
	uint8_t *data = d->front->pages[0].data;
	struct blkreq req;

	req_init(d, &req, BLKIF_OP_WRITE, formats[format].sector ? end - formats[format].sector : 0,
		 0, 1, 0, 0);
	req_fill(d, &req, &seed);
	memset(data, 0, SECTOR);
	memcpy(data, formats[format].magic, formats[format].len);
	strcpy((char *)data + 72, "/etc/passwd");
	disk_expect(d, &req, BLKIF_RSP_OKAY);
}

/* disk_connect() compares the size, disk_works() and the image are data. */
static void still_raw(struct disk *d)
{
	struct blkreq req;

	for (uint64_t sector = 0; sector < d->bytes / SECTOR; sector += 8 * SEGMENTS) {
		uint64_t left = (d->bytes / SECTOR - sector) / 8;

		req_init(d, &req, BLKIF_OP_READ, sector, 0,
			 left < SEGMENTS ? (unsigned int)left : SEGMENTS, 0, 7);
		disk_expect(d, &req, BLKIF_RSP_OKAY);
	}
}

void blk_case(void)
{
	struct disk d;

	disk_new(&d, MIB, false);
	for (unsigned int i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		disk_connect(&d, BLKABI_NATIVE);
		write_header(&d, i);
		disk_close(&d);
		disk_connect(&d, BLKABI_NATIVE);
		still_raw(&d);
		disk_close(&d);
		disk_check_image(&d);
	}
	daemon_restart();
	disk_connect(&d, BLKABI_NATIVE);
	still_raw(&d);
	disk_free(&d);
}
