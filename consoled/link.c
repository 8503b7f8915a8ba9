// SPDX-License-Identifier: GPL-2.0-or-later
/* The one console-worker, see link.h. */
#include "link.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/util.h"
#include "worker/spawn.h"

#define PROGRAM "console-worker"

#define BACKOFF_MIN_NS (200 * NS_PER_MS)
#define BACKOFF_MAX_NS (5 * NS_PER_SEC)
/* A worker that has lived this long died of something new. */
#define STABLE_NS (10 * NS_PER_SEC)

static struct {
	struct loop *loop;
	struct loop_source *timer; /* for the restart */
	const struct link_ops *ops;
	struct worker *worker;     /* NULL: none */
	bool up;                   /* it has said that it is ready */
	uint64_t backoff_ns;
	uint64_t started_ns;
	void (*stopped)(void);     /* set: no restart any more */
} state;

static int start_worker(void);

static void restart_later(void)
{
	loop_arm_timer(state.timer, state.backoff_ns);
	state.backoff_ns = MIN(2 * state.backoff_ns, BACKOFF_MAX_NS);
}

static void on_restart(void *ctx, uint32_t events)
{
	int err;

	if (state.stopped)
		return;
	err = start_worker();
	if (err) {
		log_err(NULL, "cannot start " PROGRAM ": %s", strerror(-err));
		restart_later();
	}
}

static void on_message(void *ctx, const struct worker_msg *msg)
{
	if (msg->id != 0) {
		state.ops->message(msg);
	} else if (msg->type == WORKER_MSG_READY) {
		state.up = true;
		state.ops->up();
	} else if (msg->type == WORKER_MSG_FAILED) {
		log_err(NULL, PROGRAM ": %s", msg->text);
	}
}

static void on_gone(void *ctx, bool asked, const char *how)
{
	bool was_up = state.up;

	state.worker = NULL;
	state.up = false;
	if (state.stopped) {
		state.stopped();
		return;
	}
	if (now_ns() - state.started_ns >= STABLE_NS)
		state.backoff_ns = BACKOFF_MIN_NS;
	log_err(NULL, PROGRAM " %s; starting it again in %u ms", how,
		(unsigned int)(state.backoff_ns / NS_PER_MS));
	if (was_up)
		state.ops->down();
	restart_later();
}

static int start_worker(void)
{
	static const struct worker_ops ops = { .message = on_message, .gone = on_gone };
	struct worker_msg conf = { .type = WORKER_MSG_CONF, .dev = "console" };

	state.started_ns = now_ns();
	return worker_start(state.loop, PROGRAM, &conf, NULL, 0, &ops, NULL,
			    &state.worker);
}

int link_start(struct loop *loop, const struct link_ops *ops)
{
	int err = loop_add_timer(loop, on_restart, NULL, &state.timer);

	if (err)
		return err;
	state.loop = loop;
	state.ops = ops;
	state.backoff_ns = BACKOFF_MIN_NS;
	return start_worker();
}

bool link_is_up(void)
{
	return state.up;
}

int link_send(const struct worker_msg *msg, const int *fds, unsigned int nr_fds)
{
	if (!state.up)
		return -EPIPE;
	return worker_send(state.worker, msg, fds, nr_fds);
}

void link_stop(void (*stopped)(void))
{
	state.stopped = stopped;
	if (state.worker)
		worker_stop(state.worker);
	else
		stopped();
}
