/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The VBD columns of `xl top` and xentop.
 *
 * Theory of operation
 * -------------------
 * xentop's library (libxenstat, tools/libs/stat of Xen 4.17) knows two kinds of disks. Those of
 * the kernel's backend it finds in sysfs, in a directory "statistics" that only a driver
 * in the kernel can make: our disks are listed there, as in error, and
 * without a number. Those of QEMU it asks for: if XenStore has
 * /local/domain/0/backend/qdisk/<domain>, it connects to the socket
 * /var/run/xen/qmp-libxenstat-<domain> and says "query-blockstats" in QEMU's
 * language, QMP. So that is what is answered here, for each guest with a disk of ours:
 * when it is asked, and never else.
 *
 * What goes with it: the node has no children, so it is a device to nobody, and its value
 * says whose it is. A guest with a QEMU that listens there already (HVM) is left to
 * that. xentop counts each disk twice in its column VBDS, once in error.
 */
#ifndef PVBACK_XENTOP_H
#define PVBACK_XENTOP_H

#include "xenbus/xenbus.h"

struct xentop;

/* Answer for the disks of @domid. An error has been told: its columns stay empty. */
int xentop_open(struct xenbus *bus, uint16_t domid, struct xentop **ret);
void xentop_close(struct xentop *x); /* NULL is fine */

/* Remove what predecessors have left for guests that are dead. */
void xentop_sweep(struct xenbus *bus);

#endif
