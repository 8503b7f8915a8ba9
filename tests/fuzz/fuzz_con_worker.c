// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The console worker's main loop under any messages and any events: each
 * console that was added is served by its own port, answered for once, and
 * given back with all its descriptors.
 */
#include "fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

#include "worker/child.h"

static struct fuzz *input;
static int next_message(struct child *c);

#define child_recv(c) next_message(c)
#define main worker_main
int worker_main(int argc, char **argv);
#include "../../consoled/worker.c" // NOLINT(bugprone-suspicious-include): what it calls is replaced
#undef main
#undef child_recv

#define PORTS 48u
#define FDS_MAX 96

/* What a console is to the worker. */
struct pump {
	struct pump *next;
	uint32_t id, port;
	int pty, log;
};

static struct pump *pumps;
static bool port_used[PORTS];
static unsigned int ready, failed, dropped; /* told to the supervisor */
static unsigned int adds, quits;
static uint32_t kicked[PORTS];
static unsigned int nr_kicked;

static bool is_pump(const struct pump *p)
{
	for (const struct pump *q = pumps; q; q = q->next)
		if (q == p)
			return true;
	return false;
}

int pump_new(struct pump_env *env, const struct worker_msg *add, int pty, int log,
	     struct pump **ret, const char **ret_step)
{
	struct pump *p;
	uint32_t port = fuzz_u8(input) % PORTS;

	CHECK(fcntl(pty, F_GETFD) >= 0 && (log < 0 || fcntl(log, F_GETFD) >= 0));
	if (port_used[port] || fuzz_u8(input) == 1) {
		close(pty);
		if (log >= 0)
			close(log);
		*ret_step = "map the ring";
		return -EINVAL;
	}
	p = calloc(1, sizeof(*p));
	*p = (struct pump){ .next = pumps, .id = add->id, .port = port, .pty = pty, .log = log };
	port_used[port] = true;
	pumps = p;
	*ret = p;
	return 0;
}

void pump_bid_farewell(struct pump *p)
{
	CHECK(is_pump(p));
}

void pump_free(struct pump *p)
{
	struct pump **at = &pumps;

	CHECK(is_pump(p));
	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	if (p->port != UINT32_MAX)
		port_used[p->port] = false;
	close(p->pty);
	if (p->log >= 0)
		close(p->log);
	free(p);
}

/* A ring that is found broken costs the console its port. */
static void look(struct pump *p)
{
	if (fuzz_u8(input) == 1 && p->port != UINT32_MAX) {
		port_used[p->port] = false;
		p->port = UINT32_MAX;
	}
}

void pump_on_kick(struct pump *p)
{
	CHECK(is_pump(p) && p->port < PORTS);
	kicked[nr_kicked++] = p->port;
	look(p);
}

void pump_on_tick(struct pump *p)
{
	CHECK(is_pump(p));
	look(p);
}

void pump_set_log(struct pump *p, int log)
{
	CHECK(is_pump(p) && fcntl(log, F_GETFD) >= 0);
	if (p->log >= 0)
		close(p->log);
	p->log = log;
}

uint32_t pump_id(const struct pump *p)
{
	CHECK(is_pump(p));
	return p->id;
}

uint32_t pump_port(const struct pump *p)
{
	CHECK(is_pump(p));
	return p->port;
}

/* A port that is taken and has a console is kicked, once; none else is. */
static uint32_t pending[4];
static int nr_pending;

int evtchn_take(struct evtchn *ec, uint32_t *ports, unsigned int max)
{
	CHECK(max >= 4);
	memcpy(ports, pending, sizeof(pending));
	return nr_pending;
}

int child_tell(enum worker_msg_type type, uint32_t id)
{
	ready += type == WORKER_MSG_READY;
	dropped += type == WORKER_MSG_CON_GONE;
	return 0;
}

int child_failed(int err, uint32_t id, const char *fmt, ...)
{
	failed++;
	return err;
}

void loop_quit(struct loop *loop)
{
	quits++;
}

/* Not reached: the start of the process. */

