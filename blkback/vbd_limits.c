// SPDX-License-Identifier: GPL-2.0-or-later
#include "vbd_limits.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/util.h"

#define PREFIX "limit-"
#define KEY_TEXT_MAX 64

static const struct limit_key {
	const char *name;
	uint64_t min; /* but for 0, which is none */
} keys[BLK_NR_LIMITS] = {
	[BLK_LIMIT_READ_IOPS] = { PREFIX "read-iops", 1 },
	[BLK_LIMIT_WRITE_IOPS] = { PREFIX "write-iops", 1 },
	[BLK_LIMIT_READ_BYTES] = { PREFIX "read-bytes", BLK_LIMIT_MIN_BYTES },
	[BLK_LIMIT_WRITE_BYTES] = { PREFIX "write-bytes", BLK_LIMIT_MIN_BYTES },
};

bool limits_is_key(const char *key)
{
	return strncmp(key, PREFIX, strlen(PREFIX)) == 0;
}

/* A number, or 0 if there is no such key; else @ret stays as it is. */
static void read_number(struct xenbus_device *dev, const char *dir, const char *key, uint64_t min,
			uint64_t *ret)
{
	char text[KEY_TEXT_MAX] = "";
	uint64_t value = 0;
	int err = store_read(xenbus_store(dev->bus), text, sizeof(text), "%s/%s", dir, key);

	if (!err)
		err = num_u64(text, 0, BLK_LIMIT_MAX, &value);
	if (!err && value != 0 && value < min)
		err = -ERANGE;
	if (!err || err == -ENOENT) {
		*ret = value;
		return;
	}
	make_printable(text);
	if (log_meter_pay(&dev->meter, dev->name))
		log_err(dev->name,
			"key %s/%s is \"%s\", must be 0 (none) or a number from %" PRIu64
			" to %llu; the limit stays as it was",
			dir, key, text, min, BLK_LIMIT_MAX);
}

/* One listing spares the reading of keys that are not there, which is nearly always all of them. */
static bool has_keys(struct xenbus_device *dev, const char *dir)
{
	unsigned int nr = 0;
	bool found = false;
	char **names;

	if (store_list(xenbus_store(dev->bus), &names, &nr, "%s", dir) != 0)
		return false;
	for (unsigned int i = 0; i < nr && !found; i++)
		found = limits_is_key(names[i]);
	free(names);
	return found;
}

static void read_dir(struct xenbus_device *dev, const char *dir, struct blk_limits *limits)
{
	if (!has_keys(dev, dir)) {
		memset(limits, 0, sizeof(*limits));
		return;
	}
	for (unsigned int i = 0; i < BLK_NR_LIMITS; i++) {
		char burst[KEY_TEXT_MAX];

		snprintf(burst, sizeof(burst), "%s-burst", keys[i].name);
		read_number(dev, dir, keys[i].name, keys[i].min, &limits->of[i].rate);
		read_number(dev, dir, burst, 1, &limits->of[i].burst);
	}
}

bool limits_read(struct xenbus_device *dev, struct vbd_limits *limits)
{
	struct blk_limits own = limits->own, guest = limits->guest;
	char dir[STORE_PATH_MAX];

	read_dir(dev, dev->back, &limits->own);
	snprintf(dir, sizeof(dir), "%s", dev->back);
	*strrchr(dir, '/') = '\0';
	read_dir(dev, dir, &limits->guest);
	return memcmp(&own, &limits->own, sizeof(own)) != 0 ||
	       memcmp(&guest, &limits->guest, sizeof(guest)) != 0;
}

void limits_send(struct xenbus_device *dev, struct vbd_limits *limits)
{
	struct worker_msg msg = { .type = WORKER_MSG_LIMITS };

	msg.blk.limits = limits->own;
	msg.blk.guest_limits = limits->guest;
	limits->unsent = xenbus_tell(dev, &msg) != 0;
}
