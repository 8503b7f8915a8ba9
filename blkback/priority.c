// SPDX-License-Identifier: GPL-2.0-or-later
#include "priority.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/ioprio.h>

#include "base/log.h"

void priority_set(const char *dev, const struct blk_conf *conf)
{
	if (conf->io_priority != 0 &&
	    syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, conf->io_priority) < 0)
		log_warn(dev, "cannot set its I/O priority: %s", strerror(errno));
	if (conf->nice != 0 && setpriority(PRIO_PROCESS, 0, conf->nice) < 0)
		log_warn(dev, "cannot set its nice value: %s", strerror(errno));
}
