/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys pvback-io-priority and pvback-nice of a disk: how its worker stands beside others. */
#ifndef PVBACK_VBD_PRIORITY_H
#define PVBACK_VBD_PRIORITY_H

#include "blk_conf.h"
#include "xenbus/xenbus.h"

/* One that makes no sense is said, and taken for absent. */
void priority_read(struct xenbus_device *dev, struct blk_conf *conf);

#endif
