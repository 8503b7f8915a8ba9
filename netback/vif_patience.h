/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long packets and cards wait for a guest that does not receive: options. */
#ifndef PVBACK_NET_VIF_PATIENCE_H
#define PVBACK_NET_VIF_PATIENCE_H

#include "net_conf.h"

/* Milliseconds; 0 or -EINVAL. */
int vif_set_drain(const char *text);
int vif_set_stall(const char *text);

void vif_patience(struct net_conf *conf);

#endif
