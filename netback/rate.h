/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a rate is written in XenStore. Pure. */
#ifndef PVBACK_NET_RATE_H
#define PVBACK_NET_RATE_H

#include "net_conf.h"

/* The least that makes sense: the largest frame then takes a minute. */
#define RATE_MIN 1000u
#define RATE_MAX (1ull << 40)

/*
 * "<bytes>,<microseconds>", as xl writes it: so many bytes in each such interval. No
 * microseconds, or nothing at all: no limit. -EINVAL: it is not of this form;
 * -ERANGE: it comes to less than RATE_MIN or more than RATE_MAX bytes a second.
 */
int rate_parse(const char *text, struct net_limit *ret);

/* What may go at once after a rest, in time at the limit's rate. */
uint64_t rate_burst_ns(const struct net_limit *limit);

#endif
