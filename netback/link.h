/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Network devices by netlink (libnl). Our taps carry an alias ("ip link" shows
 * it), by which they are known again under any name. Supervisor only.
 */
#ifndef PVBACK_NET_LINK_H
#define PVBACK_NET_LINK_H

#include <net/if.h>
#include <stdbool.h>

int link_init(void);
void link_fini(void);

/* Give tap @name the alias of @dev, and what a vif needs besides. */
int link_dress(const char *name, const char *dev);

/* The name of the device with @dev's alias; -ENOENT if there is none. */
int link_find(const char *dev, char name[IFNAMSIZ]);

/* 0 or -errno. */
int link_mtu(const char *name, unsigned int *ret);

/* Is @name the device with @dev's alias? 0, -ENOENT (no such device), -EEXIST. */
int link_check(const char *name, const char *dev);

/*
 * Call @keep for each device with an alias of ours, and delete those it
 * returns false for.
 */
int link_sweep(bool (*keep)(void *ctx, const char *dev), void *ctx);

#endif
