// SPDX-License-Identifier: GPL-2.0-or-later
#include "vbd_engine.h"

#include <errno.h>
#include <string.h>

#include "base/util.h"
#include "blk_conf.h"

static enum blk_engine chosen = BLK_ENGINE_AUTO;

int vbd_set_engine(const char *name)
{
	static const char *const names[] = {
		[BLK_ENGINE_AUTO] = "auto",
		[BLK_ENGINE_URING] = "io_uring",
		[BLK_ENGINE_AIO] = "aio",
		[BLK_ENGINE_SYNC] = "sync",
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(name, names[i]) == 0) {
			chosen = (enum blk_engine)i;
			return 0;
		}
	}
	return -EINVAL;
}

uint8_t vbd_engine(void)
{
	return (uint8_t)chosen;
}
