// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The life of devices: bus.c, device.c, state.c and store.c over a tree in
 * memory, with a toolstack, frontends, domains and workers that do anything in
 * any order, calls to XenStore that fail, transactions that are lost, and
 * restarts of the daemon. See the README for what must hold.
 */
#include "fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <xen/io/xenbus.h>

#include "fake_toolstack.h"
#include "fake_worker.h"
#include "fake_xs.h"
#include "xenbus/internal.h"
#include "xenbus/keys.h"

static struct fuzz *input;
static struct store *store;
static struct xenbus *bus;

/* What goes wrong in the driver until the next act. */
static struct {
	bool prepare, connect, start, pass_fd;
} mood;

static unsigned int prepared;  /* devices that hold something of the driver's */
static unsigned int writes;    /* by the backend */
static unsigned int shutdowns; /* that have come to their end */
static int passed_fd = -1;     /* given to the last worker */

static struct {
	int err;	    /* what calls fail with */
	unsigned int calls; /* how many more go well */
	unsigned int nr;    /* how many fail then */
	int lose;	    /* device whose directory goes during the next transaction; -1: none */
} fault;

/* An error node can be left behind: a call failed, or a device went while there was no daemon. */
static bool may_leave_errors;

static struct xenbus_device *device(unsigned int i)
{
	return xenbus_find(bus, (uint16_t)domid_of(i), i % 2);
}

static const struct worker *worker_of(const struct xenbus_device *dev)
{
	for (const struct worker *w = fake_workers; w; w = w->next)
		if (w->ctx == dev)
			return w;
	return NULL;
}

/* XenStore. */

static int on_call(enum fake_xs_op op)
{
	if (op == FAKE_XS_END && fault.lose >= 0) {
		fake_xs_remove(back((unsigned int)fault.lose, ""));
		fault.lose = -1;
	}
	if (fault.nr == 0)
		return 0;
	if (fault.calls > 0) {
		fault.calls--;
		return 0;
	}
	fault.nr--;
	/* Nothing but the end of a transaction is lost to others. */
	if (fault.err == EAGAIN && op != FAKE_XS_END)
		return 0;
	may_leave_errors = true;
	return fault.err;
}

static void check_state(const struct xenbus_device *dev, const char *value)
{
	const struct worker *w = worker_of(dev);

	switch (atoi(value)) {
	case XenbusStateInitWait:
		CHECK(dev->priv && !w);
		break;
	case XenbusStateConnected:
	case XenbusStateReconfigured:
		CHECK(dev->priv && w && w->ready && !w->asked);
		break;
	case XenbusStateClosing:
		break;
	case XenbusStateClosed:
		CHECK(!w);
		break;
	default:
		CHECK(!"a state that a backend goes to");
	}
}

/* What the backend may write: its state and features, while the directory is there. */
static void on_change(const char *path, const char *value)
{
	unsigned int domid, devid;
	int end = 0;

	writes++;
	if (strncmp(path, "/local/domain/0/error/backend/vbd/", 34) == 0)
		return;
	CHECK(sscanf(path, BACK_ROOT "/%u/%u/%n", &domid, &devid, &end) == 2 && end > 0);
	if (!value) {
		CHECK(strcmp(path + end, "state") == 0);
		return;
	}
	CHECK(fake_xs_get(back((domid - 1) * 2 + devid, "state")));
	if (strcmp(path + end, "state") == 0 && bus)
		check_state(xenbus_find(bus, (uint16_t)domid, devid), value);
	else
		CHECK(strcmp(path + end, "state") == 0 || strcmp(path + end, "feature-a") == 0 ||
		      strcmp(path + end, "feature-b") == 0);
}

/* The driver. */

static int drv_prepare(struct xenbus_device *dev)
{
	bus = dev->bus; /* the first devices come before xenbus_new() returns */
	CHECK(!dev->priv && !dev->worker);
	if (mood.prepare)
		return xenbus_error(dev, -EINVAL, "not today");
	dev->priv = calloc(1, 8);
	prepared++;
	return 0;
}

static int drv_transport(struct xenbus_device *dev)
{
	CHECK(dev->priv);
	return back_write_u64(dev, "feature-a", 1);
}

static int drv_connect(struct xenbus_device *dev, struct worker_msg *conf, int *fds,
		       unsigned int *nr_fds)
{
	CHECK(dev->priv && !worker_of(dev));
	if (mood.connect)
		return xenbus_error(dev, 0, "frontend key is missing");
	if (mood.pass_fd) {
		fds[0] = passed_fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
		*nr_fds = 1;
	}
	fake_worker_error = mood.start ? -EMFILE : 0;
	return 0;
}

static int drv_features(struct xenbus_device *dev)
{
	CHECK(dev->priv && worker_of(dev));
	return back_write_u64(dev, "feature-b", 1);
}

static void drv_front_changed(struct xenbus_device *dev)
{
	CHECK(!worker_of(dev) || dev->priv);
}

static bool drv_settled(struct xenbus_device *dev)
{
	CHECK(dev->priv && worker_of(dev) && worker_of(dev)->ready);
	return !mood.connect;
}

