// SPDX-License-Identifier: GPL-2.0-or-later
#include "vbd_priority.h"

#include <errno.h>
#include <string.h>

#include <linux/ioprio.h>

#include "base/num.h"
#include "base/util.h"
#include "xenbus/keys.h"

#define KEY_IO "pvback-io-priority"
#define KEY_NICE "pvback-nice"

static int parse_io(const char *text, uint16_t *ret)
{
	static const struct {
		const char *name;
		uint16_t class;
	} classes[] = {
		{ "realtime/", IOPRIO_CLASS_RT },
		{ "best-effort/", IOPRIO_CLASS_BE },
	};
	uint32_t level;

	if (strcmp(text, "idle") == 0) {
		*ret = IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0);
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
		size_t len = strlen(classes[i].name);

		if (strncmp(text, classes[i].name, len) != 0)
			continue;
		if (num_u32(text + len, 0, 7, &level) != 0)
			return -EINVAL;
		*ret = (uint16_t)IOPRIO_PRIO_VALUE(classes[i].class, level);
		return 0;
	}
	return -EINVAL;
}

static int parse_nice(const char *text, int8_t *ret)
{
	bool negative = text[0] == '-';
	uint32_t value;
	int err = num_u32(text + negative, 0, negative ? 20 : 19, &value);

	if (!err)
		*ret = (int8_t)(negative ? -(int)value : (int)value);
	return err;
}

static void complain(struct xenbus_device *dev, const char *key, char *text, const char *must)
{
	make_printable(text);
	if (log_meter_pay(&dev->meter, dev->name))
		log_err(dev->name, "key %s is \"%s\", must be %s; going on without it", key, text,
			must);
}

/* A value that does not fit is none of ours either. */
static bool read_text(struct xenbus_device *dev, const char *key, char *text, size_t size)
{
	int err = back_text(dev, key, text, size);

	if (err && err != -ENOENT)
		text[0] = '\0';
	return err != -ENOENT;
}

void priority_read(struct xenbus_device *dev, struct blk_conf *conf)
{
	char text[32];

	if (read_text(dev, KEY_IO, text, sizeof(text)) && parse_io(text, &conf->io_priority) != 0)
		complain(dev, KEY_IO, text, "idle, best-effort/0 to /7 or realtime/0 to /7");
	if (read_text(dev, KEY_NICE, text, sizeof(text)) && parse_nice(text, &conf->nice) != 0)
		complain(dev, KEY_NICE, text, "a number from -20 to 19");
}
