// SPDX-License-Identifier: GPL-2.0-or-later
#include "vif_limits.h"

#include <errno.h>
#include <string.h>

#include "base/util.h"
#include "rate.h"
#include "xenbus/keys.h"

#define KEY_TEXT_MAX 64

static const char *const keys[NET_NR_WAYS] = { [NET_TX] = "rate", [NET_RX] = "rate-rx" };

bool vif_limits_is_key(const char *key)
{
	return strcmp(key, keys[NET_TX]) == 0 || strcmp(key, keys[NET_RX]) == 0;
}

static void read_one(struct xenbus_device *dev, const char *key, struct net_limit *limit)
{
	char text[KEY_TEXT_MAX] = "";
	int err = back_text(dev, key, text, sizeof(text));

	if (err == -ENOENT || !err)
		err = rate_parse(text, limit);
	if (!err || !log_meter_pay(&dev->meter, dev->name))
		return;
	make_printable(text);
	log_err(dev->name,
		"key %s is \"%s\", must be BYTES,MICROSECONDS that come to %u bytes a second or "
		"more; %s",
		key, text, RATE_MIN,
		limit->rate ? "the limit stays as it was" : "there is no limit");
}

bool vif_limits_read(struct xenbus_device *dev, struct vif_limits *limits)
{
	struct net_limit old[NET_NR_WAYS];

	memcpy(old, limits->of, sizeof(old));
	for (unsigned int i = 0; i < NET_NR_WAYS; i++)
		read_one(dev, keys[i], &limits->of[i]);
	return memcmp(old, limits->of, sizeof(old)) != 0;
}

void vif_limits_send(struct xenbus_device *dev, struct vif_limits *limits)
{
	struct worker_msg msg = { .type = WORKER_MSG_LIMITS };

	memcpy(msg.net.limits, limits->of, sizeof(msg.net.limits));
	limits->unsent = xenbus_tell(dev, &msg) != 0;
}
