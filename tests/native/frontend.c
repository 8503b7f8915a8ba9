// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * usage: frontend DOMAIN vbd|vif NUMBER [deaf]: for shell tests, a guest's device that
 * is connected, in the background. It closes when the backend asks for it, as Linux does,
 * and begins anew when it may; "deaf": it does nothing any more. Ends with its domain.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "dev.h"

static void follow(struct dev *d)
{
	for (;;) {
		struct pollfd p = { .fd = front_store_fd(d->front), .events = POLLIN };

		switch (front_backend_state(d->front)) {
		case XenbusStateClosing:
		case XenbusStateClosed:
			if (front_set_state(d->front, XenbusStateClosed) != 0)
				return;
			break;
		case XenbusStateUnknown:
			return;
		default:
			break;
		}
		if (poll(&p, 1, -1) < 0 || (p.revents & POLLHUP))
			return;
		front_store_take(d->front);
	}
}

int main(int argc, char **argv)
{
	struct dev d;
	enum kind kind;

	check(argc >= 4, "usage: frontend DOMAIN vbd|vif NUMBER [deaf]");
	kind = argv[2][1] == 'b' ? VBD : VIF;
	dev_open(&d, (uint16_t)atoi(argv[1]), kind, (unsigned int)atoi(argv[3]));
	dev_connect(&d);
	check(dev_served(&d, PATIENCE_MS), "%s: no answer", d.name);
	if (daemon(0, 1) < 0)
		return 1;
	/* Who waits for the end of its output is not to wait for us. */
	for (int fd = 0; fd < 2; fd++)
		close(fd);
	if (argc > 4)
		pause();
	follow(&d);
	return 0;
}
