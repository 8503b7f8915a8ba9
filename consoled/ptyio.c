// SPDX-License-Identifier: GPL-2.0-or-later
/* The worker's end of a pty, see ptyio.h. */
#include "ptyio.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/util.h"

/* How long a client may take to read the last words of its guest. */
#define FAREWELL_NS (2 * NS_PER_SEC)
/* The hang-up takes from a client what it has not read yet: a moment for that. */
#define HANG_UP_NS (200 * NS_PER_MS)

struct farewell {
	struct ptyio pty;
	struct loop_source *timer;
};

/* consoled keeps the other end open, so this means that consoled is gone. */
static void lose(struct ptyio *t, const char *why)
{
	if (!t->quiet)
		log_guest(&t->meter, t->dev, "pty: %s", why);
	loop_del(t->source);
	t->source = NULL;
}

static void on_events(void *ctx, uint32_t events)
{
	struct ptyio *t = ctx;

	if (events & EPOLLIN)
		t->readable = true;
	else if (events & (EPOLLHUP | EPOLLERR))
		lose(t, "hung up");
	t->ready(t->ctx);
}

int ptyio_open(struct ptyio *t, struct loop *loop, int fd, uint64_t backlog_max)
{
	int err = backlog_init(&t->backlog, backlog_max);

	if (err)
		return err;
	t->fd = fd;
	err = loop_add_fd(loop, fd, 0, on_events, t, &t->source);
	if (err)
		backlog_fini(&t->backlog);
	return err;
}

void ptyio_close(struct ptyio *t)
{
	loop_del(t->source);
	close(t->fd);
	backlog_fini(&t->backlog);
}

void ptyio_put(struct ptyio *t, const void *data, size_t n)
{
	backlog_put(&t->backlog, data, n);
}

uint32_t ptyio_read(struct ptyio *t, void *buf, uint32_t max)
{
	ssize_t got;

	if (!t->source || !t->readable || max == 0)
		return 0;
	got = read(t->fd, buf, max);
	/* Less than asked for: empty for now, epoll tells when there is more. */
	t->readable = got == (ssize_t)max;
	if (got > 0)
		return (uint32_t)got;
	if (got == 0 || (errno != EAGAIN && errno != EINTR))
		lose(t, got < 0 ? strerror(errno) : "closed");
	return 0;
}

bool ptyio_flush(struct ptyio *t)
{
	const uint8_t *data;
	size_t n = backlog_peek(&t->backlog, &data);
	ssize_t done;

	if (n == 0 || !t->source)
		return false;
	done = write(t->fd, data, n);
	if (done > 0)
		backlog_drop(&t->backlog, (size_t)done);
	else if (done < 0 && errno != EAGAIN && errno != EINTR)
		lose(t, strerror(errno));
	return done > 0;
}

void ptyio_watch(struct ptyio *t, bool want_input)
{
	uint32_t events = want_input ? EPOLLIN : 0;

	if (!t->source)
		return;
	if (t->backlog.used > 0)
		events |= EPOLLOUT;
	if (events != t->events)
		loop_set_events(t->source, events);
	t->events = events;
}

/* --- farewell --- */

static void end_farewell(struct farewell *f)
{
	loop_del(f->timer);
	ptyio_close(&f->pty);
	free(f);
}

static void on_farewell_over(void *ctx, uint32_t events)
{
	end_farewell(ctx);
}

/* consoled has let go of the pty: without a client it hangs up at once. */
static void go_on_parting(void *ctx)
{
	struct farewell *f = ctx;

	while (ptyio_flush(&f->pty))
		;
	if (!f->pty.source) {
		end_farewell(f);
		return;
	}
	ptyio_watch(&f->pty, false);
	if (f->pty.backlog.used == 0)
		loop_arm_timer(f->timer, HANG_UP_NS);
}

void ptyio_farewell(struct ptyio *t, struct loop *loop)
{
	struct farewell *f = calloc(1, sizeof(*f));

	if (!f)
		goto err_close;
	if (loop_add_timer(loop, on_farewell_over, f, &f->timer) < 0)
		goto err_free;
	f->pty = *t;
	f->pty.quiet = true;
	f->pty.dev = NULL;
	f->pty.ready = go_on_parting;
	f->pty.ctx = f;
	f->pty.events = 0;
	/* Its events have to find the new place. */
	loop_del(t->source);
	f->pty.source = NULL;
	if (loop_add_fd(loop, f->pty.fd, 0, on_events, &f->pty, &f->pty.source) < 0) {
		end_farewell(f);
		return;
	}
	loop_arm_timer(f->timer, FAREWELL_NS);
	go_on_parting(f);
	return;

err_free:
	free(f);
err_close:
	ptyio_close(t);
}
