// SPDX-License-Identifier: GPL-2.0-or-later
/* Event loop over epoll; timers and signals are descriptors like any other. */
#include "loop/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/util.h"

#define EVENTS_PER_TURN 32

enum source_kind { SOURCE_FD, SOURCE_TIMER, SOURCE_SIGNAL };

struct loop_source {
	struct loop *loop;
	struct loop_source *next_dead;
	enum source_kind kind;
	int fd;
	bool dead; /* deleted, freed at the end of the turn */
	loop_fn *fn;
	void *ctx;
};

struct loop {
	int epoll_fd;
	bool quit;
	struct loop_source *dead;
};

int loop_new(struct loop **ret)
{
	struct loop *loop = calloc(1, sizeof(*loop));

	if (!loop)
		return -ENOMEM;
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll_fd < 0) {
		free(loop);
		return -errno;
	}
	*ret = loop;
	return 0;
}

/* An event of this turn can still point at a deleted source: bury it later. */
static void bury_dead(struct loop *loop)
{
	while (loop->dead) {
		struct loop_source *src = loop->dead;

		loop->dead = src->next_dead;
		free(src);
	}
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	bury_dead(loop);
	close(loop->epoll_fd);
	free(loop);
}

/* Takes over @fd for kinds that own it, also on failure. */
static int add_source(struct loop *loop, enum source_kind kind, int fd, uint32_t events,
		      loop_fn *fn, void *ctx, struct loop_source **ret)
{
	struct loop_source *src = calloc(1, sizeof(*src));
	struct epoll_event ev = { .events = events, .data.ptr = src };
	int err;

	if (!src) {
		err = -ENOMEM;
		goto err_close;
	}
	src->loop = loop;
	src->kind = kind;
	src->fd = fd;
	src->fn = fn;
	src->ctx = ctx;
	if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &ev) < 0) {
		err = -errno;
		goto err_free;
	}
	*ret = src;
	return 0;

err_free:
	free(src);
err_close:
	if (kind != SOURCE_FD)
		close(fd);
	return err;
}

int loop_add_fd(struct loop *loop, int fd, uint32_t events, loop_fn *fn, void *ctx,
		struct loop_source **ret)
{
	return add_source(loop, SOURCE_FD, fd, events, fn, ctx, ret);
}

int loop_set_events(struct loop_source *src, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = src };

	if (epoll_ctl(src->loop->epoll_fd, EPOLL_CTL_MOD, src->fd, &ev) < 0)
		return -errno;
	return 0;
}

int loop_add_timer(struct loop *loop, loop_fn *fn, void *ctx, struct loop_source **ret)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd < 0)
		return -errno;
	return add_source(loop, SOURCE_TIMER, fd, EPOLLIN, fn, ctx, ret);
}

int loop_arm_timer(struct loop_source *src, uint64_t delay_ns)
{
	struct itimerspec when = {
		.it_value.tv_sec = (time_t)(delay_ns / NS_PER_SEC),
		.it_value.tv_nsec = (long)(delay_ns % NS_PER_SEC),
	};

	if (timerfd_settime(src->fd, 0, &when, NULL) < 0)
		return -errno;
	return 0;
}

int loop_add_signal(struct loop *loop, int signo, loop_fn *fn, void *ctx, struct loop_source **ret)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, signo);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return -errno;
	return add_source(loop, SOURCE_SIGNAL, fd, EPOLLIN, fn, ctx, ret);
}

void loop_del(struct loop_source *src)
{
	if (!src || src->dead)
		return;
	epoll_ctl(src->loop->epoll_fd, EPOLL_CTL_DEL, src->fd, NULL);
	if (src->kind != SOURCE_FD)
		close(src->fd);
	src->dead = true;
	src->next_dead = src->loop->dead;
	src->loop->dead = src;
}

/* Timers and signals are read empty here; false if there was nothing. */
static bool consume(struct loop_source *src)
{
	struct signalfd_siginfo info;
	uint64_t expirations;

	switch (src->kind) {
	case SOURCE_FD:
		return true;
	case SOURCE_TIMER:
		return read(src->fd, &expirations, sizeof(expirations)) > 0;
	case SOURCE_SIGNAL:
		return read(src->fd, &info, sizeof(info)) > 0;
	}
	return false;
}

static void dispatch(const struct epoll_event *ev)
{
	struct loop_source *src = ev->data.ptr;

	if (src->dead || !consume(src))
		return;
	src->fn(src->ctx, src->kind == SOURCE_FD ? ev->events : 0);
}

int loop_run(struct loop *loop)
{
	struct epoll_event events[EVENTS_PER_TURN];

	loop->quit = false;
	while (!loop->quit) {
		int nr = epoll_wait(loop->epoll_fd, events, EVENTS_PER_TURN, -1);

		if (nr < 0 && errno != EINTR)
			return -errno;
		for (int i = 0; i < nr; i++)
			dispatch(&events[i]);
		bury_dead(loop);
	}
	return 0;
}

void loop_quit(struct loop *loop)
{
	loop->quit = true;
}
