// SPDX-License-Identifier: GPL-2.0-or-later
/* The worker of disks on this host knows no network; blkback-worker-nbd does. */
#include <errno.h>

#include "engine.h"

int engine_nbd_open(const struct engine_conf *conf, struct engine **ret)
{
	return -EOPNOTSUPP;
}
