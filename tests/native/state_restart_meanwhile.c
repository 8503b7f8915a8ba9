// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What happens while no daemon runs is made up for at its next start: a frontend that closes,
 * a device that the toolstack takes away or makes anew, a domain that dies.
 */
#include <signal.h>
#include <stdio.h>

#include "dev.h"

static void closes(struct dev *d)
{
	dev_say(d, XenbusStateClosing);
	dev_say(d, XenbusStateClosed);
}

static void then_closed(struct dev *d)
{
	dev_wait(d, XenbusStateClosed);
	dev_detach(d);
}

static void is_taken_away(struct dev *d)
{
	char path[128];

	must(toolstack_rm(front_path(d->front)));
	snprintf(path, sizeof(path), "/local/domain/0/backend/%s", d->name);
	must(toolstack_rm(path));
}

static void then_gone(struct dev *d)
{
	check(!back_exists(d), "%s: its directory is there again", d->name);
}

static void is_made_anew(struct dev *d)
{
	is_taken_away(d);
	must(attach_as(d->domid, d->kind, 0, PLUG_NO_WAIT));
	dev_fresh_rings(d);
}

static void then_new(struct dev *d)
{
	dev_go_on(d, STEP_NEW);
	dev_detach(d);
}

static void dies(struct dev *d)
{
	guest_crash(d->domid);
}

static void then_dead(struct dev *d)
{
	back_wait(d, XenbusStateClosed);
}

int main(int argc, char **argv)
{
	static const struct {
		void (*meanwhile)(struct dev *d);
		void (*afterwards)(struct dev *d);
	} cases[] = { { closes, then_closed },
		      { is_taken_away, then_gone },
		      { is_made_anew, then_new },
		      { dies, then_dead } };
	enum kind kind = kind_argument(argc, argv);
	struct holdings before;

	for (int round = 0; round < 3; round++) {
		for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			struct dev d;

			dev_new(&d, "guest", kind);
			daemon_end(kind_daemon(kind), round == 1 ? SIGKILL : SIGTERM);
			dev_wait_unmapped(&d);
			cases[i].meanwhile(&d);
			daemon_start(kind_daemon(kind));
			cases[i].afterwards(&d);
			dev_close(&d);
			guest_clean_up(d.domid);
		}
		if (round == 0)
			holdings_take(kind, &before);
	}
	holdings_expect(kind, &before);
	return 0;
}
