// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The one console-worker, see link.h.
 *
 * Its socket takes some hundred messages, and we never wait for it. A host
 * with more guests than that hands all of them over at once, so what does not
 * fit is kept here, descriptors and all, and sent a little later.
 */
#include "link.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/util.h"
#include "worker/spawn.h"

#define PROGRAM "console-worker"

#define BACKOFF_MIN_NS (200 * NS_PER_MS)
#define BACKOFF_MAX_NS (5 * NS_PER_SEC)
/* A worker that has lived this long died of something new. */
#define STABLE_NS (10 * NS_PER_SEC)

#define SEND_AGAIN_NS (5 * NS_PER_MS)
/* A worker that has not read a message for this long never will. */
#define STUCK_NS (10 * NS_PER_SEC)

#define LINK_MAX_FDS 2

struct letter {
	struct letter *next;
	struct worker_msg msg;
	int fds[LINK_MAX_FDS]; /* our own duplicates */
	unsigned int nr_fds;
};

static struct {
	struct loop *loop;
	struct loop_source *timer; /* for the restart */
	const struct link_ops *ops;
	struct worker *worker; /* NULL: none */
	bool up;	       /* it has said that it is ready */
	uint64_t backoff_ns;
	uint64_t started_ns;
	void (*stopped)(void); /* set: no restart any more */
	struct loop_source *send_timer;
	struct letter *first, **last; /* not sent yet, in order */
	uint64_t sent_ns;	      /* when the worker last took a message */
} state;

static int start_worker(void);

static void free_letter(struct letter *letter)
{
	while (letter->nr_fds > 0)
		close(letter->fds[--letter->nr_fds]);
	free(letter);
}

static void forget_letters(void)
{
	while (state.first) {
		struct letter *letter = state.first;

		state.first = letter->next;
		free_letter(letter);
	}
	state.last = &state.first;
}

static void on_send_again(void *ctx, uint32_t events)
{
	while (state.first && state.up) {
		struct letter *letter = state.first;

		if (worker_send(state.worker, &letter->msg, letter->fds, letter->nr_fds) < 0)
			break;
		state.sent_ns = now_ns();
		state.first = letter->next;
		if (!state.first)
			state.last = &state.first;
		free_letter(letter);
	}
	if (!state.first || !state.up)
		return;
	if (now_ns() - state.sent_ns < STUCK_NS) {
		loop_arm_timer(state.send_timer, SEND_AGAIN_NS);
		return;
	}
	log_err(NULL, PROGRAM " is stuck");
	worker_stop(state.worker); /* cannot read that either: is killed */
}

static int send_later(const struct worker_msg *msg, const int *fds, unsigned int nr_fds)
{
	struct letter *letter = calloc(1, sizeof(*letter));

	if (!letter)
		return -ENOMEM;
	letter->msg = *msg;
	for (; letter->nr_fds < nr_fds; letter->nr_fds++) {
		int fd = fcntl(fds[letter->nr_fds], F_DUPFD_CLOEXEC, 0);

		if (fd < 0) {
			int err = -errno;

			free_letter(letter);
			return err;
		}
		letter->fds[letter->nr_fds] = fd;
	}
	if (!state.first) {
		state.sent_ns = now_ns();
		loop_arm_timer(state.send_timer, SEND_AGAIN_NS);
	}
	*state.last = letter;
	state.last = &letter->next;
	return 0;
}

int link_send(const struct worker_msg *msg, const int *fds, unsigned int nr_fds)
{
	int err = -EAGAIN;

	if (!state.up)
		return -EPIPE;
	if (!state.first)
		err = worker_send(state.worker, msg, fds, nr_fds);
	return err == -EAGAIN ? send_later(msg, fds, nr_fds) : err;
}

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
	forget_letters();
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
	return worker_start(state.loop, PROGRAM, &conf, NULL, 0, &ops, NULL, &state.worker);
}

int link_start(struct loop *loop, const struct link_ops *ops)
{
	int err = loop_add_timer(loop, on_restart, NULL, &state.timer);

	if (!err)
		err = loop_add_timer(loop, on_send_again, NULL, &state.send_timer);
	if (err)
		return err;
	state.loop = loop;
	state.ops = ops;
	state.backoff_ns = BACKOFF_MIN_NS;
	state.last = &state.first;
	err = start_worker();
	if (err)
		log_err(NULL, "cannot start " PROGRAM ": %s", strerror(-err));
	return err;
}

bool link_is_up(void)
{
	return state.up;
}

void link_stop(void (*stopped)(void))
{
	state.stopped = stopped;
	if (state.worker)
		worker_stop(state.worker);
	else
		stopped();
}
