// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Somebody else keeps writing into the backend's directory, as hotplug scripts do, so that
 * transactions of the daemon fail and have to be done again: nothing of what belongs to a state
 * is ever missing in that state, and each device gets there.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

#include "dev.h"
#include "xsconn.h"

#define ROUNDS 40
/* Often enough to meet every second transaction; the daemon gives up after 50 in vain. */
#define PAUSE_NS 500000

static const char *const transport_keys[NR_KINDS][4] = {
	[VBD] = { "max-ring-page-order" },
	[VIF] = { "feature-sg", "feature-rx-copy", "feature-split-event-channels" },
};
static const char *const feature_keys[NR_KINDS][5] = {
	[VBD] = { "sectors", "sector-size", "info", "feature-flush-cache" },
	[VIF] = { "feature-sg" },
};

struct noise {
	char dir[128];
	atomic_bool stop;
	atomic_uint conflicts; /* that our own transactions met: theirs meet as many */
	atomic_uint writes;
};

/* Makes and removes a node; between them the directory is another one. */
static void disturb(struct xsconn *c, struct noise *n)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/noise", n->dir);
	if (xsconn_tx_begin(c) != 0)
		return;
	/* Only where there is a device: it is not to be made by this. */
	if (!xsconn_exists(c, n->dir) || xsconn_printf(c, n->dir, "noise", "1") != 0) {
		xsconn_tx_abort(c);
		return;
	}
	if (xsconn_tx_end(c) == -EAGAIN)
		n->conflicts++;
	xsconn_rm(c, path);
	n->writes++;
}

static void *make_noise(void *ctx)
{
	struct noise *n = ctx;
	struct xsconn *c;

	must(xsconn_open_dom0(&c));
	while (!n->stop) {
		struct timespec pause = { .tv_nsec = PAUSE_NS };

		disturb(c, n);
		nanosleep(&pause, NULL);
	}
	xsconn_close(c);
	return NULL;
}

static void expect_keys(struct dev *d, const char *const *keys)
{
	char value[64];

	for (; *keys; keys++)
		check(front_read_backend(d->front, *keys, value, sizeof(value)) == 0,
		      "%s: no %s in state %d", d->name, *keys, front_backend_state(d->front));
}

int main(int argc, char **argv)
{
	enum kind kind = kind_argument(argc, argv);
	uint16_t domid = guest_new("guest");
	struct noise n = { .stop = false };
	pthread_t threads[2];
	struct dev d;

	attach(domid, kind, 0);
	dev_open(&d, domid, kind, 0);
	snprintf(n.dir, sizeof(n.dir), "/local/domain/0/backend/%s", d.name);
	for (int i = 0; i < 2; i++)
		must(-pthread_create(&threads[i], NULL, make_noise, &n));
	for (int round = 0; round < ROUNDS; round++) {
		expect_keys(&d, transport_keys[kind]);
		dev_connect(&d);
		expect_keys(&d, feature_keys[kind]);
		check(dev_served(&d, PATIENCE_MS), "%s: no answer", d.name);
		if (round % 2) {
			dev_reset(&d);
		} else {
			must(toolstack_detach(domid, kind_name(kind), d.devid, true));
			attach(domid, kind, 0);
		}
	}
	n.stop = true;
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	printf("%u writes, %u conflicts\n", n.writes, n.conflicts);
	check(n.conflicts > 0, "nobody met a conflict, so this was no test");
	return 0;
}
