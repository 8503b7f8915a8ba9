// SPDX-License-Identifier: GPL-2.0-or-later
/* Devices that have come this far, and guests that die; see dev.h. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dev.h"
#include "rpc.h"

const char *const step_names[NR_STEPS] = {
	[STEP_NEW] = "new",	  [STEP_HELD] = "held",		  [STEP_PLUGGED] = "plugged",
	[STEP_READY] = "ready",	  [STEP_CONNECTED] = "connected", [STEP_CLOSING] = "closing",
	[STEP_CLOSED] = "closed",
};

void dev_bring(struct dev *d, uint16_t domid, enum kind kind, unsigned int nr, enum step step)
{
	static const enum toolstack_plug plugs[NR_STEPS] = {
		[STEP_NEW] = PLUG_NO_WAIT,
		[STEP_HELD] = PLUG_NOT,
	};

	must(attach_as(domid, kind, nr, plugs[step]));
	dev_open(d, domid, kind, nr);
	if (step < STEP_READY)
		return;
	must(dev_write_keys(d));
	dev_say(d, XenbusStateConnected);
	if (step == STEP_READY)
		return;
	dev_wait(d, XenbusStateConnected);
	check(dev_served(d, PATIENCE_MS), "%s: connected, but no answer", d->name);
	if (step == STEP_CONNECTED)
		return;
	dev_say(d, XenbusStateClosing);
	dev_wait(d, XenbusStateClosing);
	if (step == STEP_CLOSING)
		return;
	dev_say(d, XenbusStateClosed);
	dev_wait(d, XenbusStateClosed);
	dev_wait_unmapped(d);
}

void dev_go_on(struct dev *d, enum step step)
{
	if (step < STEP_PLUGGED) {
		dev_wait(d, XenbusStateInitWait);
		must(toolstack_plug(d->domid, kind_name(d->kind), d->devid));
	}
	if (step == STEP_CLOSING) {
		dev_say(d, XenbusStateClosed);
		dev_wait(d, XenbusStateClosed);
		dev_wait_unmapped(d);
	}
	if (step >= STEP_CLOSING)
		dev_say(d, XenbusStateInitialising);
	if (step < STEP_READY || step >= STEP_CLOSING)
		dev_connect(d);
	dev_wait(d, XenbusStateConnected);
	check(dev_served(d, PATIENCE_MS), "%s: came from step %s, no answer", d->name,
	      step_names[step]);
}

static void *detach_thread(void *ctx)
{
	struct dev *d = ctx;

	must(toolstack_detach(d->domid, kind_name(d->kind), d->devid, false));
	return NULL;
}

/* As Linux' frontends: 6 once the backend says 5. */
void dev_detach(struct dev *d)
{
	pthread_t thread;

	must(-pthread_create(&thread, NULL, detach_thread, d));
	dev_wait_any(d,
		     FRONT_STATE(XenbusStateClosing) | FRONT_STATE(XenbusStateClosed) | FRONT_GONE);
	/* It may be gone already. */
	front_set_state(d->front, XenbusStateClosed);
	pthread_join(thread, NULL);
	dev_wait_unmapped(d);
}

void guest_crash(uint16_t domid)
{
	struct rpc *r = calloc(1, sizeof(*r));
	struct rpc_link *link;

	check(r, "no memory");
	r->op = RPC_DESTROY;
	r->domid = domid;
	must(rpc_open_as(0, 0, &link, NULL));
	must(rpc_call(link, r, NULL));
	rpc_close(link);
	free(r);
}

void guest_clean_up(uint16_t domid)
{
	int err = toolstack_destroy(domid);

	check(err == 0 || err == -ESRCH, "destroying %u: %s", domid, strerror(-err));
}

static void back_path(const struct dev *d, const char *key, char path[128])
{
	snprintf(path, 128, "/local/domain/0/backend/%s%s", d->name, key);
}

enum xenbus_state back_state(const struct dev *d)
{
	char path[128], text[16];

	back_path(d, "/state", path);
	if (toolstack_read(path, text, sizeof(text)) != 0)
		return XenbusStateUnknown;
	return (enum xenbus_state)atoi(text);
}

bool back_exists(const struct dev *d)
{
	char path[128], text[256];

	back_path(d, "", path);
	return toolstack_read(path, text, sizeof(text)) != -ENOENT;
}

void back_wait(const struct dev *d, enum xenbus_state state)
{
	char path[128], text[16];

	back_path(d, "/state", path);
	snprintf(text, sizeof(text), "%d", state);
	check(toolstack_wait(path, text, PATIENCE_MS) == 0, "%s: backend is in state %d, not %d",
	      d->name, back_state(d), state);
}
