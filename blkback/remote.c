// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A store that is no file of ours, and the process that connects to it.
 *
 * Theory of operation
 * -------------------
 * There is at most one blkback-store at a time. It ends in one of three ways:
 * it has handed over a connection to an NBD server and is not needed any more;
 * it has failed; or it was stopped. One that keeps a qemu-storage-daemon stays,
 * and its end is the end of the connection.
 *
 * So there are two that may tell us of a loss, this process and the worker, in any
 * order. Whoever comes second speaks of a connection that is not the current
 * one any more, and is not heard.
 */
#include "remote.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/util.h"
#include "worker/spawn.h"

/* libxl waits ten seconds for a new device. */
#define CONNECT_PATIENCE_NS (7 * NS_PER_SEC)
/* Detaching has ten seconds, of which the worker may have taken six. */
#define STOP_PATIENCE_NS (3 * NS_PER_SEC)

#define RETRY_MIN_NS (100 * NS_PER_MS)
#define RETRY_MAX_NS (5 * NS_PER_SEC)
/* Of QEMU's ten seconds. */
#define FRESH_NS (5 * NS_PER_SEC)
/* A connection that has lasted so long was a good one. */
#define GOOD_NS (5 * NS_PER_SEC)

struct remote {
	struct loop *loop;
	char dev[32];
	struct store_conf conf;
	void (*changed)(void *ctx);
	void *ctx;
	enum remote_state state;
	struct worker *process;
	struct loop_source *timer; /* of the process, or until the next attempt */
	bool patient;
	bool orphan; /* remote_free() was called */
	bool told;   /* that it cannot be reached for now */
	bool over;   /* the process is that of a connection that was lost */
	unsigned int number;
	int fds[REMOTE_FDS];
	unsigned int nr_fds;
	struct store_info info;
	uint64_t retry_ns;
	uint64_t up_ns;	  /* when the connection was made */
	uint64_t lost_ns; /* when it was lost; 0: it was not */
	char why[WORKER_TEXT_MAX];
	struct log_meter meter;
};

static void drop_fds(struct remote *r)
{
	while (r->nr_fds > 0)
		close(r->fds[--r->nr_fds]);
}

static void really_free(struct remote *r)
{
	drop_fds(r);
	loop_del(r->timer);
	free(r);
}

static void set_state(struct remote *r, enum remote_state state)
{
	r->state = state;
	if (!r->orphan)
		r->changed(r->ctx);
}

static void try_again_later(struct remote *r)
{
	loop_arm_timer(r->timer, r->retry_ns);
	r->retry_ns = MIN(2 * r->retry_ns, RETRY_MAX_NS);
}

/* True: it will be tried again. */
static bool attempt_failed(struct remote *r)
{
	drop_fds(r);
	if (!r->patient)
		return false;
	if (!r->told && log_meter_pay(&r->meter, r->dev))
		log_warn(r->dev, "store: %s; trying again until it works", r->why);
	r->told = true;
	try_again_later(r);
	return true;
}

/* What had the connection has lost it, or will in a moment. */
static void connection_lost(struct remote *r, const char *why)
{
	drop_fds(r);
	r->lost_ns = now_ns();
	if (r->lost_ns - r->up_ns >= GOOD_NS)
		r->retry_ns = RETRY_MIN_NS;
	if (log_meter_pay(&r->meter, r->dev))
		log_warn(r->dev, "store is lost: %s; requests wait until it is back", why);
	r->state = REMOTE_STARTING;
	r->patient = true;
	r->told = false;
	r->over = r->process != NULL;
	if (r->over)
		worker_stop(r->process); /* then we go on in on_gone() */
	else
		try_again_later(r);
}

/* The limits of struct store_info, whoever wrote it. */
static bool info_is_sane(const struct store_info *info)
{
	return memchr(info->export, '\0', sizeof(info->export)) &&
	       (info->sector_size == 512 || info->sector_size == 4096) && info->sectors > 0 &&
	       info->sectors <= INT64_MAX / 512 && info->sectors * 512 % info->sector_size == 0;
}

/* A guest that runs has been told of these. */
static bool fits_the_guest(const struct remote *r, const struct store_info *info)
{
	return r->number == 0 ||
	       (info->sector_size <= r->info.sector_size && (r->conf.readonly || !info->readonly));
}

static void connected(struct remote *r, const struct store_info *info)
{
	loop_arm_timer(r->timer, 0);
	if (r->nr_fds == 0 || !info_is_sane(info) || !fits_the_guest(r, info)) {
		snprintf(r->why, sizeof(r->why), "it has come back with other sectors than before");
		worker_stop(r->process);
		return;
	}
	r->info = *info;
	r->number++;
	r->up_ns = now_ns();
	if (r->lost_ns != 0 && log_meter_pay(&r->meter, r->dev))
		log_info(r->dev, "store is back after %llu ms",
			 (unsigned long long)((r->up_ns - r->lost_ns) / NS_PER_MS));
	r->lost_ns = 0;
	r->told = false;
	set_state(r, REMOTE_UP);
}

