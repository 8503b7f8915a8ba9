/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a block frontend says of itself in XenStore. */
#ifndef PVBACK_VBD_KEYS_H
#define PVBACK_VBD_KEYS_H

#include "blk_conf.h"
#include "xenbus/xenbus.h"

/* More rings than this domain has processors serve nobody. */
unsigned int vbd_max_queues(void);

/* ABI, rings, event channels, persistent grants; an error has been reported. */
int vbd_read_keys(struct xenbus_device *dev, struct blk_conf *conf);

#endif
