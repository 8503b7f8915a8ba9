/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The decision table of a backend device. Pure: what is to be seen in
 * XenStore and of the worker goes in, the next step comes out.
 */
#ifndef PVBACK_XENBUS_STATE_H
#define PVBACK_XENBUS_STATE_H

#include <stdbool.h>

enum xenbus_worker {
	XENBUS_WORKER_NONE,
	XENBUS_WORKER_STARTING, /* spawned, not READY yet */
	XENBUS_WORKER_SERVING,
	XENBUS_WORKER_STOPPING, /* told to stop, process still there */
};

struct xenbus_view {
	bool back_exists;  /* our directory is there */
	int back_state;	   /* enum xenbus_state; also the toolstack writes it */
	bool front_exists; /* frontend directory is there and domain alive */
	int front_state;
	bool online;	   /* 0: the toolstack is removing the device */
	bool plugged;	   /* hotplug-status is "connected" */
	bool front_ready;  /* frontend state is one in which rings are set up */
	bool reconfigures; /* the driver knows states 7 and 8 */
	bool failed;	   /* we have given this device up */
	enum xenbus_worker worker;
};

enum xenbus_step {
	XENBUS_WAIT,	    /* nothing to do until something changes */
	XENBUS_INIT,	    /* publish transport features, state 2 */
	XENBUS_CONNECT,	    /* read frontend keys, start a worker */
	XENBUS_PUBLISH,	    /* publish device features, state 4 */
	XENBUS_RECONFIGURE, /* what the frontend wants now comes into force, state 8 */
	XENBUS_GO_ON,	    /* state 4 again */
	XENBUS_CLOSING,	    /* state 5 */
	XENBUS_STOP,	    /* stop the worker */
	XENBUS_CLOSED,	    /* state 6 */
	XENBUS_FORGET,	    /* drop the device */
};

enum xenbus_step xenbus_next(const struct xenbus_view *v);

#endif
