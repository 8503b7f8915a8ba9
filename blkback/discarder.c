// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Theory of operation
 * -------------------
 * Jobs lie in a circle. Three counts that only grow say how far it is: queued
 * by the queue's thread, done by the discarding thread, reaped by the queue's
 * thread again. Each job keeps its place all the while, so the circle needs as
 * many places as there can be jobs under way.
 */
#include "discarder.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct job {
	uint64_t offset, len;
	bool secure;
	struct engine_done done;
};

struct discarder {
	int fd;
	enum blk_discard how;
	int event_fd;
	pthread_t thread;
	bool started;
	bool stopping;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	unsigned int depth;
	unsigned int queued, finished, reaped;
	struct job jobs[];
};

int discarder_new(int fd, enum blk_discard how, unsigned int depth, struct discarder **ret)
{
	struct discarder *d = calloc(1, sizeof(*d) + depth * sizeof(d->jobs[0]));

	if (!d)
		return -ENOMEM;
	d->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (d->event_fd < 0) {
		int err = -errno;

		free(d);
		return err;
	}
	d->fd = fd;
	d->how = how;
	d->depth = depth;
	pthread_mutex_init(&d->lock, NULL);
	pthread_cond_init(&d->wake, NULL);
	*ret = d;
	return 0;
}

void discarder_free(struct discarder *d)
{
	if (!d)
		return;
	if (d->started) {
		pthread_mutex_lock(&d->lock);
		d->stopping = true;
		pthread_cond_signal(&d->wake);
		pthread_mutex_unlock(&d->lock);
		pthread_join(d->thread, NULL);
	}
	pthread_cond_destroy(&d->wake);
	pthread_mutex_destroy(&d->lock);
	close(d->event_fd);
	free(d);
}

int discarder_fd(const struct discarder *d)
{
	return d->event_fd;
}

/* The next job that is not done, or NULL when there will be none. */
static struct job *next_job(struct discarder *d)
{
	struct job *job = NULL;

	pthread_mutex_lock(&d->lock);
	while (d->finished == d->queued && !d->stopping)
		pthread_cond_wait(&d->wake, &d->lock);
	if (d->finished != d->queued)
		job = &d->jobs[d->finished % d->depth];
	pthread_mutex_unlock(&d->lock);
	return job;
}

static void tell(struct discarder *d)
{
	uint64_t one = 1;

	(void)!write(d->event_fd, &one, sizeof(one));
}

static void tell_done(struct discarder *d)
{
	pthread_mutex_lock(&d->lock);
	d->finished++;
	pthread_mutex_unlock(&d->lock);
	tell(d);
}

int discard_now(int fd, enum blk_discard how, uint64_t offset, uint64_t len, bool secure)
{
	uint64_t range[2] = { offset, len };
	int ret;

	if (how == BLK_DISCARD_DEVICE)
		ret = ioctl(fd, secure ? BLKSECDISCARD : BLKDISCARD, range);
	else
		ret = fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)offset,
				(off_t)len);
	return ret < 0 ? -errno : 0;
}

static void *discard_thread(void *arg)
{
	struct discarder *d = arg;
	struct job *job;

	while ((job = next_job(d))) {
		job->done.res = discard_now(d->fd, d->how, job->offset, job->len, job->secure);
		tell_done(d);
	}
	return NULL;
}

/* Without a thread there are no discards: they fail, and nothing else does. */
static void ensure_thread(struct discarder *d, struct job *job)
{
	int err = d->started ? 0 : pthread_create(&d->thread, NULL, discard_thread, d);

	if (!err) {
		d->started = true;
		return;
	}
	job->done.res = -err;
	tell_done(d);
}

void discarder_start(struct discarder *d, uint64_t tag, uint64_t offset, uint64_t len, bool secure)
{
	struct job *job = &d->jobs[d->queued % d->depth];

	job->offset = offset;
	job->len = len;
	job->secure = secure;
	job->done.tag = tag;
	pthread_mutex_lock(&d->lock);
	d->queued++;
	pthread_cond_signal(&d->wake);
	pthread_mutex_unlock(&d->lock);
	ensure_thread(d, job);
}

unsigned int discarder_reap(struct discarder *d, struct engine_done *done, unsigned int max)
{
	unsigned int nr = 0;
	uint64_t count;
	bool left;

	(void)!read(d->event_fd, &count, sizeof(count));
	pthread_mutex_lock(&d->lock);
	for (; nr < max && d->reaped != d->finished; d->reaped++)
		done[nr++] = d->jobs[d->reaped % d->depth].done;
	left = d->reaped != d->finished;
	pthread_mutex_unlock(&d->lock);
	if (left)
		tell(d);
	return nr;
}
