// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The toolstack detaches a device at any step: with the frontend's help, by
 * force (then the frontend's directory goes first, and the guest does nothing), and, where
 * it was never connected, while the guest does nothing: the backend is at 6 long
 * before libxl loses patience, and nothing is left.
 */
#include "dev.h"

/* libxl waits ten seconds. */
#define SOON_MS 4000

enum way { WITH_ITS_HELP, BY_FORCE, SILENT, NR_WAYS };

static void detach_at(enum kind kind, uint16_t domid, enum step step, enum way way,
		      const struct holdings *before)
{
	int64_t begin;
	struct dev d;

	dev_bring(&d, domid, kind, 0, step);
	begin = now_ms();
	if (way == WITH_ITS_HELP || (way == SILENT && step >= STEP_READY))
		dev_detach(&d);
	else
		must(toolstack_detach(domid, kind_name(kind), d.devid, way == BY_FORCE));
	check(now_ms() - begin < SOON_MS, "%s: detaching at step %s took %d ms", d.name,
	      step_names[step], (int)(now_ms() - begin));
	dev_wait_unmapped(&d);
	dev_close(&d);
	holdings_expect(kind, before);
}

int main(int argc, char **argv)
{
	enum kind kind = kind_argument(argc, argv);
	uint16_t domid = guest_new("guest");
	struct holdings before;
	struct dev first;

	dev_bring(&first, domid, kind, 0, STEP_CONNECTED);
	dev_detach(&first);
	dev_close(&first);
	holdings_take(kind, &before);
	for (int round = 0; round < 6; round++)
		for (int step = 0; step < NR_STEPS; step++)
			detach_at(kind, domid, (enum step)step, (enum way)(round % NR_WAYS),
				  &before);
	return 0;
}
