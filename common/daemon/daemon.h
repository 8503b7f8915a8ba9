/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the three supervisors have in common as programs: options, the checks
 * at start, the single instance, readiness, signals.
 */
#ifndef PVBACK_DAEMON_H
#define PVBACK_DAEMON_H

#include "daemon/paths.h"
#include "loop/loop.h"
#include "xen/store.h"

struct daemon_option {
	const char *name; /* long option; NULL ends the table */
	const char *arg;  /* what --help calls the argument; NULL: takes none */
	const char *help;
	int (*set)(const char *value); /* 0 or -EINVAL */
};

struct daemon_desc {
	const char *name;		     /* "blkbackd" */
	const char *summary;		     /* one line for --help */
	const struct daemon_option *options; /* of this daemon alone, or NULL */
	/* Set up on a running store and loop; 0 or -errno. */
	int (*start)(struct loop *loop, struct store *store);
	/* SIGTERM: stop workers, then call daemon_stopped(). */
	void (*stop)(void);
	/* SIGHUP, optional. */
	void (*reload)(void);
	/* Watch event. */
	void (*event)(const struct store_event *ev);
	/* After a batch of events. */
	void (*settle)(void);
};

int daemon_main(int argc, char **argv, const struct daemon_desc *desc);
void daemon_stopped(void);

#endif
