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
#include <stdlib.h>
#include <time.h>

#include "dev.h"
#include "xsconn.h"

#define ROUNDS 40
/* Enough to meet several tries of one transaction; the daemon gives up after 50 in vain. */
#define BURST 12
#define PAUSE_NS 5000000

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
	atomic_uint writes;
	atomic_uint probes, conflicts; /* transactions like the daemon's; those that failed */
};

static void rest(void)
{
	struct timespec pause = { .tv_nsec = PAUSE_NS };

	nanosleep(&pause, NULL);
}

/* Makes and removes a node: the directory is another one each time. */
static void *make_noise(void *ctx)
{
	struct noise *n = ctx;
	struct xsconn *c;
	char path[160];

	snprintf(path, sizeof(path), "%s/noise", n->dir);
	must(xsconn_open_dom0(&c));
	for (; !n->stop; rest()) {
		for (int i = 0; i < BURST; i++) {
			/* Only where there is a device: it is not to be made by this. */
			if (xsconn_tx_begin(c) != 0)
				continue;
			if (xsconn_exists(c, n->dir))
				xsconn_printf(c, n->dir, "noise", "%d", i);
			xsconn_tx_end(c);
			xsconn_rm(c, path);
			n->writes++;
		}
	}
	xsconn_close(c);
	return NULL;
}

static int probe(struct xsconn *c, const char *dir)
{
	char key[16];
	int err = xsconn_tx_begin(c);

	if (err)
		return err;
	for (int i = 0; i < 8 && xsconn_exists(c, dir); i++) {
		snprintf(key, sizeof(key), "probe-%d", i);
		xsconn_printf(c, dir, key, "1");
	}
	return xsconn_tx_end(c);
}

/* Shows that who does what the daemon does meets conflicts. */
static void *make_probes(void *ctx)
{
	struct noise *n = ctx;
	struct xsconn *c;

	must(xsconn_open_dom0(&c));
	for (; !n->stop; rest()) {
		n->probes++;
		n->conflicts += probe(c, n->dir) == -EAGAIN;
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
	must(-pthread_create(&threads[0], NULL, make_noise, &n));
	must(-pthread_create(&threads[1], NULL, make_probes, &n));
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
	printf("%u writes; of %u transactions like the daemon's %u met a conflict\n", n.writes,
	       n.probes, n.conflicts);
	/* oxenstored merges what does not contradict itself, so there are few or none. */
	check(n.conflicts > 0 || strcmp(getenv("WORLD_XENSTORED"), "c") != 0,
	      "nobody met a conflict, so this was no test");
	return 0;
}
