// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A frontend that opens and closes its device all the time, with good keys, with bad
 * ones and without connecting at all, does not fill the host's log: ten lines of a
 * kind and then a few a minute, whose number is told.
 */
#include "dev.h"

#include <stdio.h>

#define ROUNDS 30
#define LINES_MAX 15

static void toggle(struct dev *d)
{
	dev_say(d, XenbusStateClosed);
	dev_wait(d, XenbusStateClosed);
	dev_say(d, XenbusStateInitialising);
	dev_wait(d, XenbusStateInitWait);
}

static void connect_badly(struct dev *d)
{
	must(front_write(d->front, "event-channel", "none"));
	dev_say(d, XenbusStateConnected);
	dev_wait(d, XenbusStateClosing);
	toggle(d);
}

static void connect_well(struct dev *d)
{
	dev_connect(d);
	dev_reset(d);
}

int main(int argc, char **argv)
{
	static void (*const ways[])(struct dev * d) = { toggle, connect_badly, connect_well };
	enum kind kind = kind_argument(argc, argv);

	for (unsigned int way = 0; way < sizeof(ways) / sizeof(ways[0]); way++) {
		char prefix[64];
		unsigned int lines;
		struct dev d;

		dev_new(&d, "noisy", kind);
		dev_reset(&d);
		for (int i = 0; i < ROUNDS; i++)
			ways[way](&d);
		/* The supervisor's; each worker has two of its own, with its counters. */
		snprintf(prefix, sizeof(prefix), "backd: %s: ", d.name);
		lines = log_lines(kind_daemon(kind), prefix, NULL);
		check(lines > 0 && lines <= LINES_MAX, "%u lines about %u rounds", lines, ROUNDS);
		dev_close(&d);
	}
	return 0;
}
