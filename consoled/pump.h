/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One console in the worker: ring to pty and log, pty to ring.
 *
 * Neither end can hold the other up. Output that nobody reads from the pty
 * pushes the oldest out of the backlog, the log has a queue and a thread of
 * its own, input waits in the pty until the guest has room for it. What slows
 * a guest down is its budget alone: the event channel then stays masked, and
 * the guest waits for room in its ring.
 */
#ifndef PVBACK_CONSOLED_PUMP_H
#define PVBACK_CONSOLED_PUMP_H

#include <stdbool.h>
#include <stdint.h>

#include "filter.h"
#include "loop/loop.h"
#include "ring.h"
#include "worker_msg.h"
#include "writer.h"
#include "xen/evtchn.h"
#include "xen/gnttab.h"

/* How often consoles that are out of budget are looked at. */
#define PUMP_TICK_NS (4 * 1000 * 1000ull)

/* What all consoles of the worker use. */
struct pump_env {
	struct loop *loop;
	struct loop_source *tick; /* armed when a console is out of budget */
	bool ticking;		  /* it is armed; whoever it wakes says no more */
	struct evtchn *ec;
	struct gnttab *gt;
	struct writer *writer;
	/* Scratch for one turn. */
	uint8_t bytes[CON_RING_OUT_SIZE];
	uint8_t text[FILTER_OUT_MAX(CON_RING_OUT_SIZE)];
};

struct pump;

/*
 * @add: CON_ADD, @pty, @log: its descriptors (@log may be -1), which become
 * the pump's also on failure. *@ret_step says what failed.
 */
int pump_new(struct pump_env *env, const struct worker_msg *add, int pty, int log,
	     struct pump **ret, const char **ret_step);

/*
 * Hand on what the guest has said last, then let go of everything. With a farewell
 * a client that is there goes on reading for a while, though @p is gone.
 */
void pump_free(struct pump *p);
void pump_bid_farewell(struct pump *p); /* before pump_free() */

void pump_on_kick(struct pump *p); /* its port was taken: masked */
void pump_on_tick(struct pump *p);
void pump_set_log(struct pump *p, int log);

uint32_t pump_id(const struct pump *p);
uint32_t pump_port(const struct pump *p); /* local; UINT32_MAX once broken */

#endif
