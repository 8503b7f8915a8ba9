// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The backend's directory is removed at any step, without a word before: the device
 * is let go of, its directory does not come back, and one made anew in its place works.
 */
#include <stdio.h>

#include "dev.h"

static void remove_at(enum kind kind, uint16_t domid, enum step step, const struct holdings *before,
		      struct dev *other)
{
	struct holdings bare = *before;
	char path[128];
	struct dev d;

	dev_bring(&d, domid, kind, 0, step);
	snprintf(path, sizeof(path), "/local/domain/0/backend/%s", d.name);
	must(toolstack_rm(path));
	dev_wait_unmapped(&d);
	check(dev_served(other, PATIENCE_MS), "the other guest's device does not go on");
	/* Anything the frontend does now is to nobody. */
	dev_say(&d, XenbusStateConnected);
	dev_say(&d, XenbusStateClosing);
	dev_close(&d);
	/* The toolstack would have removed the empty parent as well. */
	bare.nodes++;
	holdings_expect(kind, &bare);
	check(!back_exists(&d), "%s: its directory is there again", d.name);

	dev_bring(&d, domid, kind, 0, STEP_CONNECTED);
	dev_detach(&d);
	dev_close(&d);
	holdings_expect(kind, before);
}

int main(int argc, char **argv)
{
	enum kind kind = kind_argument(argc, argv);
	uint16_t domid = guest_new("guest");
	struct dev other, first;
	struct holdings before;

	dev_new(&other, "bystander", kind);
	dev_bring(&first, domid, kind, 0, STEP_CONNECTED);
	dev_detach(&first);
	dev_close(&first);
	holdings_take(kind, &before);
	for (int round = 0; round < 2; round++)
		for (int step = 0; step < NR_STEPS; step++)
			remove_at(kind, domid, (enum step)step, &before, &other);
	return 0;
}
