/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses as xl writes them in key "ip". Pure. */
#ifndef PVBACK_NET_ADDR_H
#define PVBACK_NET_ADDR_H

#include "net_conf.h"

/*
 * "10.0.0.1 192.168.0.0/24 fd00::/8": blanks between them, any number of them. Fills
 * addrs and nr_addrs. -EINVAL: one of them is none; -E2BIG: more than
 * NET_MAX_ADDRS.
 */
int addr_parse_list(const char *text, struct net_filter *ret);

#endif
