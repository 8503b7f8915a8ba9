// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A frontend that walks its states in any order, skips, jumps back or writes
 * nonsense, gets from the backend what xen/io/xenbus.h promises, and can always
 * close and begin anew. All sequences of three are in the walk.
 */
#include "dev.h"

#include <string.h>

/* What it writes: the states, and what is none. */
static const char *const words[] = { "1", "2", "3", "4", "5", "6", "8", "x", "" };

#define NR_WORDS (sizeof(words) / sizeof(words[0]))
#define SEQUENCE 3
#define STEPS (NR_WORDS * NR_WORDS * NR_WORDS)

/*
 * The state the backend answers with, when it was in @back and nothing changes any more.
 * The frontend does not say 7 (reconfiguring) or nonsense for anything we know, so it stays.
 */
static enum xenbus_state expected(enum kind kind, enum xenbus_state back, const char *word)
{
	bool ready = word[0] == '4' || (word[0] == '3' && kind == VBD);

	switch (back) {
	case XenbusStateInitWait:
		if (word[0] == '5' || word[0] == '6')
			return XenbusStateClosed; /* it was not connected: nothing to wait for */
		return ready ? XenbusStateConnected : back;
	case XenbusStateConnected:
		if (word[0] == '5')
			return XenbusStateClosing;
		if (word[0] == '1')
			return XenbusStateInitWait; /* reset, and nothing is left of its rings */
		return word[0] == '6' ? XenbusStateClosed : back;
	case XenbusStateClosing:
		if (word[0] == '1')
			return XenbusStateInitWait; /* it has let go as well */
		return word[0] == '6' ? XenbusStateClosed : back;
	default:
		return word[0] == '1' ? XenbusStateInitWait : back;
	}
}

/* A de Bruijn sequence: each row of SEQUENCE words occurs once (FKM algorithm). */
static unsigned int walk[STEPS + SEQUENCE], walk_len;

static void extend_walk(unsigned int *word, unsigned int t, unsigned int p)
{
	if (t > SEQUENCE) {
		for (unsigned int i = 1; SEQUENCE % p == 0 && i <= p; i++)
			walk[walk_len++] = word[i];
		return;
	}
	word[t] = word[t - p];
	extend_walk(word, t + 1, p);
	for (unsigned int next = word[t - p] + 1; next < NR_WORDS; next++) {
		word[t] = next;
		extend_walk(word, t + 1, t);
	}
}

/*
 * A second device, whose answer proves that the daemon has seen everything that
 * was written before.
 */
static void synchronize(struct dev *other)
{
	dev_say(other, XenbusStateClosed);
	dev_wait(other, XenbusStateClosed);
	dev_say(other, XenbusStateInitialising);
	dev_wait(other, XenbusStateInitWait);
}

static void step(struct dev *d, struct dev *other, enum xenbus_state *back, const char *word)
{
	enum xenbus_state want = expected(d->kind, *back, word);

	/* A frontend that begins anew has fresh rings, and the last worker is gone. */
	if (want == XenbusStateConnected && *back == XenbusStateInitWait) {
		dev_wait_unmapped(d);
		dev_fresh_rings(d);
	}
	must(front_write(d->front, "state", "%s", word));
	if (want != *back) {
		dev_wait(d, want);
	} else {
		synchronize(other);
		check(front_backend_state(d->front) == want,
		      "%s: backend went from %d to %d when the frontend wrote \"%s\"", d->name,
		      *back, front_backend_state(d->front), word);
	}
	if (want == XenbusStateConnected)
		check(dev_served(d, PATIENCE_MS), "%s: connected, frontend \"%s\", no answer",
		      d->name, word);
	*back = want;
}

int main(int argc, char **argv)
{
	enum kind kind = kind_argument(argc, argv);
	enum xenbus_state back = XenbusStateInitWait;
	unsigned int first[SEQUENCE + 1] = { 0 };
	uint16_t domid = guest_new("walker"), second = guest_new("witness");
	struct dev d, other;

	extend_walk(first, 1, 1);
	check(walk_len == STEPS, "the walk has %u steps", walk_len);
	attach(domid, kind, 0);
	attach(second, kind, 0);
	dev_open(&d, domid, kind, 0);
	dev_open(&other, second, kind, 0);
	must(dev_write_keys(&d));
	for (unsigned int i = 0; i < walk_len; i++)
		step(&d, &other, &back, words[walk[i]]);
	/* The witness may: it answers as fast as its backend. */
	check(log_lines(kind_daemon(kind), "does not settle", d.name) == 0,
	      "a device did not settle");
	must(front_write(d.front, "state", "6"));
	dev_wait(&d, XenbusStateClosed);
	must(front_write(d.front, "state", "1"));
	dev_connect(&d);
	check(dev_served(&d, PATIENCE_MS), "%s: no answer after the walk", d.name);
	return 0;
}
