// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The log writer's thread, see writer.h.
 *
 * One lock guards the list, every queue and every new_fd; it is held for the
 * length of a memcpy and never over a system call on a log. What only the
 * thread touches needs no lock: the file, and the chunk on its way to it.
 */
#include "writer.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "backlog.h"
#include "base/clock.h"
#include "base/util.h"
#include "outfile.h"

/*
 * What can wait for a disk: the burst that pump.c lets through at once (half of
 * this), with time stamps, or half a second at its rate. Memory that is not
 * used is not touched.
 */
#define QUEUE_SIZE (1024u * 1024)
#define CHUNK_SIZE (64u * 1024)

/* A guest prints in pieces of 16 bytes: let some come together for a write. */
#define GATHER_NS (5 * NS_PER_MS)

struct writer_log {
	struct writer *writer;
	struct writer_log *next; /* older */
	uint32_t id;
	char dev[32];
	struct backlog queue; /* under the lock */
	int new_fd;	      /* under the lock: to be switched to, or -1 */
	bool closed;	      /* under the lock */
	struct outfile file;  /* the thread's */
};

struct writer {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t work; /* something to write */
	pthread_cond_t idle; /* nothing to write */
	struct writer_log *logs;
	struct writer_log *turn; /* whose turn it is, NULL = start over */
	writer_full_fn *full;
	bool writing;
	uint8_t chunk[CHUNK_SIZE]; /* the thread's */
};

/* A console that was closed and is served again, with a new ring, has two logs in one file: the old one's end comes first. */
static bool waits_for_older(const struct writer_log *l)
{
	for (const struct writer_log *older = l->next; older; older = older->next)
		if (older->closed && strcmp(older->dev, l->dev) == 0)
			return true;
	return false;
}

static bool has_work(const struct writer_log *l)
{
	if (l->closed || l->new_fd >= 0)
		return true;
	return l->queue.used > 0 && !outfile_held(&l->file) && !waits_for_older(l);
}

/* Round robin, so that no log waits for more than one chunk of each other. */
static struct writer_log *next_with_work(struct writer *w)
{
	struct writer_log *l;

	for (l = w->turn; l; l = l->next)
		if (has_work(l))
			return l;
	for (l = w->logs; l && l != w->turn; l = l->next)
		if (has_work(l))
			return l;
	return NULL;
}

static void unlink_log(struct writer_log *l)
{
	struct writer_log **at = &l->writer->logs;

	while (*at != l)
		at = &(*at)->next;
	*at = l->next;
	if (l->writer->turn == l)
		l->writer->turn = l->next;
}

static void free_log(struct writer_log *l)
{
	if (l->new_fd >= 0)
		close(l->new_fd);
	outfile_fini(&l->file);
	backlog_fini(&l->queue);
	free(l);
}

/* One chunk of one log. Called with the lock, drops it for the disk. */
static void write_turn(struct writer *w, struct writer_log *l)
{
	int new_fd = l->new_fd;
	uint64_t lost = l->queue.lost;
	const uint8_t *data;
	size_t n;
	bool finished;

	l->new_fd = -1;
	l->queue.lost = 0;
	n = backlog_peek(&l->queue, &data);
	n = MIN(n, CHUNK_SIZE);
	memcpy(w->chunk, data, n);
	backlog_drop(&l->queue, n);
	finished = l->closed && l->queue.used == 0;
	w->turn = l->next;
	if (finished)
		unlink_log(l);
	w->writing = true;
	pthread_mutex_unlock(&w->lock);

	if (new_fd >= 0)
		outfile_switch(&l->file, new_fd);
	if (n > 0)
		outfile_write(&l->file, w->chunk, n, lost);
	if (outfile_ask(&l->file))
		w->full(l->id);
	if (finished)
		free_log(l);

	pthread_mutex_lock(&w->lock);
	w->writing = false;
}

/* Called with the lock, drops it. */
static void wait_for_work(struct writer *w)
{
	static const struct timespec gather = { .tv_nsec = GATHER_NS };

	pthread_cond_signal(&w->idle);
	pthread_cond_wait(&w->work, &w->lock);
	pthread_mutex_unlock(&w->lock);
	nanosleep(&gather, NULL);
	pthread_mutex_lock(&w->lock);
}

static void *writer_main(void *arg)
{
	struct writer *w = arg;

	pthread_mutex_lock(&w->lock);
	for (;;) {
		struct writer_log *l = next_with_work(w);

		if (l)
			write_turn(w, l);
		else
			wait_for_work(w);
	}
	return NULL;
}

int writer_start(writer_full_fn *full, struct writer **ret)
{
	struct writer *w = calloc(1, sizeof(*w));
	pthread_condattr_t monotonic;
	int err;

	if (!w)
		return -ENOMEM;
	w->full = full;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->work, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&w->idle, &monotonic);
	pthread_condattr_destroy(&monotonic);
	err = pthread_create(&w->thread, NULL, writer_main, w);
	if (err) {
		free(w);
		return -err;
	}
	*ret = w;
	return 0;
}

void writer_finish(struct writer *w, unsigned int timeout_ms)
{
	uint64_t until = now_ns() + timeout_ms * NS_PER_MS;
	struct timespec ts = {
		.tv_sec = (time_t)(until / NS_PER_SEC),
		.tv_nsec = (long)(until % NS_PER_SEC),
	};
	int err = 0;

	pthread_mutex_lock(&w->lock);
	while (!err && (w->writing || next_with_work(w)))
		err = pthread_cond_timedwait(&w->idle, &w->lock, &ts);
	pthread_mutex_unlock(&w->lock);
}

int writer_log_new(struct writer *w, uint32_t id, const char *dev, int fd, uint64_t max,
		   struct writer_log **ret)
{
	struct writer_log *l = calloc(1, sizeof(*l));
	int err = l ? backlog_init(&l->queue, QUEUE_SIZE) : -ENOMEM;

	if (err) {
		close(fd);
		free(l);
		return err;
	}
	l->writer = w;
	l->id = id;
	snprintf(l->dev, sizeof(l->dev), "%s", dev);
	l->new_fd = -1;
	outfile_init(&l->file, l->dev, fd, max);
	pthread_mutex_lock(&w->lock);
	l->next = w->logs;
	w->logs = l;
	pthread_mutex_unlock(&w->lock);
	*ret = l;
	return 0;
}

void writer_log_put(struct writer_log *l, const void *data, size_t n)
{
	pthread_mutex_lock(&l->writer->lock);
	backlog_put(&l->queue, data, n);
	pthread_cond_signal(&l->writer->work);
	pthread_mutex_unlock(&l->writer->lock);
}

void writer_log_switch(struct writer_log *l, int fd)
{
	pthread_mutex_lock(&l->writer->lock);
	if (l->new_fd >= 0)
		close(l->new_fd);
	l->new_fd = fd;
	pthread_cond_signal(&l->writer->work);
	pthread_mutex_unlock(&l->writer->lock);
}

void writer_log_close(struct writer_log *l)
{
	if (!l)
		return;
	pthread_mutex_lock(&l->writer->lock);
	l->closed = true;
	pthread_cond_signal(&l->writer->work);
	pthread_mutex_unlock(&l->writer->lock);
}
