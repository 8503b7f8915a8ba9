// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The toolstack takes a device away just when the backend is about to write a
 * state itself: what the toolstack has written is not overwritten, the backend
 * goes to 6, and nobody waits. Tried at many moments after "new" and after "ready".
 */
#include "dev.h"

#include <time.h>

#define MOMENTS 60
#define MOMENT_NS 25000
#define SOON_MS 4000

static void pause_ns(long ns)
{
	struct timespec t = { .tv_nsec = ns };

	nanosleep(&t, NULL);
}

static void take_away(struct dev *d, long after_ns)
{
	int64_t begin;

	pause_ns(after_ns);
	begin = now_ms();
	dev_detach(d);
	check(now_ms() - begin < SOON_MS, "%s: detached after %ld us, that took %d ms", d->name,
	      after_ns / 1000, (int)(now_ms() - begin));
	dev_close(d);
}

int main(int argc, char **argv)
{
	enum kind kind = kind_argument(argc, argv);
	uint16_t domid = guest_new("guest");

	for (int i = 0; i < MOMENTS; i++) {
		struct dev d;

		dev_bring(&d, domid, kind, 0, i % 2 ? STEP_NEW : STEP_READY);
		take_away(&d, i / 2 * MOMENT_NS);
	}
	return 0;
}
