// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guest that writes its state again and again, over several connections and as
 * fast as it can, does not stop the daemon from serving others: their devices connect in
 * three seconds, the daemon does not grow, and the guest itself still gets what it asked for last.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "dev.h"
#include "xsconn.h"

#define STORMERS 3
#define NEIGHBOURS 10
#define SOON_MS 3000
#define GROWTH_MAX_KIB 4096

static struct dev noisy;
static atomic_bool stop;
static atomic_uint writes;

static void *storm(void *ctx)
{
	struct xsconn *c;

	must(xsconn_open_guest(noisy.domid, &c));
	while (!stop) {
		must(xsconn_printf(c, front_path(noisy.front), "state", "%d",
				   XenbusStateInitialising));
		writes++;
	}
	xsconn_close(c);
	return NULL;
}

int main(int argc, char **argv)
{
	enum kind kind = kind_argument(argc, argv);
	uint16_t domid = guest_new("noisy");
	pthread_t threads[STORMERS];
	struct dev neighbour;
	int64_t slowest = 0;
	long kib = daemon_kib(kind_daemon(kind));

	attach(domid, kind, 0);
	dev_open(&noisy, domid, kind, 0);
	for (int i = 0; i < STORMERS; i++)
		must(-pthread_create(&threads[i], NULL, storm, NULL));
	domid = guest_new("neighbour");
	for (int i = 0; i < NEIGHBOURS; i++) {
		int64_t begin = now_ms();

		dev_bring(&neighbour, domid, kind, 0, STEP_CONNECTED);
		slowest = now_ms() - begin > slowest ? now_ms() - begin : slowest;
		must(toolstack_detach(domid, kind_name(kind), neighbour.devid, true));
		dev_close(&neighbour);
	}
	stop = true;
	for (int i = 0; i < STORMERS; i++)
		pthread_join(threads[i], NULL);
	kib = daemon_kib(kind_daemon(kind)) - kib;
	printf("%u writes, slowest neighbour %d ms, grown by %ld KiB\n", writes, (int)slowest, kib);
	check(writes > 200, "only %u writes are no storm", writes);
	check(slowest < SOON_MS, "a neighbour's device took %d ms", (int)slowest);
	check(kib < GROWTH_MAX_KIB, "grown by %ld KiB", kib);
	dev_connect(&noisy);
	check(dev_served(&noisy, PATIENCE_MS), "%s: no answer after the storm", noisy.name);
	return 0;
}
