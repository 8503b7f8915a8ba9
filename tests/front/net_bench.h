/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of net-bench. */
#ifndef FRONT_NET_BENCH_H
#define FRONT_NET_BENCH_H

#include "netfront.h" /* first, for Xen's headers */
#include "net_frame.h"
#include "net_wire.h"

#include <stdatomic.h>
#include <time.h>

struct bench_arguments {
	const char *what;
	uint16_t domid;
	unsigned int handle;
	bool rx;
	bool gso;
	uint32_t size;
	double seconds;
	const char *netns;
	unsigned int queues; /* 0: one, and all frames alike; else frames of many flows */
	int worker;	     /* whose CPU time counts; 0 = ours */
};

#define BENCH_QUEUES 8u
#define BENCH_FLOWS 16u

struct bench_load {
	uint8_t data[FRAME_MAX];
	uint32_t len;
	struct virtio_net_hdr vh;
};

/* One flow's frame; they are of the same length. */
const struct bench_load *bench_load(unsigned int flow);
double bench_now_s(clockid_t clock);

/* The worker of a vif; 0 = none. */
int bench_worker(uint16_t domid, unsigned int handle);

/*
 * One queue's side of a measurement, in a thread of its own: frames that passed until time is up,
 * or -errno. @tap: a queue of a plain tap; NULL: @nf.
 */
struct bench_lane {
	const struct bench_arguments *a;
	struct netfront *nf;
	struct wire tap;
	double cpu_s; /* this thread's */
	long frames;
	atomic_ulong *nr_got;
};

long bench_tx(struct bench_lane *lane);
long bench_rx(struct bench_lane *lane);

/* Frames between eth0 in a name space and relay0 in the bridge, as they are; until killed. */
int bench_relay(const struct bench_arguments *a);

#endif