static void drv_disconnected(struct xenbus_device *dev)
{
	CHECK(dev->priv && !worker_of(dev));
}

static void drv_release(struct xenbus_device *dev)
{
	CHECK(dev->priv && !worker_of(dev));
	free(dev->priv);
	dev->priv = NULL;
	prepared--;
}

static const char *const front_keys[] = { "key-a", "key-b", NULL };

static struct xenbus_driver driver = {
	.kind = "vbd",
	.worker = "nothing",
	.prepare = drv_prepare,
	.write_transport = drv_transport,
	.connect = drv_connect,
	.write_features = drv_features,
	.front_keys = front_keys,
	.front_changed = drv_front_changed,
	.settled = drv_settled,
	.disconnected = drv_disconnected,
	.release = drv_release,
};

/* The daemon. */

static void check_devices(void)
{
	unsigned int workers = 0, holding = 0;

	for (struct xenbus_device *dev = xenbus_devices(bus); dev; dev = dev->next) {
		const struct worker *w = worker_of(dev);

		CHECK(dev->worker == w && (w != NULL) == (dev->worker_state != XENBUS_WORKER_NONE));
		CHECK(!w || w->asked == (dev->worker_state == XENBUS_WORKER_STOPPING) ||
		      bus->stopping);
		CHECK(dev->prepared == (dev->priv != NULL));
		workers += w != NULL;
		holding += dev->priv != NULL;
	}
	for (const struct worker *w = fake_workers; w; w = w->next)
		workers--;
	CHECK(workers == 0 && holding == prepared);
	CHECK(passed_fd < 0 || fcntl(passed_fd, F_GETFD) < 0);
	passed_fd = -1;
}

/* Events are all told and nothing failed: who has no frontend has no worker that is not ending. */
static void check_rest(void)
{
	for (unsigned int i = 0; i < NR_DEVICES; i++) {
		struct xenbus_device *dev = device(i);
		const char *state = fake_xs_get(back(i, "state"));
		const struct worker *w = dev ? worker_of(dev) : NULL;
		bool orphan = !fake_xs_get(front(i, "state")) ||
			      !fake_xs_get(back(i, "frontend")) ||
			      !store_domain_alive(store, (uint16_t)domid_of(i));

		CHECK(!w || w->asked || !orphan);
		CHECK(!w || w->asked || !state || strcmp(state, "6") != 0);
	}
}

static void deliver(unsigned int max)
{
	bool calm = fault.nr == 0 && fault.lose < 0;
	struct store_event ev;

	while (max-- > 0 && store_next_event(store, &ev) == 0)
		xenbus_event(bus, &ev);
	xenbus_settle(bus);
	check_devices();
	if (calm && !fake_xs_pending())
		check_rest();
}

static void start(void)
{
	while (fake_xs_pending()) {
		struct store_event ev;

		store_next_event(store, &ev);
	}
	if (xenbus_new(NULL, store, &driver, &bus) == 0)
		return;
	/* As the daemon does: it ends, and somebody starts it again. */
	CHECK(fault.err != 0);
	fault.nr = 0;
	fake_xs_disconnect();
	CHECK(xenbus_new(NULL, store, &driver, &bus) == 0);
}

static void on_shut_down(void *ctx)
{
	shutdowns++;
	CHECK(!fake_workers);
}

/* Three watches for each device, with its keys, and two for the bus. */
static void check_watches(void)
{
	unsigned int nr = 2;

	for (struct xenbus_device *dev = xenbus_devices(bus); dev; dev = dev->next)
		nr += 3;
	CHECK(fake_xs_watches() == nr);
}

static void restart(bool orderly)
{
	unsigned int before = shutdowns;

	may_leave_errors = true;
	if (orderly) {
		xenbus_shutdown(bus, on_shut_down, NULL);
		while (fake_workers) {
			CHECK(shutdowns == before && fake_workers->asked);
			fake_worker_end(fake_workers);
		}
		CHECK(shutdowns == before + 1);
	}
	fake_workers_orphaned();
	check_watches();
	fake_xs_disconnect();
	xenbus_free(bus);
	bus = NULL;
	prepared = 0;
	start();
	check_devices();
}

static struct worker *any_worker(void)
{
	struct worker *w = fake_workers;

	for (unsigned int n = fuzz_below(input, NR_DEVICES); w && w->next && n > 0; n--)
		w = w->next;
	return w;
}

static void worker_speaks(void)
{
	static const uint32_t types[] = { WORKER_MSG_READY, WORKER_MSG_READY, WORKER_MSG_FAILED,
					  WORKER_MSG_BROKEN };
	uint8_t bits = fuzz_u8(input);
	struct worker_msg msg = { .type = bits & 0x80 ? bits : types[bits & 3] };
	struct worker *w = any_worker();

	if (!w)
		return;
	msg.err = 100 - (int32_t)fuzz_u8(input);
	fuzz_bytes(input, msg.text, 1 + fuzz_u8(input) % (WORKER_TEXT_MAX - 1));
	msg.text[WORKER_TEXT_MAX - 1] = '\0';
	fake_worker_say(w, &msg);
	check_devices();
}

