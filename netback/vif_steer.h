/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program that chooses a tap's queue as the guest has asked for over its control ring. */
#ifndef PVBACK_NET_VIF_STEER_H
#define PVBACK_NET_VIF_STEER_H

/*
 * Load the program: what the worker switches on (TUNSETSTEERINGEBPF) and the map it
 * writes, struct net_steer. -errno: the kernel does not let us.
 */
int vif_steer_open(int *ret_program, int *ret_map);

#endif
