/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests about states and XenStore share: devices of both kinds with just
 * enough of a frontend to be connected and to prove that somebody serves
 * them, the daemons of the world, and what they hold. A helper ends the program
 * with a message when something is not as it should be.
 */
#ifndef NATIVE_DEV_H
#define NATIVE_DEV_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#include "outcome.h"
#include "toolstack.h"
#include "xenbus.h"

#define PATIENCE_MS 10000

/* --- devices --- */

enum kind { VBD, VIF };
#define NR_KINDS 2

struct dev {
	enum kind kind;
	uint16_t domid;
	unsigned int devid;
	char name[32];	/* "vbd/5/51712", as in the daemon's log */
	char error[96]; /* its error node */
	struct front *front;
	struct guest_events *events;
	void *rings[2]; /* vif: tx, rx */
	uint32_t grefs[2];
	void *data;
	uint32_t data_gref;
	uint32_t port;
	uint32_t produced;
};

/* From the name of the test's case: "vbd" or "vif", the only argument. */
enum kind kind_argument(int argc, char **argv);
const char *kind_name(enum kind kind);
unsigned int kind_devid(enum kind kind, unsigned int nr); /* the nr-th of a guest */
const char *kind_daemon(enum kind kind);

uint16_t guest_new(const char *name);

/* An image of a mebibyte, made when it is first asked for. */
const char *disk_image(unsigned int nr);

/* The toolstack's half: the device is in state 2 after attach_as(..., PLUG_NOT). */
void attach(uint16_t domid, enum kind kind, unsigned int nr);
int attach_as(uint16_t domid, enum kind kind, unsigned int nr, enum toolstack_plug plug);

/* The frontend's half: opens it, makes rings and a port, and writes nothing yet. */
void dev_open(struct dev *d, uint16_t domid, enum kind kind, unsigned int nr);
void dev_close(struct dev *d); /* as if its process had died */
void dev_fresh_rings(struct dev *d);
int dev_write_keys(struct dev *d); /* in a transaction */
void dev_say(struct dev *d, enum xenbus_state state);
void dev_wait(struct dev *d, enum xenbus_state backend);
void dev_wait_any(struct dev *d, unsigned int mask);
/* From backend state 2 to 4. */
void dev_connect(struct dev *d);
/* From 4 (or 5) to 6 and from there to 2 again; the toolstack does not want it away. */
void dev_reset(struct dev *d);
/* One request goes there and its answer comes back; returns false if none comes. */
bool dev_served(struct dev *d, int timeout_ms);
/* Does anybody have its ring mapped? */
bool dev_mapped(struct dev *d);
void dev_wait_unmapped(struct dev *d);

/* How far a device has come. */
enum step {
	STEP_NEW,	/* the toolstack has written it, nothing was waited for */
	STEP_HELD,	/* backend 2, the hotplug script has not run */
	STEP_PLUGGED,	/* backend 2, frontend 1 */
	STEP_READY,	/* keys and 4 are written by the frontend, nothing was waited for */
	STEP_CONNECTED, /* backend 4, and it serves */
	STEP_CLOSING,	/* both 5 */
	STEP_CLOSED,	/* both 6, the toolstack has not asked for it */
	NR_STEPS,
};

extern const char *const step_names[NR_STEPS];

/* A device of that guest, the nr-th of its kind, as far as @step. */
void dev_bring(struct dev *d, uint16_t domid, enum kind kind, unsigned int nr, enum step step);
/* From wherever it is to STEP_CONNECTED, as a good frontend and toolstack would. */
void dev_go_on(struct dev *d, enum step step);
/* Detached by the toolstack, while the frontend does its part. */
void dev_detach(struct dev *d);

/* The domain is gone for the hypervisor and for XenStore, the toolstack has not heard of it. */
void guest_crash(uint16_t domid);
/* And now it has. */
void guest_clean_up(uint16_t domid);

/* Its backend's state as domain 0 sees it; XenbusStateUnknown when there is none. */
enum xenbus_state back_state(const struct dev *d);
/* Is its backend's directory there? */
bool back_exists(const struct dev *d);
/* -ETIMEDOUT after PATIENCE_MS fails the test; not through the guest, who may be dead. */
void back_wait(const struct dev *d, enum xenbus_state state);

/* A guest with a device that is connected, in one. */
void dev_new(struct dev *d, const char *guest, enum kind kind);

/* --- the daemons of the world --- */

pid_t daemon_pid(const char *name);
void daemon_start(const char *name);
/* By signal; SIGTERM also waits for its end, as does SIGKILL. */
void daemon_end(const char *name, int sig);
/* Lines of its log, and its workers', with both texts in them (@b may be NULL). */
unsigned int log_lines(const char *daemon, const char *a, const char *b);
/* Those in which a occurs and none of the strings of but, which ends with NULL. */
unsigned int log_lines_but(const char *daemon, const char *a, const char *const *but);
void log_wait(const char *daemon, const char *a, const char *b);

/* What a daemon holds, to be compared before and after. */
struct holdings {
	unsigned int fds, children, threads;
	unsigned int taps, loops, maps;
	unsigned int nodes; /* of XenStore, in backend and error of this kind */
};
/* When they do not change any more. */
void holdings_take(enum kind kind, struct holdings *h);
/* Resident; with a sanitizer a constant, for that does not give memory back. */
long daemon_kib(const char *name);
/* Until they are as before: workers take a moment to end. */
void holdings_expect(enum kind kind, const struct holdings *before);

#endif