static void on_message(void *ctx, const struct worker_msg *msg)
{
	struct remote *r = ctx;

	if (msg->type == WORKER_MSG_READY && r->state == REMOTE_STARTING)
		connected(r, &msg->store_info);
	else if (msg->type == WORKER_MSG_FAILED)
		snprintf(r->why, sizeof(r->why), "%s", msg->text);
}

static void on_descriptor(void *ctx, int fd)
{
	struct remote *r = ctx;

	if (r->nr_fds < REMOTE_FDS && r->state == REMOTE_STARTING)
		r->fds[r->nr_fds++] = fd;
	else
		close(fd);
}

static void on_gone(void *ctx, bool asked, const char *how)
{
	struct remote *r = ctx;

	bool over = r->over;

	r->process = NULL;
	r->over = false;
	loop_arm_timer(r->timer, 0);
	if (r->orphan) {
		really_free(r);
	} else if (r->state == REMOTE_STOPPING) {
		drop_fds(r);
		set_state(r, REMOTE_IDLE);
	} else if (r->state == REMOTE_STARTING && over) {
		try_again_later(r);
	} else if (r->state == REMOTE_STARTING) {
		if (!r->why[0])
			snprintf(r->why, sizeof(r->why), "blkback-store %s", how);
		if (!attempt_failed(r))
			set_state(r, REMOTE_FAILED);
	} else if (r->state == REMOTE_UP && r->why[0]) {
		connection_lost(r, r->why);
	}
}

static int launch(struct remote *r)
{
	static const struct worker_ops ops = {
		.message = on_message,
		.descriptor = on_descriptor,
		.gone = on_gone,
	};
	struct worker_msg msg = { .type = WORKER_MSG_CONF, .store = r->conf };
	int err;

	snprintf(msg.dev, sizeof(msg.dev), "%s", r->dev);
	r->why[0] = '\0';
	err = worker_start(r->loop, "blkback-store", &msg, NULL, 0, &ops, r, &r->process);
	if (!err)
		loop_arm_timer(r->timer, CONNECT_PATIENCE_NS);
	else
		snprintf(r->why, sizeof(r->why), "cannot start blkback-store: %s", strerror(-err));
	return err;
}

static void on_timer(void *ctx, uint32_t events)
{
	struct remote *r = ctx;

	if (r->process) {
		snprintf(r->why, sizeof(r->why), "no answer within %llu seconds",
			 (unsigned long long)(CONNECT_PATIENCE_NS / NS_PER_SEC));
		worker_kill(r->process);
	} else if (r->state == REMOTE_STARTING && launch(r) != 0) {
		attempt_failed(r);
	}
}

int remote_new(struct loop *loop, const char *dev, const struct store_conf *conf,
	       void (*changed)(void *ctx), void *ctx, struct remote **ret)
{
	struct remote *r = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return -ENOMEM;
	r->loop = loop;
	r->conf = *conf;
	r->changed = changed;
	r->ctx = ctx;
	r->retry_ns = RETRY_MIN_NS;
	snprintf(r->dev, sizeof(r->dev), "%s", dev);
	err = loop_add_timer(loop, on_timer, r, &r->timer);
	if (err) {
		free(r);
		return err;
	}
	*ret = r;
	return 0;
}

void remote_free(struct remote *r)
{
	if (!r)
		return;
	if (!r->process) {
		really_free(r);
		return;
	}
	r->orphan = true;
	remote_stop(r);
}

void remote_start(struct remote *r, bool patient)
{
	r->patient = patient;
	r->state = REMOTE_STARTING;
	if (launch(r) != 0 && !attempt_failed(r))
		r->state = REMOTE_FAILED;
}

void remote_stop(struct remote *r)
{
	if (r->state == REMOTE_STOPPING)
		return;
	drop_fds(r);
	if (!r->process) {
		loop_arm_timer(r->timer, 0);
		r->state = REMOTE_IDLE;
		return;
	}
	r->state = REMOTE_STOPPING;
	worker_stop(r->process);
	loop_arm_timer(r->timer, STOP_PATIENCE_NS);
}

enum remote_state remote_state(const struct remote *r)
{
	return r->state;
}

const char *remote_why(const struct remote *r)
{
	return r->why;
}

const struct store_info *remote_info(const struct remote *r)
{
	return &r->info;
}

unsigned int remote_take(struct remote *r, int fds[REMOTE_FDS])
{
	unsigned int nr = r->nr_fds;

	memcpy(fds, r->fds, nr * sizeof(fds[0]));
	r->nr_fds = 0;
	return nr;
}

bool remote_is_fresh(const struct remote *r)
{
	return now_ns() - r->up_ns < FRESH_NS;
}

unsigned int remote_number(const struct remote *r)
{
	return r->number;
}

void remote_lost(struct remote *r, unsigned int number, const char *why)
{
	if (r->state == REMOTE_UP && number == r->number)
		connection_lost(r, why);
}
