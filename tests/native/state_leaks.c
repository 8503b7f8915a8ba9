// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fifty guests come and go, each with two devices that were connected, some by
 * the real hotplug script; detached, detached by force or destroyed with their
 * domain, or crashed. The daemon then holds what it held before: descriptors, children,
 * threads, taps, loop devices, mappings, nodes, and hardly more memory.
 */

#include "dev.h"

#define ROUNDS 50
#define GROWTH_MAX_KIB 1024

static void connect_both(struct dev *d, uint16_t domid, enum kind kind, enum toolstack_plug plug)
{
	for (unsigned int nr = 0; nr < 2; nr++) {
		must(attach_as(domid, kind, nr, plug));
		dev_open(&d[nr], domid, kind, nr);
		dev_connect(&d[nr]);
		check(dev_served(&d[nr], PATIENCE_MS), "%s: no answer", d[nr].name);
	}
}

static void round_of(enum kind kind, int way)
{
	uint16_t domid = guest_new("passer-by");
	struct dev d[2];

	/* The script takes a tenth of a second. */
	connect_both(d, domid, kind, way % 10 == 0 ? PLUG_SCRIPT : PLUG_OURSELVES);
	if (way % 4 == 0)
		dev_detach(&d[0]);
	else if (way % 4 == 1)
		must(toolstack_detach(domid, kind_name(kind), d[0].devid, true));
	else if (way % 4 == 2)
		guest_crash(domid);
	dev_close(&d[0]);
	dev_close(&d[1]);
	guest_clean_up(domid);
}

int main(int argc, char **argv)
{
	enum kind kind = kind_argument(argc, argv);
	struct holdings before;
	long kib;

	for (int i = 0; i < 4; i++)
		round_of(kind, i);
	holdings_take(kind, &before);
	kib = daemon_kib(kind_daemon(kind));
	for (int i = 0; i < ROUNDS; i++)
		round_of(kind, i);
	holdings_expect(kind, &before);
	kib = daemon_kib(kind_daemon(kind)) - kib;
	check(kib < GROWTH_MAX_KIB, "grown by %ld KiB in %d rounds", kib, ROUNDS);
	return 0;
}
