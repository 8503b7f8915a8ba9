// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A domain that dies while its device is at any step leaves nothing behind: the
 * backend lets go of its memory at once, so that it does not stay as a zombie, goes
 * to 6 for the toolstack, and another guest's device notices nothing. Both where xenstored
 * removes the guest's nodes with it, and where they are domain 0's and stay.
 */
#include <stdio.h>

#include "dev.h"
#include "xsconn.h"

static void chown_to_domain0(const struct dev *d)
{
	char state[128], both[16];
	struct xsconn *c;

	snprintf(state, sizeof(state), "%s/state", front_path(d->front));
	snprintf(both, sizeof(both), "b%u", d->domid);
	must(xsconn_open_dom0(&c));
	must(xsconn_chmod(c, front_path(d->front), "n0", both));
	must(xsconn_chmod(c, state, "n0", both));
	xsconn_close(c);
}

static void die_at(enum kind kind, enum step step, bool nodes_stay, const struct holdings *before,
		   struct dev *other)
{
	struct dev d;

	dev_bring(&d, guest_new("victim"), kind, 0, step);
	if (nodes_stay)
		chown_to_domain0(&d);
	guest_crash(d.domid);
	dev_wait_unmapped(&d);
	back_wait(&d, XenbusStateClosed);
	check(dev_served(other, PATIENCE_MS), "the other guest's device does not go on");
	dev_close(&d);
	guest_clean_up(d.domid);
	holdings_expect(kind, before);
}

int main(int argc, char **argv)
{
	enum kind kind = kind_argument(argc, argv);
	struct dev other, first;
	struct holdings before;

	dev_new(&other, "bystander", kind);
	/* What is made for the first device of all stays. */
	dev_bring(&first, guest_new("first"), kind, 0, STEP_CONNECTED);
	dev_close(&first);
	must(toolstack_destroy(first.domid));
	holdings_take(kind, &before);
	for (int round = 0; round < 4; round++)
		for (int step = 0; step < NR_STEPS; step++)
			die_at(kind, (enum step)step, round % 2, &before, &other);
	return 0;
}
