// SPDX-License-Identifier: GPL-2.0-or-later
/* One console in the worker, see pump.h. */
#include "pump.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/budget.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/util.h"
#include "ptyio.h"
#include "stamp.h"
#include "worker/child.h"

/*
 * A Linux guest says 30 to 300 KiB while it boots: that goes through at full
 * speed. After that a rate that no human follows and a core does not notice;
 * it is three times what xenconsoled lets through (30 rings in 200 ms).
 */
#define BYTES_RATE (1024u * 1024)
#define BYTES_BURST (512u * 1024)

/*
 * Linux notifies after every 16 bytes. Looking each time would cost far more
 * than the bytes do, so a console that says much is looked at once a tick.
 * People at a keyboard do not come near this.
 */
#define EVENTS_RATE 500
#define EVENTS_BURST 500

#define NO_PORT UINT32_MAX

struct pump {
	struct pump_env *env;
	uint32_t id;
	char dev[32];
	void *page; /* mapped ring; NULL once broken */
	struct con_ring ring;
	uint32_t port;	/* local */
	bool masked;	/* port was taken and not unmasked yet */
	bool farewell;	/* its pty outlives it a little */
	bool throttled; /* out of budget: masked until a tick */
	struct budget bytes;
	struct budget events;
	uint32_t in_room; /* room in the guest's input ring */
	struct ptyio pty;
	struct filter filter;	/* for the log */
	struct writer_log *log; /* NULL: none */
};

static void log_bytes(struct pump *p, const uint8_t *data, size_t n)
{
	char stamp[FILTER_STAMP_MAX] = "";
	struct timespec now;
	size_t len;

	if (!p->log)
		return;
	if (p->filter.stamps) {
		clock_gettime(CLOCK_REALTIME, &now);
		stamp_format(&now, stamp);
	}
	len = filter_run(&p->filter, stamp, data, n, p->env->text);
	writer_log_put(p->log, p->env->text, len);
}

/* Guest to backlog and log, as far as @limit and its ring go. */
static int take_output(struct pump *p, uint32_t limit, uint32_t *ret_taken)
{
	uint32_t avail;
	int err = con_ring_avail(&p->ring, &avail);

	if (err)
		return err;
	*ret_taken = MIN(avail, limit);
	p->throttled = *ret_taken < avail;
	if (*ret_taken == 0)
		return 0;
	con_ring_take(&p->ring, p->env->bytes, *ret_taken);
	ptyio_put(&p->pty, p->env->bytes, *ret_taken);
	log_bytes(p, p->env->bytes, *ret_taken);
	return 0;
}

/* Pty to guest, as far as there is room: the rest waits in the pty. */
static int give_input(struct pump *p, uint32_t *ret_given)
{
	int err = con_ring_room(&p->ring, &p->in_room);

	if (err)
		return err;
	*ret_given = ptyio_read(&p->pty, p->env->bytes, p->in_room);
	if (*ret_given == 0)
		return 0;
	con_ring_put(&p->ring, p->env->bytes, *ret_given);
	p->in_room -= *ret_given;
	return 0;
}

/* An armed tick is not put off, or a busy console would take it from the others. */
static void want_tick(struct pump_env *env)
{
	if (env->ticking)
		return;
	loop_arm_timer(env->tick, PUMP_TICK_NS);
	env->ticking = true;
}

/* The event channel stays masked for as long as the guest is out of budget. */
static void settle_port(struct pump *p)
{
	if (!p->masked)
		return;
	if (p->throttled) {
		want_tick(p->env);
		return;
	}
	evtchn_unmask(p->env->ec, &p->port, 1);
	p->masked = false;
}

static void release_ring(struct pump *p)
{
	if (!p->page)
		return;
	evtchn_unbind(p->env->ec, p->port);
	gnttab_unmap(p->env->gt, p->page, 1);
	p->page = NULL;
	p->port = NO_PORT;
	p->masked = false;
	p->throttled = false;
}

/* Both directions, once around each ring at most. */
static int move_bytes(struct pump *p, uint64_t now, uint32_t *ret_moved)
{
	uint32_t taken = 0, given = 0;
	uint32_t limit = (uint32_t)budget_available(&p->bytes, CON_RING_OUT_SIZE, now);
	int err = take_output(p, limit, &taken);

	budget_spend(&p->bytes, taken);
	if (!err)
		err = give_input(p, &given);
	*ret_moved = taken + given;
	return err;
}

