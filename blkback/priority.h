/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PVBACK_PRIORITY_H
#define PVBACK_PRIORITY_H

#include "blk_conf.h"

/*
 * Of this thread and those it starts, so before the first queue; before the seal, which
 * takes the right away. A request is the kernel's with the priority of the thread that
 * submits it. What cannot be had is said, and the disk is served without it.
 */
void priority_set(const char *dev, const struct blk_conf *conf);

#endif
