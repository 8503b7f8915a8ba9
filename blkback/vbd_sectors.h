/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PVBACK_VBD_SECTORS_H
#define PVBACK_VBD_SECTORS_H

#include "backing.h"
#include "xenbus/xenbus.h"

/*
 * The admin's word on sector sizes, keys of the backend's directory: what @b
 * says from now on. 0, or an error that has been told.
 */
int vbd_sector_sizes(struct xenbus_device *dev, struct backing *b);

#endif
