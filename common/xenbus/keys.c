// SPDX-License-Identifier: GPL-2.0-or-later
/* Typed, bounded reads of device keys. */
#include "xenbus/keys.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/num.h"
#include "base/util.h"

/* Longest value that makes sense for a number, with room to show a wrong one. */
#define KEY_TEXT_MAX 64

static int report(struct xenbus_device *dev, const char *key, const char *text, uint32_t min,
		  uint32_t max)
{
	return xenbus_error(dev, -EINVAL,
			    "frontend key %s is \"%s\", must be a number from %" PRIu32
			    " to %" PRIu32,
			    key, text, min, max);
}

/* 0, -ENOENT if absent, or another error that has been reported. */
static int read_u32(struct xenbus_device *dev, const char *key, uint32_t min, uint32_t max,
		    uint32_t *ret)
{
	struct store *store = xenbus_store(dev->bus);
	char text[KEY_TEXT_MAX];
	int err = store_read(store, text, sizeof(text), "%s/%s", dev->front, key);

	if (err == -ENOENT)
		return err;
	if (err == -E2BIG || err == -EINVAL)
		return report(dev, key, "(too long or binary)", min, max);
	if (err)
		return xenbus_error(dev, err, "cannot read frontend key %s", key);
	if (num_u32(text, min, max, ret) == 0)
		return 0;
	make_printable(text);
	return report(dev, key, text, min, max);
}

int front_need_u32(struct xenbus_device *dev, const char *key, uint32_t min, uint32_t max,
		   uint32_t *ret)
{
	int err = read_u32(dev, key, min, max, ret);

	if (err == -ENOENT)
		return xenbus_error(dev, 0, "frontend key %s is missing", key);
	return err;
}

int front_u32(struct xenbus_device *dev, const char *key, uint32_t min, uint32_t max, uint32_t def,
	      uint32_t *ret)
{
	int err = read_u32(dev, key, min, max, ret);

	if (err != -ENOENT)
		return err;
	*ret = def;
	return 0;
}

int front_bool(struct xenbus_device *dev, const char *key, bool def, bool *ret)
{
	uint32_t value = 0;
	int err = front_u32(dev, key, 0, 1, def, &value);

	if (err == 0)
		*ret = value != 0;
	return err;
}

int back_text(struct xenbus_device *dev, const char *key, char *buf, size_t size)
{
	return store_read(xenbus_store(dev->bus), buf, size, "%s/%s", dev->back, key);
}

int back_bool(struct xenbus_device *dev, const char *key, bool def, bool *ret)
{
	char text[8] = "";
	int err = back_text(dev, key, text, sizeof(text));

	if (err == -ENOENT) {
		*ret = def;
		return 0;
	}
	if (!err)
		err = num_bool(text, ret);
	return err ? xenbus_error(dev, err, "key %s must be 0 or 1", key) : 0;
}

int back_write_u64(struct xenbus_device *dev, const char *key, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	return store_write(xenbus_store(dev->bus), text, "%s/%s", dev->back, key);
}
