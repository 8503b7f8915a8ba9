// SPDX-License-Identifier: GPL-2.0-or-later
#include "vbd_sectors.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/num.h"
#include "base/util.h"
#include "xenbus/keys.h"

#define KEY "pvback-sector-size"
#define KEY_PHYSICAL "pvback-physical-sector-size"
#define PHYSICAL_MAX 65536u

/* 0: there is no such key, or it is empty. */
static int read_size(struct xenbus_device *dev, const char *key, uint32_t *ret)
{
	char text[16];
	int err = back_text(dev, key, text, sizeof(text));

	*ret = 0;
	if (err == -ENOENT || (!err && text[0] == '\0'))
		return 0;
	if (!err)
		err = num_u32(text, 512, PHYSICAL_MAX, ret);
	if (err || (*ret & (*ret - 1)) != 0)
		return xenbus_error(dev, -EINVAL, "key %s is no size of a sector: 512, 4096 ...",
				    key);
	return 0;
}

/* The disk can do whole sectors of its own only; larger ones it can do in pieces. */
static int check_logical(struct xenbus_device *dev, const struct backing *b, uint32_t size)
{
	if (size != 512 && size != 4096)
		return xenbus_error(dev, -EINVAL, "key " KEY " is %u, not 512 or 4096", size);
	if (size < b->sector_size)
		return xenbus_error(dev, -EINVAL,
				    "key " KEY " is %u, but the disk's sectors have %u bytes", size,
				    b->sector_size);
	if (b->sectors * 512 % size != 0)
		return xenbus_error(dev, -EINVAL,
				    "key " KEY " is %u, but the disk has %" PRIu64
				    " bytes, which are no whole sectors; extend it",
				    size, b->sectors * 512);
	return 0;
}

int vbd_sector_sizes(struct xenbus_device *dev, struct backing *b)
{
	uint32_t logical, physical;
	int err = read_size(dev, KEY, &logical);

	if (!err)
		err = read_size(dev, KEY_PHYSICAL, &physical);
	if (!err && logical != 0)
		err = check_logical(dev, b, logical);
	if (err)
		return err;
	if (logical != 0)
		b->sector_size = logical;
	if (physical != 0 && physical < b->sector_size)
		return xenbus_error(dev, -EINVAL,
				    "key " KEY_PHYSICAL " is %u, less than a sector of %u bytes",
				    physical, b->sector_size);
	b->physical_sector_size =
		physical != 0 ? physical : MAX(b->physical_sector_size, b->sector_size);
	b->discard_granularity = MAX(b->discard_granularity, b->sector_size);
	return 0;
}
