// SPDX-License-Identifier: GPL-2.0-or-later
/* What is watched of a frontend: its state, and what it may change while it is served. */
#include <errno.h>
#include <stdio.h>

#include "xenbus/internal.h"

/* bus.c knows them. */
#define STATE_TOKEN "front"
#define KEY_TOKEN "key"

#define TOKEN_MAX 32

static const char *token_of(const struct xenbus_device *dev, const char *what,
			    char token[TOKEN_MAX])
{
	snprintf(token, TOKEN_MAX, "%s/%u/%u", what, dev->domid, dev->devid);
	return token;
}

/* NULL: too long to exist. */
static const char *path_of(const struct xenbus_device *dev, const char *key,
			   char path[STORE_PATH_MAX])
{
	int len = snprintf(path, STORE_PATH_MAX, "%s/%s", dev->front, key);

	return len < STORE_PATH_MAX ? path : NULL;
}

static int watch(struct xenbus_device *dev, const char *key, const char *what)
{
	char buf[STORE_PATH_MAX], token[TOKEN_MAX];
	const char *path = path_of(dev, key, buf);
	int err = path ? store_watch(dev->bus->store, path, token_of(dev, what, token))
		       : -ENAMETOOLONG;

	return err ? xenbus_error(dev, err, "cannot watch %s/%s", dev->front, key) : 0;
}

static void unwatch(struct xenbus_device *dev, const char *key, const char *what)
{
	char buf[STORE_PATH_MAX], token[TOKEN_MAX];
	const char *path = path_of(dev, key, buf);

	if (path)
		store_unwatch(dev->bus->store, path, token_of(dev, what, token));
}

static void unwatch_keys(struct xenbus_device *dev, unsigned int nr)
{
	while (nr > 0)
		unwatch(dev, dev->bus->driver->front_keys[--nr], KEY_TOKEN);
	unwatch(dev, "state", STATE_TOKEN);
}

int device_watch(struct xenbus_device *dev)
{
	const char *const *keys = dev->bus->driver->front_keys;
	int err = watch(dev, "state", STATE_TOKEN);

	for (unsigned int i = 0; !err && keys && keys[i]; i++) {
		err = watch(dev, keys[i], KEY_TOKEN);
		if (err)
			unwatch_keys(dev, i);
	}
	return err;
}

void device_unwatch(struct xenbus_device *dev)
{
	unsigned int nr = 0;

	while (dev->bus->driver->front_keys && dev->bus->driver->front_keys[nr])
		nr++;
	unwatch_keys(dev, nr);
}
