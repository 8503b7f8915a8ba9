// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The life of consoles in consoled: domains that come, go and are reused, keys
 * that change, a worker that dies, is slow to read and says anything. What the
 * worker has been told is followed: no two consoles of one domain at a time,
 * no id twice, and nothing is left when the domains are gone.
 */
#include "fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "../../consoled/domains.h"
#include "../../consoled/link.h"
#include "fake_worker.h"
#include "fake_xs.h"

#define NR_DOMAINS 4u
#define LIVE_MAX 32u

static struct fuzz *input;
static struct store *store;
static unsigned int open_ptys;
static bool slow; /* the worker does not read */

/* What goes wrong until the next act. */
static struct {
	bool pty, log, directory;
	unsigned int lost; /* transactions */
} mood;

/* Consoles as the worker knows them. */
static struct {
	uint32_t id;
	uint16_t domid;
} live[LIVE_MAX];
static unsigned int nr_live;
static uint32_t last_id;

/* The loop: timers go off when the input says. */

struct loop_source {
	loop_fn *fn;
	bool armed;
};

static struct loop_source timers[4];
static unsigned int nr_timers;

int loop_add_timer(struct loop *loop, loop_fn *fn, void *ctx, struct loop_source **ret)
{
	CHECK(nr_timers < 4);
	timers[nr_timers] = (struct loop_source){ .fn = fn };
	*ret = &timers[nr_timers++];
	return 0;
}

int loop_arm_timer(struct loop_source *src, uint64_t delay_ns)
{
	src->armed = delay_ns != 0;
	return 0;
}

static void go_off(struct loop_source *timer)
{
	if (!timer->armed)
		return;
	timer->armed = false;
	timer->fn(NULL, 0);
}

/* Ptys and logs. */

int pty_open(struct pty *p)
{
	if (mood.pty)
		return -EMFILE;
	p->master = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
	snprintf(p->path, sizeof(p->path), "/dev/pts/%u", ++open_ptys);
	return 0;
}

void pty_close(struct pty *p)
{
	if (p->master < 0)
		return;
	CHECK(close(p->master) == 0 && open_ptys-- > 0);
	*p = PTY_NONE;
}

void logfile_name(char file[LOGFILE_NAME_MAX], const char *guest)
{
	snprintf(file, LOGFILE_NAME_MAX, "guest-%s.log", guest);
}

int logfile_open(const char *dir, const char *file)
{
	CHECK(strncmp(file, "guest-", 6) == 0);
	return mood.log ? -EACCES : fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
}

int logfile_rotate(const char *dir, const char *file, unsigned int keep, uint64_t max)
{
	return logfile_open(dir, file);
}

/* The worker. */

static unsigned int find_live(uint32_t id)
{
	unsigned int i = 0;

	while (i < nr_live && live[i].id != id)
		i++;
	return i;
}

static int on_sent(struct worker *w, const struct worker_msg *msg, const int *fds,
		   unsigned int nr_fds)
{
	unsigned int i = find_live(msg->id);

	if (slow)
		return -EAGAIN;
	switch (msg->type) {
	case WORKER_MSG_CON_ADD:
		CHECK(nr_fds == 1 || nr_fds == 2);
		CHECK(msg->id > last_id && i == nr_live && nr_live < LIVE_MAX);
		for (i = 0; i < nr_live; i++)
			CHECK(live[i].domid != msg->con.domid);
		CHECK(msg->con.evtchn > 0 && msg->con.backlog_max <= 1 << 20);
		last_id = live[nr_live].id = msg->id;
		live[nr_live++].domid = msg->con.domid;
		break;
	case WORKER_MSG_CON_DEL:
		CHECK(nr_fds == 0);
		if (i < nr_live) /* it may have said of its own that it is gone */
			live[i] = live[--nr_live];
		break;
	case WORKER_MSG_CON_LOG:
		CHECK(nr_fds == 1);
		break;
	default:
		CHECK(!"a message for a console worker");
	}
	return 0;
}

/* What it has not said again after it died is forgotten. */
static void end_worker(void)
{
	if (!fake_workers)
		return;
	nr_live = 0;
	slow = false;
	fake_worker_end(fake_workers);
}

static void worker_speaks(void)
{
	static const uint32_t types[] = { WORKER_MSG_READY,  WORKER_MSG_READY,
					  WORKER_MSG_FAILED, WORKER_MSG_CON_ROTATE,
					  WORKER_MSG_BROKEN, WORKER_MSG_CON_GONE };
	uint8_t bits = fuzz_u8(input);
	struct worker_msg msg = { .type = types[bits % 6], .text = "broken" };

	if (!fake_workers)
		return;
	if (bits & 0x80)
		msg.id = fuzz_u8(input) & 1 ? fuzz_u32(input) : 0;
	else if (nr_live > 0)
		msg.id = live[fuzz_u8(input) % nr_live].id;
	if (bits == 0x7f)
		msg.type = fuzz_u32(input);
	/* One that could not be added is not there. */
	if (msg.type == WORKER_MSG_FAILED && find_live(msg.id) < nr_live)
		live[find_live(msg.id)] = live[--nr_live];
	fake_worker_say(fake_workers, &msg);
}

/* consoled.c's part, without the process. */

static void on_con_message(const struct worker_msg *msg)
{
	struct con *con = domains_find(msg->id);

	if (!con)
		return;
	con_message(con, msg);
	if (con->state == CON_FAILED)
		domains_retry_later();
}

static void on_down(void)
{
	domains_each(con_link_down);
}

static void deliver(unsigned int max)
{
	struct store_event ev;

	while (max-- > 0 && store_next_event(store, &ev) == 0)
		domains_event(&ev);
	domains_settle();
}

