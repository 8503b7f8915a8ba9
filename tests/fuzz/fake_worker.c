// SPDX-License-Identifier: GPL-2.0-or-later
/* See fake_worker.h. */
#include "fake_worker.h"

#include "fuzz.h"

#include <fcntl.h>

#include "base/log.h"

struct worker *fake_workers;
int fake_worker_error;
int (*fake_worker_sent)(struct worker *w, const struct worker_msg *msg, const int *fds,
			unsigned int nr_fds);

int worker_start(struct loop *loop, const char *program, const struct worker_msg *conf,
		 const int *fds, unsigned int nr_fds, const struct worker_ops *ops, void *ctx,
		 struct worker **ret)
{
	struct worker *w;

	CHECK(conf->type == WORKER_MSG_CONF && memchr(conf->dev, '\0', sizeof(conf->dev)));
	for (unsigned int i = 0; i < nr_fds; i++)
		CHECK(fcntl(fds[i], F_GETFD) >= 0);
	if (fake_worker_error)
		return fake_worker_error;
	for (w = fake_workers; w; w = w->next)
		CHECK(w->ctx != ctx); /* one at a time */
	w = calloc(1, sizeof(*w));
	*w = (struct worker){ .next = fake_workers, .conf = *conf, .ops = ops, .ctx = ctx };
	fake_workers = w;
	log_debug(conf->dev, "worker starts");
	*ret = w;
	return 0;
}

int worker_send(struct worker *w, const struct worker_msg *msg, const int *fds, unsigned int nr_fds)
{
	for (unsigned int i = 0; i < nr_fds; i++)
		CHECK(fcntl(fds[i], F_GETFD) >= 0);
	return fake_worker_sent ? fake_worker_sent(w, msg, fds, nr_fds) : 0;
}

void worker_stop(struct worker *w)
{
	w->asked = true;
	log_debug(w->conf.dev, "worker is told to stop");
}

void worker_kill(struct worker *w)
{
	w->asked = true;
	log_debug(w->conf.dev, "worker is killed");
}

void fake_worker_say(struct worker *w, const struct worker_msg *msg)
{
	log_debug(w->conf.dev, "worker says %u", msg->type);
	w->ready |= msg->type == WORKER_MSG_READY;
	w->ops->message(w->ctx, msg);
}

static void forget(struct worker *w)
{
	struct worker **at = &fake_workers;

	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
}

void fake_worker_end(struct worker *w)
{
	forget(w);
	log_debug(w->conf.dev, "worker ends");
	w->ops->gone(w->ctx, w->asked, "exited with status 1");
	free(w);
}

void fake_workers_orphaned(void)
{
	while (fake_workers) {
		struct worker *w = fake_workers;

		forget(w);
		free(w);
	}
}
