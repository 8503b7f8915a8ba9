/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Has a guest given up receiving? Pure. */
#ifndef PVBACK_NET_STALL_H
#define PVBACK_NET_STALL_H

#include <stdbool.h>
#include <stdint.h>

struct stall {
	uint64_t since; /* a packet has waited for slots, and none has had any; 0: that is not so */
	uint32_t need;	/* slots, of the packet that waited last */
	bool on;
};

/* A packet got its slots. */
void stall_progress(struct stall *s);
/* The head packet waits for @need slots. True: for @limit ns now (0: never), it is stalled. */
bool stall_wait(struct stall *s, uint32_t need, uint64_t now, uint64_t limit);
/* @avail slots are there. True: it is stalled no more. */
bool stall_over(struct stall *s, uint32_t avail);
/* How long until stall_wait() may say so; UINT64_MAX: not by waiting. */
uint64_t stall_left_ns(const struct stall *s, uint64_t now, uint64_t limit);

#endif