/* Everybody else. */

static const char *key(unsigned int domid, const char *name)
{
	static char path[80];

	snprintf(path, sizeof(path), "/local/domain/%u%s%s", domid, *name ? "/" : "", name);
	return path;
}

static void text(unsigned int domid, const char *name, const char *format, unsigned int value)
{
	char buf[64];

	snprintf(buf, sizeof(buf), format, value);
	fake_xs_set_text(key(domid, name), buf);
}

static void domain(unsigned int domid)
{
	uint8_t bits = fuzz_u8(input);

	switch (bits & 7) {
	case 0:
	case 1:
		text(domid, "vm", "/vm/%u", bits >> 4);
		text(domid, "console/ring-ref", "%u", 7);
		text(domid, "console/port", "%u", 1 + (bits >> 6));
		fake_xs_domain((uint16_t)domid, true);
		break;
	case 2:
		fake_xs_domain((uint16_t)domid, false);
		break;
	case 3:
		fake_xs_remove(key(domid, ""));
		break;
	case 4:
		fake_xs_remove(key(domid, "console"));
		break;
	case 5:
		if (fake_xs_get(key(domid, "console")))
			text(domid, "console/port", bits & 0x80 ? "junk" : "%u", bits >> 5);
		break;
	case 6:
		if (fake_xs_get(key(domid, "console")))
			text(domid, "console/type", bits & 0x80 ? "ioemu" : "xenconsoled", 0);
		break;
	default:
		if (fake_xs_get(key(domid, "")))
			text(domid, "name", "a%u/../b", bits);
	}
}

/* Only the pty's name, and not into a domain that is gone. */
static void on_change(const char *path, const char *value)
{
	unsigned int domid;
	int end = 0;

	CHECK(value && strncmp(value, "/dev/pts/", 9) == 0);
	CHECK(sscanf(path, "/local/domain/%u/console/tty%n", &domid, &end) == 1);
	CHECK(end > 0 && path[end] == '\0' && fake_xs_get(key(domid, "console/port")));
}

static int on_call(enum fake_xs_op op)
{
	if (op != FAKE_XS_END)
		return 0;
	if (mood.directory)
		for (unsigned int i = 1; i <= NR_DOMAINS; i++)
			fake_xs_remove(key(i, "console"));
	mood.directory = false;
	if (mood.lost == 0)
		return 0;
	mood.lost--;
	return EAGAIN;
}

static void act(void)
{
	uint8_t bits = fuzz_u8(input);

	mood.pty = bits >> 4 == 1;
	mood.log = bits >> 4 == 2;
	mood.directory = bits >> 4 == 3;
	mood.lost = bits >> 4 == 4 ? 1 + (bits & 3) : 0;
	switch (bits & 15) {
	case 0:
	case 1:
	case 2:
		domain(1 + fuzz_below(input, NR_DOMAINS));
		break;
	case 3:
	case 4:
		worker_speaks();
		break;
	case 5:
		if (fuzz_u8(input) & 1)
			end_worker();
		else
			slow = fuzz_u8(input) & 1;
		break;
	case 6:
		fake_worker_error = fuzz_u8(input) == 1 ? -ENOMEM : 0;
		go_off(&timers[fuzz_u8(input) % nr_timers]);
		break;
	case 7:
		domains_each(con_reopen_log);
		break;
	default:
		deliver(1 + fuzz_u8(input) % 16);
	}
}

static unsigned int nr_cons, nr_with;

static void count_con(struct con *con)
{
	nr_cons++;
	nr_with += con->pty.master >= 0;
}

static void check(void)
{
	nr_cons = nr_with = 0;
	domains_each(count_con);
	CHECK(nr_cons <= NR_DOMAINS && nr_with <= NR_DOMAINS);
	CHECK(fake_xs_watches() == 2 + nr_cons);
}

static unsigned int count_fds(void)
{
	unsigned int nr = 0;

	for (int fd = 0; fd < 200; fd++)
		nr += fcntl(fd, F_GETFD) >= 0;
	return nr;
}

/* All domains die: nothing is left of any, here or with the worker. */
static void finish(void)
{
	for (unsigned int i = 1; i <= NR_DOMAINS; i++)
		fake_xs_domain((uint16_t)i, false);
	slow = false;
	memset(&mood, 0, sizeof(mood));
	deliver(UINT32_MAX);
	for (unsigned int i = 0; i < nr_timers; i++)
		go_off(&timers[i]);
	check();
	CHECK(nr_cons == 0 && open_ptys == 0);
	CHECK(!link_is_up() || nr_live == 0);
	end_worker();
}

static void begin(void)
{
	static const struct con_settings settings = { .log_dir = "/nowhere", .log_keep = 2 };
	static const struct link_ops ops = { .up = domains_look_all,
					     .down = on_down,
					     .message = on_con_message };

	fake_xs_reset();
	fake_xs_set_text("domid", "0");
	CHECK(store_open(&store) == 0);
	nr_timers = nr_live = open_ptys = last_id = 0;
	slow = false;
	memset(&mood, 0, sizeof(mood));
	fake_worker_error = 0;
	fake_worker_sent = on_sent;
	con_init(store, &settings);
	CHECK(domains_start(NULL, store) == 0 && link_start(NULL, &ops) == 0);
	fake_xs_fault = on_call;
	fake_xs_change = on_change;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size < 800 ? size : 800 };
	unsigned int fds = count_fds();

	input = &f;
	begin();
	while (f.left > 0) {
		act();
		check();
	}
	finish();
	store_close(store);
	fake_xs_reset();
	CHECK(count_fds() == fds);
	return 0;
}
