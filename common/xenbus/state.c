// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The decision table of a backend device.
 *
 * Theory of operation
 * -------------------
 * One look at everything, one step, and another look: no step depends on how
 * the present state was reached, so lost and coalesced watch events, a restart
 * of this daemon, and a toolstack that writes into our own state node (libxl
 * writes 5 on removal) need no code of their own. A device that is found at
 * state 4 without a worker is simply connected: that is how a restarted daemon
 * takes over a running guest.
 *
 * Rules and their sources:
 *  - state 2 until the hotplug script is done, then connect when the frontend
 *    is ready (libxl; tools/hotplug/Linux/block refuses unless state is 2);
 *  - frontend 5 makes us 5, frontend 6 or gone makes us stop and become 6
 *    (Linux xenbus frontends; blkfront stays at 5 while its disk is in use);
 *  - frontend 7 makes us 8, once what it wants is in force, and its 4 makes us 4 again
 *    (Linux' netfront, which waits for 8 when an XDP program comes or goes; Linux' netback
 *    stays at 8 for ever, so that the next time nobody waits);
 *  - after 6 with online=1 the device waits for the frontend to begin anew at
 *    1 (kexec, driver reload); with online=0 the toolstack removes it;
 *  - a frontend at 1 has no rings, whatever it had before: a guest that was reset did not get to
 *    say 5 and 6, or said them faster than we looked. What served it stops, and we go to 2 (Linux'
 *    netback, by way of 5 and 6, which a frontend at 1 may take for the end; its blkback
 *    does nothing then, and the guest has no disk until it says 5 and 6 after all).
 */
#include "xenbus/state.h"

#include <xen/io/xenbus.h>

/* The frontend is gone for good, or the toolstack took our directory away. */
static enum xenbus_step next_when_orphaned(const struct xenbus_view *v)
{
	if (v->worker == XENBUS_WORKER_STOPPING)
		return XENBUS_WAIT;
	if (v->worker != XENBUS_WORKER_NONE)
		return XENBUS_STOP;
	if (!v->back_exists)
		return XENBUS_FORGET;
	if (v->back_state == XenbusStateClosed || v->back_state == XenbusStateUnknown)
		return XENBUS_WAIT;
	return XENBUS_CLOSED;
}

static enum xenbus_step next_in_initwait(const struct xenbus_view *v)
{
	if (v->front_state == XenbusStateClosing || v->front_state == XenbusStateClosed)
		return v->worker == XENBUS_WORKER_NONE ? XENBUS_CLOSED : XENBUS_STOP;
	if (v->front_state == XenbusStateInitialising)
		return v->worker == XENBUS_WORKER_NONE ? XENBUS_WAIT : XENBUS_STOP;
	if (v->worker == XENBUS_WORKER_SERVING)
		return XENBUS_PUBLISH;
	if (v->worker == XENBUS_WORKER_NONE && v->front_ready && v->plugged)
		return XENBUS_CONNECT;
	return XENBUS_WAIT;
}

static enum xenbus_step next_in_connected(const struct xenbus_view *v)
{
	if (v->front_state == XenbusStateClosing)
		return XENBUS_CLOSING;
	if (v->front_state == XenbusStateClosed)
		return v->worker == XENBUS_WORKER_NONE ? XENBUS_CLOSED : XENBUS_STOP;
	if (v->front_state == XenbusStateInitialising)
		return v->worker == XENBUS_WORKER_NONE ? XENBUS_INIT : XENBUS_STOP;
	if (v->worker == XENBUS_WORKER_NONE && v->front_ready)
		return XENBUS_CONNECT;
	if (v->worker == XENBUS_WORKER_SERVING && v->reconfigures &&
	    v->front_state == XenbusStateReconfiguring)
		return XENBUS_RECONFIGURE;
	return XENBUS_WAIT;
}

static enum xenbus_step next_in_reconfigured(const struct xenbus_view *v)
{
	if (v->front_state == XenbusStateReconfiguring && v->worker == XENBUS_WORKER_SERVING)
		return XENBUS_WAIT;
	if (v->front_state == XenbusStateConnected && v->worker == XENBUS_WORKER_SERVING)
		return XENBUS_GO_ON;
	return next_in_connected(v);
}

/*
 * Also the toolstack writes 5. A frontend that is connected has to let go
 * first; one that never connected cannot, and there is nothing to wait for.
 */
static enum xenbus_step next_in_closing(const struct xenbus_view *v)
{
	bool never_connected =
		v->worker == XENBUS_WORKER_NONE && (!v->front_ready || v->failed || !v->plugged);
	/* One that begins anew has let go, too. */
	bool anew = v->front_state == XenbusStateInitialising;

	if (v->front_state == XenbusStateClosed || anew)
		return v->worker == XENBUS_WORKER_NONE ? XENBUS_CLOSED : XENBUS_STOP;
	if (never_connected && !v->online)
		return XENBUS_CLOSED;
	if (v->worker == XENBUS_WORKER_NONE && !v->failed && v->front_state == XenbusStateConnected)
		return XENBUS_CONNECT;
	return XENBUS_WAIT;
}

/* Somebody has overwritten it. The guest may let go all the same. */
static enum xenbus_step next_in_no_state_of_ours(const struct xenbus_view *v)
{
	return v->worker != XENBUS_WORKER_NONE && v->front_state == XenbusStateClosed ? XENBUS_STOP
										      : XENBUS_WAIT;
}

enum xenbus_step xenbus_next(const struct xenbus_view *v)
{
	if (!v->back_exists || !v->front_exists)
		return next_when_orphaned(v);
	if (v->worker == XENBUS_WORKER_STOPPING)
		return XENBUS_WAIT;
	if (v->failed && v->worker != XENBUS_WORKER_NONE)
		return XENBUS_STOP;

	switch (v->back_state) {
	case XenbusStateInitialising:
		/* Also over one that was refused, or is being served still:
		 * then the toolstack has made it anew before we looked. */
		return v->worker == XENBUS_WORKER_NONE ? XENBUS_INIT : XENBUS_STOP;
	case XenbusStateInitWait:
		return v->failed ? XENBUS_CLOSING : next_in_initwait(v);
	case XenbusStateConnected:
		return v->failed ? XENBUS_CLOSING : next_in_connected(v);
	case XenbusStateReconfigured:
		if (!v->reconfigures)
			return next_in_no_state_of_ours(v);
		return v->failed ? XENBUS_CLOSING : next_in_reconfigured(v);
	case XenbusStateClosing:
		return next_in_closing(v);
	case XenbusStateClosed:
		if (v->worker != XENBUS_WORKER_NONE)
			return XENBUS_STOP;
		if (v->online && v->front_state == XenbusStateInitialising)
			return XENBUS_INIT;
		return XENBUS_WAIT;
	default:
		return next_in_no_state_of_ours(v);
	}
}
