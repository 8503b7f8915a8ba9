// SPDX-License-Identifier: GPL-2.0-or-later
#include "vbd_options.h"

#include <errno.h>
#include <string.h>

#include "base/util.h"
#include "blk_conf.h"

static enum blk_engine engine = BLK_ENGINE_AUTO;
static enum blk_data data = BLK_DATA_MAP;

/* Which of the names is it? -EINVAL: none. */
static int choose(const char *name, const char *const *names, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		if (strcmp(name, names[i]) == 0)
			return (int)i;
	return -EINVAL;
}

int vbd_set_engine(const char *name)
{
	static const char *const names[] = {
		[BLK_ENGINE_AUTO] = "auto",
		[BLK_ENGINE_URING] = "io_uring",
		[BLK_ENGINE_AIO] = "aio",
		[BLK_ENGINE_SYNC] = "sync",
	};
	int nr = choose(name, names, ARRAY_SIZE(names));

	if (nr < 0)
		return nr;
	engine = (enum blk_engine)nr;
	return 0;
}

uint8_t vbd_engine(void)
{
	return (uint8_t)engine;
}

int vbd_set_data(const char *name)
{
	static const char *const names[] = {
		[BLK_DATA_COPY] = "copy",
		[BLK_DATA_MAP] = "map",
		[BLK_DATA_DIRECT] = "direct",
	};
	int nr = choose(name, names, ARRAY_SIZE(names));

	if (nr < 0)
		return nr;
	data = (enum blk_data)nr;
	return 0;
}

uint8_t vbd_data(void)
{
	return (uint8_t)data;
}
