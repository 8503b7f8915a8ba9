/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Event loop of the supervisors and of the console worker: epoll with
 * descriptors, one-shot timers (timerfd) and signals (signalfd), all of them
 * sources with a callback. Single-threaded.
 */
#ifndef PVBACK_LOOP_H
#define PVBACK_LOOP_H

#include <stdint.h>

struct loop;
struct loop_source;

/* @events: EPOLLIN and so on; 0 for timers and signals. */
typedef void loop_fn(void *ctx, uint32_t events);

int loop_new(struct loop **ret);
void loop_free(struct loop *loop);

/* The loop watches @fd but does not own it. */
int loop_add_fd(struct loop *loop, int fd, uint32_t events, loop_fn *fn, void *ctx,
		struct loop_source **ret);
int loop_set_events(struct loop_source *src, uint32_t events);

/* Timers are created disarmed; arm with a delay, 0 disarms. */
int loop_add_timer(struct loop *loop, loop_fn *fn, void *ctx, struct loop_source **ret);
int loop_arm_timer(struct loop_source *src, uint64_t delay_ns);

/* Blocks @signo for the process and delivers it as an event. */
int loop_add_signal(struct loop *loop, int signo, loop_fn *fn, void *ctx, struct loop_source **ret);

/* May be called from any callback, also from the source's own. NULL is fine. */
void loop_del(struct loop_source *src);

/* Runs until loop_quit(). Returns 0 or -errno. */
int loop_run(struct loop *loop);
void loop_quit(struct loop *loop);

#endif
