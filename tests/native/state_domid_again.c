// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A domain's number is used again at once after a destroy or a crash: the new
 * guest's device of the same name is served, and has nothing of the old one.
 */
#include "dev.h"

#define DOMID 7
#define ROUNDS 20

static void make_guest(struct dev *d, enum kind kind)
{
	struct toolstack_domain how = { .name = "again", .domid = DOMID };
	uint16_t domid;

	must(toolstack_domain_make(&how, &domid));
	check(domid == DOMID, "domain %u instead of %d", domid, DOMID);
	dev_bring(d, domid, kind, 0, STEP_CONNECTED);
	check(dev_served(d, PATIENCE_MS), "%s: no answer", d->name);
}

int main(int argc, char **argv)
{
	enum kind kind = kind_argument(argc, argv);

	for (int round = 0; round < ROUNDS; round++) {
		struct dev d;

		make_guest(&d, kind);
		if (round % 2) {
			guest_crash(DOMID);
			dev_wait_unmapped(&d);
		}
		dev_close(&d);
		guest_clean_up(DOMID);
	}
	return 0;
}
