// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * console-worker: serves the rings of all consoles, sealed. What it serves
 * comes by message: a pty, a log file, a grant reference, a port. It has no
 * paths and no XenStore, and a guest that breaks its ring stops itself alone.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/log.h"
#include "base/util.h"
#include "loop/loop.h"
#include "pump.h"
#include "worker/child.h"
#include "worker/sandbox.h"
#include "writer.h"
#include "xen/evtchn.h"
#include "xen/gnttab.h"

/* Ports looked at before other descriptors have their turn. */
#define PORTS_PER_TURN 64

/* How long a stop waits for a slow log disk; consoled kills after five. */
#define FINISH_MS 3000

static struct {
	struct child child;
	struct pump_env env;
	struct pump **pumps; /* in no order */
	unsigned int nr_pumps;
	unsigned int room; /* in pumps */
	struct pump **by_port;
	unsigned int nr_ports;
} state;

static unsigned int find(uint32_t id)
{
	unsigned int i;

	for (i = 0; i < state.nr_pumps; i++)
		if (pump_id(state.pumps[i]) == id)
			break;
	return i;
}

/* Local ports are small numbers, so an array finds the console of an event. */
static int index_port(struct pump *p)
{
	uint32_t port = pump_port(p);

	if (port >= state.nr_ports) {
		unsigned int nr = MAX(port + 1, 2 * state.nr_ports);
		struct pump **grown = reallocarray(state.by_port, nr, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		memset(grown + state.nr_ports, 0, (nr - state.nr_ports) * sizeof(*grown));
		state.by_port = grown;
		state.nr_ports = nr;
	}
	state.by_port[port] = p;
	return 0;
}

/* A broken console has no port any more, so look for it by value. */
static void unindex_port(const struct pump *p)
{
	for (unsigned int i = 0; i < state.nr_ports; i++)
		if (state.by_port[i] == p)
			state.by_port[i] = NULL;
}

static int reserve_pump(void)
{
	unsigned int room = MAX(16u, 2 * state.room);
	struct pump **grown;

	if (state.nr_pumps < state.room)
		return 0;
	grown = reallocarray(state.pumps, room, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	state.pumps = grown;
	state.room = room;
	return 0;
}

static void close_fds(struct child *c)
{
	for (unsigned int i = 0; i < c->nr_fds; i++)
		close(c->fds[i]);
}

static void add_console(struct child *c)
{
	const char *step = "set up";
	struct pump *p;
	int err = c->nr_fds == 1 || c->nr_fds == 2 ? reserve_pump() : -EPROTO;

	if (err) {
		close_fds(c);
		goto err_tell;
	}
	err = pump_new(&state.env, &c->msg, c->fds[0], c->nr_fds == 2 ? c->fds[1] : -1, &p, &step);
	if (err)
		goto err_tell;
	err = index_port(p);
	if (err)
		goto err_free;
	state.pumps[state.nr_pumps++] = p;
	child_tell(WORKER_MSG_READY, c->msg.id);
	return;

err_free:
	pump_free(p);
err_tell:
	child_failed(err, c->msg.id, "cannot %s: %s", step, strerror(-err));
}

static void del_console(uint32_t id)
{
	unsigned int i = find(id);

	if (i == state.nr_pumps)
		return;
	unindex_port(state.pumps[i]);
	pump_free(state.pumps[i]);
	state.pumps[i] = state.pumps[--state.nr_pumps];
	child_tell(WORKER_MSG_CON_GONE, id);
}

/* The domain is gone, or the console is somebody else's now. */
static void bid_farewell(uint32_t id)
{
	unsigned int i = find(id);

	if (i < state.nr_pumps)
		pump_bid_farewell(state.pumps[i]);
}

static void switch_log(struct child *c)
{
	unsigned int i = find(c->msg.id);

	if (i < state.nr_pumps && c->nr_fds == 1)
		pump_set_log(state.pumps[i], c->fds[0]);
	else
		close_fds(c);
}

static void on_control(void *ctx, uint32_t events)
{
	struct child *c = &state.child;

	if (child_recv(c) < 0) {
		loop_quit(state.env.loop); /* consoled is gone */
		return;
	}
	switch (c->msg.type) {
	case WORKER_MSG_CON_ADD:
		add_console(c);
		break;
	case WORKER_MSG_CON_DEL:
		close_fds(c);
		if (c->msg.con.farewell)
			bid_farewell(c->msg.id);
		del_console(c->msg.id);
		break;
	case WORKER_MSG_CON_LOG:
		switch_log(c);
		break;
	case WORKER_MSG_STOP:
		loop_quit(state.env.loop);
		break;
	default:
		close_fds(c);
		log_err(NULL, "unexpected message %u", c->msg.type);
	}
}

static void on_evtchn(void *ctx, uint32_t events)
{
	uint32_t ports[PORTS_PER_TURN];
	int nr = evtchn_take(state.env.ec, ports, PORTS_PER_TURN);

	for (int i = 0; i < nr; i++) {
		struct pump *p = ports[i] < state.nr_ports ? state.by_port[ports[i]] : NULL;

		if (p && pump_port(p) == ports[i])
			pump_on_kick(p);
	}
}

static void on_tick(void *ctx, uint32_t events)
{
	state.env.ticking = false;
	for (unsigned int i = 0; i < state.nr_pumps; i++)
		pump_on_tick(state.pumps[i]);
}

static void on_log_full(uint32_t id)
{
	child_tell(WORKER_MSG_CON_ROTATE, id);
}

static int open_devices(struct pump_env *env)
{
	struct loop_source *src; /* lives as long as the process */
	int err = loop_new(&env->loop);

	if (!err)
		err = evtchn_open(&env->ec);
	if (!err)
		err = gnttab_open(&env->gt);
	if (!err)
		err = loop_add_fd(env->loop, evtchn_fd(env->ec), EPOLLIN, on_evtchn, NULL, &src);
	if (!err)
		err = loop_add_fd(env->loop, CHILD_CONTROL_FD, EPOLLIN, on_control, NULL, &src);
	if (!err)
		err = loop_add_timer(env->loop, on_tick, NULL, &env->tick);
	return err;
}

int main(int argc, char **argv)
{
	struct pump_env *env = &state.env;
	int err;

	err = child_begin(&state.child, argc, argv, "console-worker");
	if (err)
		return 1; /* consoled went away at once */
	close_fds(&state.child);
	err = open_devices(env);
	if (err) {
		child_failed(err, 0, "cannot open the Xen devices: %s", strerror(-err));
		return 1;
	}
	err = sandbox_seal(NULL);
	if (!err)
		err = writer_start(on_log_full, &env->writer);
	if (err) {
		child_failed(err, 0, "cannot seal the worker: %s", strerror(-err));
		return 1;
	}
	child_ready();
	err = loop_run(env->loop);
	while (state.nr_pumps > 0)
		del_console(pump_id(state.pumps[0]));
	writer_finish(env->writer, FINISH_MS);
	return err ? 1 : 0;
}
