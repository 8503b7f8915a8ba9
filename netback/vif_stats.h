/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page of include/net_stats.h, as the supervisor makes it. */
#ifndef PVBACK_NET_VIF_STATS_H
#define PVBACK_NET_VIF_STATS_H

/* For a worker; see statfile_open(). */
int vif_stats_open(const char *dev, int *ret_fd);

#endif