static void break_ring(struct pump *p)
{
	release_ring(p);
	child_broken(p->id, "impossible index in the console ring");
}

/* One turn of one console. */
static void pump_run(struct pump *p, uint64_t now)
{
	uint32_t moved = 0;

	if (p->page && move_bytes(p, now, &moved) < 0)
		break_ring(p);
	ptyio_flush(&p->pty);
	ptyio_watch(&p->pty, p->page && p->in_room > 0);
	/* A guest counts events without progress as spurious and slows down. */
	if (p->page && moved > 0)
		evtchn_notify(p->env->ec, p->port);
	settle_port(p);
}

void pump_on_kick(struct pump *p)
{
	uint64_t now = now_ns();

	p->masked = true;
	if (budget_available(&p->events, 1, now) == 0) {
		p->throttled = true;
		settle_port(p);
		return;
	}
	budget_spend(&p->events, 1);
	pump_run(p, now);
}

void pump_on_tick(struct pump *p)
{
	if (p->throttled)
		pump_run(p, now_ns());
}

static void on_pty(void *ctx)
{
	pump_run(ctx, now_ns());
}

static int serve_ring(struct pump *p, const struct con_conf *conf, const char **ret_step)
{
	int err;

	*ret_step = "map the ring";
	err = gnttab_map(p->env->gt, conf->domid, &conf->ring_ref, 1, &p->page);
	if (err)
		return err;
	*ret_step = "bind the event channel (has it another backend?)";
	err = evtchn_bind(p->env->ec, conf->domid, conf->evtchn, &p->port);
	if (err)
		goto err_unmap;
	*ret_step = "take over the ring";
	err = con_ring_attach(&p->ring, p->page);
	if (err)
		goto err_unbind;
	/* While nobody served the ring the guest's events went nowhere, and so
	 * did ours. Xen has woken us; the guest is for us to wake. */
	if (p->ring.out_cons != 0 || p->ring.in_prod != 0)
		evtchn_notify(p->env->ec, p->port);
	return 0;

err_unbind:
	evtchn_unbind(p->env->ec, p->port);
err_unmap:
	gnttab_unmap(p->env->gt, p->page, 1);
	p->page = NULL;
	return err;
}

int pump_new(struct pump_env *env, const struct worker_msg *add, int pty, int log,
	     struct pump **ret, const char **ret_step)
{
	struct pump *p = calloc(1, sizeof(*p));
	int err = -ENOMEM;

	*ret_step = "set up";
	if (!p)
		goto err_close;
	p->env = env;
	p->id = add->id;
	snprintf(p->dev, sizeof(p->dev), "%s", add->dev);
	p->pty = (struct ptyio){ .dev = p->dev, .ready = on_pty, .ctx = p };
	p->filter = (struct filter){ .raw = add->con.log_raw, .stamps = add->con.log_stamps };
	budget_init(&p->bytes, BYTES_RATE, BYTES_BURST, now_ns());
	budget_init(&p->events, EVENTS_RATE, EVENTS_BURST, now_ns());
	err = ptyio_open(&p->pty, env->loop, pty, add->con.backlog_max);
	if (err)
		goto err_free;
	err = serve_ring(p, &add->con, ret_step);
	if (err)
		goto err_pty;
	if (log >= 0 &&
	    writer_log_new(env->writer, p->id, p->dev, log, add->con.log_max, &p->log) < 0)
		log_err(p->dev, "no memory for a log");
	*ret = p;
	return 0;

err_pty:
	ptyio_close(&p->pty);
	pty = -1;
err_free:
	free(p);
err_close:
	if (pty >= 0)
		close(pty);
	if (log >= 0)
		close(log);
	return err;
}

void pump_free(struct pump *p)
{
	uint32_t taken;

	if (p->page)
		take_output(p, CON_RING_OUT_SIZE, &taken);
	release_ring(p);
	while (ptyio_flush(&p->pty))
		;
	if (p->farewell)
		ptyio_farewell(&p->pty, p->env->loop);
	else
		ptyio_close(&p->pty);
	writer_log_close(p->log);
	free(p);
}

void pump_bid_farewell(struct pump *p)
{
	p->farewell = true;
}

void pump_set_log(struct pump *p, int log)
{
	if (p->log)
		writer_log_switch(p->log, log);
	else
		close(log);
}

uint32_t pump_id(const struct pump *p)
{
	return p->id;
}

uint32_t pump_port(const struct pump *p)
{
	return p->port;
}