static void break_something(void)
{
	static const int errors[] = { EAGAIN, EACCES, ENOSPC, EIO, ENOMEM, EAGAIN, EAGAIN, ENOENT };
	uint8_t bits = fuzz_u8(input);

	if (bits & 0x80) {
		fault.lose = bits % NR_DEVICES;
		return;
	}
	fault.err = errors[bits & 7];
	fault.calls = bits >> 3 & 15;
	fault.nr = fuzz_u8(input) % (fault.err == EAGAIN ? 60 : 4);
}

static void act(void)
{
	uint8_t bits = fuzz_u8(input);
	unsigned int i = bits % NR_DEVICES;
	struct worker *w;

	mood.prepare = (bits >> 2 & 7) == 7;
	mood.connect = (bits >> 2 & 7) == 6;
	mood.start = (bits >> 2 & 7) == 5;
	mood.pass_fd = bits & 0x80;
	switch (fuzz_below(input, 16)) {
	case 0:
	case 1:
	case 2:
		toolstack(input, i);
		break;
	case 3:
	case 4:
	case 5:
		frontend(input, i);
		break;
	case 6:
	case 7:
		worker_speaks();
		break;
	case 8:
		w = any_worker();
		if (w)
			fake_worker_end(w);
		check_devices();
		break;
	case 9:
		break_something();
		break;
	case 10:
		restart(fuzz_u8(input) & 1);
		break;
	default:
		deliver(1 + fuzz_u8(input) % 32);
	}
}

/* From here on all goes well; workers end when they are told to. */
static void settle_down(void)
{
	for (unsigned int rounds = 0; fake_xs_pending() || rounds == 0; rounds++) {
		struct worker *next;

		CHECK(rounds < 8);
		deliver(UINT32_MAX);
		for (struct worker *w = fake_workers; w; w = next) {
			next = w->next;
			if (w->asked) {
				fake_worker_end(w);
				next = fake_workers; /* others may have come and gone */
			}
		}
	}
	writes = 0;
	for (struct xenbus_device *dev = xenbus_devices(bus); dev; dev = dev->next)
		dev->dirty = true;
	xenbus_settle(bus);
	CHECK(writes == 0); /* it had come to rest */
}

static void part(unsigned int i, uint8_t how)
{
	if (how == 0)
		fake_xs_domain((uint16_t)domid_of(i), false);
	else if (how == 1)
		fake_xs_remove(front(i, ""));
	else if (fake_xs_get(front(i, "")))
		fake_xs_set_text(front(i, "state"), "6");
	/* Also those that an error has made the daemon forget. */
	if (fake_xs_get(back(i, "")))
		fake_xs_set_text(back(i, "online"), "0");
}

/* Frontends go, each in its way: closed is what every device comes to, and soon. */
static void end_of_guests(void)
{
	uint8_t how = fuzz_u8(input) % 3;

	for (unsigned int i = 0; i < NR_DEVICES; i++)
		part(i, how);
	settle_down();
	for (unsigned int i = 0; i < NR_DEVICES; i++) {
		const char *state = fake_xs_get(back(i, "state"));
		const char *path = fake_xs_get(back(i, "frontend"));
		int now = state && state[1] == '\0' ? atoi(state) : 0;
		bool usual = now == 1 || now == 2 || now == 4 || now == 5 || now == 8;

		CHECK(!device(i) || !worker_of(device(i)));
		if (state && path && strcmp(path, front(i, "")) == 0)
			CHECK(how < 2 ? now == 6 || now == 0 || now == 9 : !usual);
	}
}

static void end_of_devices(void)
{
	for (unsigned int i = 0; i < NR_DEVICES; i++)
		fake_xs_remove(back(i, ""));
	settle_down();
	CHECK(!xenbus_devices(bus) && prepared == 0 && !fake_workers);
	if (!may_leave_errors)
		CHECK(fake_xs_count("/local/domain/0/error/backend/vbd/") == 0);
	check_watches();
}

static void begin(struct fuzz *f)
{
	input = f;
	fake_xs_reset();
	fake_xs_set_text("domid", "0");
	fake_xs_domain(1, true);
	fake_xs_domain(2, true);
	CHECK(store_open(&store) == 0);
	prepared = 0;
	passed_fd = -1;
	memset(&fault, 0, sizeof(fault));
	fault.lose = -1;
	may_leave_errors = false;
	memset(&mood, 0, sizeof(mood));
	driver.front_initialised_is_ready = fuzz_u8(f) & 1;
	fake_xs_fault = on_call;
	fake_xs_change = on_change;
	start();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size < 800 ? size : 800 };

	begin(&f);
	while (f.left > 4)
		act();
	memset(&mood, 0, sizeof(mood));
	fault.nr = 0;
	fault.lose = -1;
	end_of_guests();
	end_of_devices();
	xenbus_free(bus);
	store_close(store);
	fake_xs_reset();
	return 0;
}
