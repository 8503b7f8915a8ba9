/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a queue has done. Written by the queue's thread alone; read by others
 * only after it has ended.
 */
#ifndef PVBACK_NET_COUNTERS_H
#define PVBACK_NET_COUNTERS_H

#include <stdint.h>

struct net_tx_counters {
	uint64_t packets; /* given to the tap */
	uint64_t bytes;
	uint64_t gso;	      /* packets of more than one segment */
	uint64_t slots;	      /* taken from the ring; all are answered */
	uint64_t batches;     /* turns that found something: one copy call each */
	uint64_t notifies;    /* turns in which the guest asked for an event */
	uint64_t dummies;     /* multicast requests */
	uint64_t bad_chain;   /* refused by tx_parse.c */
	uint64_t bad_copy;    /* the hypervisor refused a grant */
	uint64_t bad_headers; /* offload flags and frame do not match */
	uint64_t tap_full;    /* tap would have blocked */
	uint64_t tap_down;    /* link is down */
	uint64_t tap_refused; /* tap refused the frame */
};

struct net_rx_counters {
	uint64_t packets; /* given to the guest */
	uint64_t bytes;
	uint64_t gso;
	uint64_t slots;
	uint64_t batches;
	uint64_t notifies;
	uint64_t waits;	    /* times that the head packet waited for slots */
	uint64_t finished;  /* checksums computed here */
	uint64_t segmented; /* large frames cut up here */
	uint64_t bad_frame; /* not fit for any guest */
	uint64_t too_large; /* for this guest */
	uint64_t bad_copy;  /* the hypervisor refused a grant */
	uint64_t expired;   /* no slots for too long */
	uint64_t reads;	    /* read() on the tap, also those finding nothing */
};

struct net_loop_counters {
	uint64_t turns;
	uint64_t sleeps;
	uint64_t events; /* event channels seen pending */
};

#endif
