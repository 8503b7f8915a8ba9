// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The daemon is stopped or killed, and started again, while a device is at any
 * step: the device goes on from there. One that is connected stays in state 4, and
 * the frontend's ring goes on where it was.
 */
#include <signal.h>

#include "dev.h"

static void restart_at(enum kind kind, uint16_t domid, enum step step, int sig)
{
	const char *daemon = kind_daemon(kind);
	struct dev d;

	dev_bring(&d, domid, kind, 0, step);
	daemon_end(daemon, sig);
	dev_wait_unmapped(&d);
	if (step == STEP_CONNECTED || step == STEP_CLOSING)
		check(back_state(&d) ==
			      (step == STEP_CONNECTED ? XenbusStateConnected : XenbusStateClosing),
		      "%s: state %d without a daemon", d.name, back_state(&d));
	daemon_start(daemon);
	if (step == STEP_CONNECTED)
		check(dev_served(&d, PATIENCE_MS), "%s: not taken over", d.name);
	dev_go_on(&d, step);
	dev_detach(&d);
	check(!back_exists(&d), "%s: its directory is there again", d.name);
	dev_close(&d);
}

int main(int argc, char **argv)
{
	static const int signals[] = { SIGTERM, SIGKILL, SIGINT };
	enum kind kind = kind_argument(argc, argv);
	uint16_t domid = guest_new("patient");
	struct holdings before;

	restart_at(kind, domid, STEP_CONNECTED, SIGTERM);
	holdings_take(kind, &before);
	for (unsigned int i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		for (int step = 0; step < NR_STEPS; step++)
			restart_at(kind, domid, (enum step)step, signals[i]);
	holdings_expect(kind, &before);
	return 0;
}
