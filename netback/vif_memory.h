/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files /run/pvback/memory/vif-<domain>-<device>: in which a worker keeps what its
 * guest has told it over the rings, for the next one (control.h). Nobody else reads them.
 */
#ifndef PVBACK_NET_VIF_MEMORY_H
#define PVBACK_NET_VIF_MEMORY_H

#include <stdbool.h>

/*
 * NET_MEMORY_BYTES for a worker of @dev ("vif/3/0"); @fresh: its frontend begins anew,
 * and nothing of before counts. Where no file can be made, memory that nobody
 * else sees, and a warning.
 */
int vif_memory_open(const char *dev, bool fresh, int *ret_fd);
void vif_memory_remove(const char *dev);
/* At the start: remove those of devices that are no more. */
void vif_memory_sweep(bool (*keep)(void *ctx, unsigned int domid, unsigned int devid), void *ctx);

#endif
