// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A frontend that is ready before the hotplug script has finished waits for it: the
 * backend stays in state 2, whatever the script writes under way, and connects when
 * hotplug-status is "connected". After a script that failed it does not.
 */
#include <stdio.h>

#include "dev.h"

static const char *const not_connected[] = { "", "error", "connecting", "connected ", "1" };

/* A second device of the same daemon proves that it has seen all that was written before. */
static void synchronize(struct dev *other)
{
	dev_say(other, XenbusStateClosed);
	dev_wait(other, XenbusStateClosed);
	dev_say(other, XenbusStateInitialising);
	dev_wait(other, XenbusStateInitWait);
}

static void expect_waiting(struct dev *d, struct dev *other, const char *with)
{
	synchronize(other);
	check(front_backend_state(d->front) == XenbusStateInitWait && !dev_mapped(d),
	      "%s: state %d with hotplug-status \"%s\"", d->name, front_backend_state(d->front),
	      with);
}

int main(int argc, char **argv)
{
	enum kind kind = kind_argument(argc, argv);
	uint16_t domid = guest_new("guest"), second = guest_new("witness");
	struct dev d, other;
	char path[128];

	attach(second, kind, 0);
	dev_open(&other, second, kind, 0);
	dev_bring(&d, domid, kind, 0, STEP_HELD);
	dev_wait(&d, XenbusStateInitWait);
	must(dev_write_keys(&d));
	dev_say(&d, XenbusStateConnected);
	expect_waiting(&d, &other, "(none)");
	snprintf(path, sizeof(path), "%s/hotplug-status", front_backend_path(d.front));
	for (size_t i = 0; i < sizeof(not_connected) / sizeof(not_connected[0]); i++) {
		must(toolstack_write(path, not_connected[i]));
		expect_waiting(&d, &other, not_connected[i]);
	}
	must(toolstack_plug(domid, kind_name(kind), d.devid));
	dev_wait(&d, XenbusStateConnected);
	check(dev_served(&d, PATIENCE_MS), "%s: no answer", d.name);
	return 0;
}
