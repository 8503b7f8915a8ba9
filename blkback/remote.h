/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The supervisor's side of a store that is no file of ours: a blkback-store
 * makes the connection, now and again whenever it is lost. Nothing here waits.
 */
#ifndef PVBACK_REMOTE_H
#define PVBACK_REMOTE_H

#include <stdbool.h>

#include "loop/loop.h"
#include "store_conf.h"

struct remote;

enum remote_state {
	REMOTE_IDLE,	 /* nothing runs, nothing is open */
	REMOTE_STARTING, /* being connected to, or waiting to be tried again */
	REMOTE_UP,	 /* there is a connection */
	REMOTE_FAILED,	 /* not to be had, see remote_why() */
	REMOTE_STOPPING,
};

/* @changed: the state is another one; never called from within a call of these. */
int remote_new(struct loop *loop, const char *dev, const struct store_conf *conf,
	       void (*changed)(void *ctx), void *ctx, struct remote **ret);
/* Stops it in the background if it runs still. NULL is fine. */
void remote_free(struct remote *r);

/* From IDLE or FAILED. @patient: what fails is tried again for ever, and never FAILED. */
void remote_start(struct remote *r, bool patient);
/* To IDLE; not before whatever had the store open is gone, or a few seconds are over. */
void remote_stop(struct remote *r);

enum remote_state remote_state(const struct remote *r);
const char *remote_why(const struct remote *r);
/* UP only. */
const struct store_info *remote_info(const struct remote *r);

#define REMOTE_FDS 2
/*
 * UP only: what is to go to the worker, from now on the caller's; how many
 * they are. 0: somebody has had them; stop and start to get others.
 */
unsigned int remote_take(struct remote *r, int fds[REMOTE_FDS]);
/*
 * UP only: will the server still listen to it? They hang up on clients that
 * say nothing for some seconds.
 */
bool remote_is_fresh(const struct remote *r);
/* Which of its connections this is; the worker names it when it is dead. */
unsigned int remote_number(const struct remote *r);
/* The worker says that connection @number is dead: make another one. */
void remote_lost(struct remote *r, unsigned int number, const char *why);

#endif
