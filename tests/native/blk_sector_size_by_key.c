// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sector sizes by the admin's keys in the backend's directory: an image of 512-byte sectors
 * is served with 4096, which is kept to; a size that cannot be had is one clear line and the
 * device closes, but a new life with a better key works.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "blk_loop.h"
#include "toolstack.h"

static void set_key(const struct disk *d, const char *key, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), "/local/domain/0/backend/%s/%s", d->dev, key);
	check(toolstack_write(path, value) == 0, "cannot write %s", path);
}

static void refused(struct disk *d, const char *key, const char *value, const char *why)
{
	struct blkfront_conf conf = { .abi = BLKABI_NATIVE };
	struct blkfront *front;
	char text[256];
	int err;

	set_key(d, key, value);
	err = blkfront_open(d->domid, d->devid, &conf, &front);
	check(err == -ECONNRESET, "%s=%s: connected, or %s", key, value, strerror(-err));
	disk_error(d, text, sizeof(text));
	check(strstr(text, why), "error node: %s", text);
	set_key(d, key, "");
	/* As a toolstack would: away, and here again. */
	check(toolstack_detach(d->domid, "vbd", d->devid, true) == 0, "cannot detach");
}

static void one(struct disk *d, uint64_t sector, uint8_t last, int16_t status)
{
	struct blkreq req;

	req_init(d, &req, BLKIF_OP_READ, sector, 0, 2, 0, 7);
	req.segments[1].last_sect = last;
	disk_expect(d, &req, status);
}

static void larger_than_the_image_has(void)
{
	struct disk d;

	disk_new(&d, MIB, false);
	set_key(&d, "pvback-sector-size", "4096");
	disk_connect(&d, BLKABI_NATIVE);
	check(d.front->disk.sector_size == 4096, "sector-size is %u", d.front->disk.sector_size);
	check(d.front->disk.physical_sector_size == 4096, "physical-sector-size is %u",
	      d.front->disk.physical_sector_size);
	one(&d, 8, 7, BLKIF_RSP_OKAY);
	one(&d, 9, 7, BLKIF_RSP_ERROR);
	one(&d, 8, 6, BLKIF_RSP_ERROR);
	disk_works(&d);
	disk_close(&d);
	set_key(&d, "pvback-sector-size", "512");
	set_key(&d, "pvback-physical-sector-size", "16384");
	disk_connect(&d, BLKABI_NATIVE);
	check(d.front->disk.sector_size == 512 && d.front->disk.physical_sector_size == 16384,
	      "sector sizes are %u, %u", d.front->disk.sector_size,
	      d.front->disk.physical_sector_size);
	one(&d, 9, 6, BLKIF_RSP_OKAY);
	disk_free(&d);
}

static void not_to_be_had(void)
{
	static const struct {
		const char *key, *value, *why;
	} bad[] = {
		{ "pvback-sector-size", "4096", "extend it" },
		{ "pvback-sector-size", "1024", "not 512 or 4096" },
		{ "pvback-sector-size", "513", "no size of a sector" },
		{ "pvback-sector-size", "many", "no size of a sector" },
		{ "pvback-physical-sector-size", "131072", "no size of a sector" },
	};
	struct disk d;

	disk_new(&d, MIB + SECTOR, false);
	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		refused(&d, bad[i].key, bad[i].value, bad[i].why);
		disk_attach(&d, d.image);
	}
	disk_connect(&d, BLKABI_NATIVE);
	disk_works(&d);
	disk_free(&d);
}

static void smaller_than_the_device_has(void)
{
	struct disk d;

	disk_new_device(&d, MIB, 4096);
	refused(&d, "pvback-sector-size", "512", "sectors have 4096 bytes");
	disk_attach(&d, disk_device());
	disk_connect(&d, BLKABI_NATIVE);
	disk_works(&d);
	disk_free_device(&d);
}

void blk_case(void)
{
	larger_than_the_image_has();
	not_to_be_had();
	smaller_than_the_device_has();
}
