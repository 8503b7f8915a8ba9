/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the macros of xen/io/ring.h expect; both sides run in one thread here. */
#ifndef PVBACK_TEST_BARRIERS_H
#define PVBACK_TEST_BARRIERS_H

#define mb() __sync_synchronize()
#define wmb() __sync_synchronize()

#endif
