/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of net-bench. */
#ifndef FRONT_NET_BENCH_H
#define FRONT_NET_BENCH_H

#include "netfront.h" /* first, for Xen's headers */
#include "net_frame.h"
#include "net_wire.h"

struct bench_arguments {
	const char *what;
	uint16_t domid;
	unsigned int handle;
	bool rx;
	bool gso;
	uint32_t size;
	double seconds;
	const char *netns;
	int worker; /* whose CPU time counts; 0 = ours */
};

/* The worker of a vif; 0 = none. */
int bench_worker(uint16_t domid, unsigned int handle);

/* Frames between eth0 in a name space and relay0 in the bridge, as they are; until killed. */
int bench_relay(const struct bench_arguments *a);

#endif
