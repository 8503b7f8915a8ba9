// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A frontend that changes its state without waiting for the backend, seven times in
 * a row in every mixture, with rings and keys that change under way: whatever the
 * backend made of it, the state it rests in is one of xenbus.h's (of 8 only a card's:
 * a frontend that ends at 7 while it is served asks for it), and a frontend that then closes
 * properly can connect again.
 */
#include "dev.h"

#define BURSTS 60
#define BURST 7

static uint64_t next_random(uint64_t *seed)
{
	/* xorshift64: the same walk in each run */
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static void burst(struct dev *d, uint64_t *seed)
{
	for (int i = 0; i < BURST; i++) {
		unsigned int state = (unsigned int)(next_random(seed) % 9);

		if (next_random(seed) % 8 == 0)
			must(dev_write_keys(d));
		if (next_random(seed) % 8 == 0)
			front_rm(d->front, "event-channel");
		must(front_write(d->front, "state", "%u", state));
	}
}

static unsigned int states_of_rest(enum kind kind)
{
	unsigned int states = FRONT_STATE(XenbusStateInitWait) | FRONT_STATE(XenbusStateConnected) |
			      FRONT_STATE(XenbusStateClosing) | FRONT_STATE(XenbusStateClosed);

	return kind == VIF ? states | FRONT_STATE(XenbusStateReconfigured) : states;
}

int main(int argc, char **argv)
{
	enum kind kind = kind_argument(argc, argv);
	uint16_t domid = guest_new("hurried");
	uint64_t seed = 1;
	struct dev d, other;

	dev_new(&other, "bystander", kind);
	attach(domid, kind, 0);
	dev_open(&d, domid, kind, 0);
	for (int i = 0; i < BURSTS; i++) {
		burst(&d, &seed);
		dev_wait_any(&d, states_of_rest(kind));
		dev_say(&d, XenbusStateClosed);
		dev_wait(&d, XenbusStateClosed);
		dev_wait_unmapped(&d);
		dev_say(&d, XenbusStateInitialising);
		dev_connect(&d);
		check(dev_served(&d, PATIENCE_MS), "%s: no answer after burst %d", d.name, i);
		dev_reset(&d);
	}
	check(dev_served(&other, PATIENCE_MS), "the other guest's device does not go on");
	return 0;
}