int child_begin(struct child *c, int argc, char **argv, const char *kind)
{
	return -EINVAL;
}

int child_ready(void)
{
	return -EINVAL;
}

int loop_new(struct loop **ret)
{
	return -EINVAL;
}

int loop_run(struct loop *loop)
{
	return -EINVAL;
}

int loop_add_fd(struct loop *loop, int fd, uint32_t events, loop_fn *fn, void *ctx,
		struct loop_source **ret)
{
	return -EINVAL;
}

int loop_add_timer(struct loop *loop, loop_fn *fn, void *ctx, struct loop_source **ret)
{
	return -EINVAL;
}

int evtchn_open(struct evtchn **ret)
{
	return -EINVAL;
}

int evtchn_fd(const struct evtchn *ec)
{
	return -EINVAL;
}

int gnttab_open(struct gnttab **ret)
{
	return -EINVAL;
}

int sandbox_seal(const char *dev)
{
	return -EINVAL;
}

int writer_start(void (*full)(uint32_t id), struct writer **ret)
{
	return -EINVAL;
}

void writer_finish(struct writer *writer, unsigned int ms)
{
}

static int next_message(struct child *c)
{
	static const uint32_t types[] = { WORKER_MSG_CON_ADD, WORKER_MSG_CON_ADD,
					  WORKER_MSG_CON_DEL, WORKER_MSG_CON_LOG };
	uint8_t bits = fuzz_u8(input);

	if (bits == 0xff)
		return -EPIPE;
	memset(&c->msg, 0, sizeof(c->msg));
	c->msg.type = bits & 0x80 ? bits : types[bits & 3];
	c->msg.id = bits >> 2 & 15;
	/* The right number of descriptors, or any. */
	c->nr_fds = bits & 0x40 ? fuzz_u8(input) % 4 : (bits & 3) == 2 ? 0 : 1 + (bits >> 5 & 1);
	if (c->msg.type == WORKER_MSG_STOP)
		c->nr_fds = 0; /* the process ends, and they with it */
	for (unsigned int i = 0; i < c->nr_fds; i++)
		c->fds[i] = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
	adds += c->msg.type == WORKER_MSG_CON_ADD;
	return 0;
}

static void events(void)
{
	unsigned int want = 0;

	nr_kicked = 0;
	nr_pending = (int)fuzz_below(input, 5) - 1;
	for (int i = 0; i < nr_pending; i++) {
		pending[i] = fuzz_u8(input) % 64;
		want += pending[i] < PORTS && port_used[pending[i]];
	}
	on_evtchn(NULL, EPOLLIN);
	CHECK(nr_kicked <= want);
	for (unsigned int i = 0, j = 0; i < nr_kicked; i++, j++) {
		while (pending[j] != kicked[i])
			CHECK(++j < (unsigned int)nr_pending);
	}
}

static unsigned int count_fds(void)
{
	unsigned int nr = 0;

	for (int fd = 0; fd < FDS_MAX; fd++)
		nr += fcntl(fd, F_GETFD) >= 0;
	return nr;
}

static void check(unsigned int fds)
{
	unsigned int nr = 0, ours = 0;

	for (const struct pump *p = pumps; p; p = p->next, nr++)
		ours += 1 + (p->log >= 0);
	CHECK(state.nr_pumps == nr && ready == nr + dropped);
	CHECK(adds == ready + failed);
	CHECK(count_fds() == fds + ours);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size < 512 ? size : 512 };
	unsigned int fds = count_fds();

	input = &f;
	memset(&state, 0, sizeof(state));
	ready = failed = dropped = adds = quits = 0;
	while (f.left > 0 && quits == 0 && state.nr_pumps < 20) {
		switch (fuzz_below(&f, 4)) {
		case 0:
			events();
			break;
		case 1:
			on_tick(NULL, 0);
			break;
		default:
			on_control(NULL, EPOLLIN);
		}
		check(fds);
	}
	while (state.nr_pumps > 0)
		del_console(pump_id(state.pumps[0]));
	check(fds);
	CHECK(!pumps);
	free(state.pumps);
	free(state.by_port);
	return 0;
}
