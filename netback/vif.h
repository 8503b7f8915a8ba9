/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a vif is in XenStore, and its tap. */
#ifndef PVBACK_NET_VIF_H
#define PVBACK_NET_VIF_H

#include "xenbus/xenbus.h"

extern const struct xenbus_driver vif_driver;

#endif
