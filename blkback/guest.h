/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the disks of one guest have in common, on the supervisor's side. */
#ifndef PVBACK_GUEST_H
#define PVBACK_GUEST_H

#include "xenbus/xenbus.h"

/*
 * A disk of the guest connects: the memory in which the workers of all its disks keep
 * what they have used up of the guest's limits, a descriptor of the caller's.
 */
int guest_memory(struct xenbus_device *dev, int *ret_fd);

/*
 * Forget guests that have no disk but @leaving (may be NULL), and what was left in XenStore
 * for those that are dead.
 */
void guest_sweep(struct xenbus *bus, const struct xenbus_device *leaving);

#endif
