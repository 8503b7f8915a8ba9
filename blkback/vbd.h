/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PVBACK_VBD_H
#define PVBACK_VBD_H

/* The block driver of common/xenbus: keys of xen/io/blkif.h, and images. */
extern const struct xenbus_driver vbd_driver;

#endif
