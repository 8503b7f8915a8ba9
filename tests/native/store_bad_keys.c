// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every key that a frontend writes, with every value that is none: the device is closed
 * with one line that names it and with its error node, the daemon lives, the
 * other guest's device goes on, and the same device can be had anew. What may be missing or
 * zero still connects.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "dev.h"

#define HUGE_LEN 3900 /* with its path in one message of 4 KiB */

struct key {
	const char *name;
	bool may_miss; /* absent is fine */
	bool may_be_0;
};

static const struct key vbd_keys[] = {
	{ "ring-ref", false, false },
	{ "event-channel", false, false },
	{ "protocol", true, false },
	{ "ring-page-order", true, true },
	{ "multi-queue-num-queues", true, false },
	{ "feature-persistent", true, true },
	{ NULL, false, false },
};

static const struct key vif_keys[] = {
	{ "tx-ring-ref", false, false },
	{ "rx-ring-ref", false, false },
	{ "event-channel", false, false },
	{ "request-rx-copy", false, false },
	{ "multi-queue-num-queues", true, false },
	{ "feature-rx-notify", true, true },
	{ "feature-sg", true, true },
	{ "feature-gso-tcpv4", true, true },
	{ "feature-gso-tcpv6", true, true },
	{ "feature-no-csum-offload", true, true },
	{ "feature-ipv6-csum-offload", true, true },
	{ NULL, false, false },
};

struct value {
	const char *what;
	const char *bytes;
	size_t len;
};

#define TEXT(what, text)                     \
	{                                    \
		what, text, sizeof(text) - 1 \
	}

static const struct value values[] = {
	{ "missing", NULL, 0 },
	TEXT("zero", "0"),
	TEXT("empty", ""),
	TEXT("-1", "-1"),
	TEXT("2^31", "2147483648"),
	TEXT("2^32 - 1", "4294967295"),
	TEXT("2^32", "4294967296"),
	TEXT("2^64 - 1", "18446744073709551615"),
	TEXT("2^64", "18446744073709551616"),
	TEXT("text", "eight"),
	TEXT("with a space before", " 1"),
	TEXT("with a space behind", "1 "),
	TEXT("with a line break", "1\n2"),
	TEXT("with a sign", "+1"),
	TEXT("hexadecimal", "0x1"),
	TEXT("with a fraction", "1.0"),
	TEXT("with an escape", "\033[31m1"),
	TEXT("not ASCII", "\xff\xfe"),
	TEXT("with NUL", "1\0002"),
	TEXT("NUL", "\0"),
	{ "4 KiB", NULL, HUGE_LEN },
};

static void write_value(struct dev *d, const char *key, const struct value *v)
{
	char path[256], huge[HUGE_LEN + 1];
	int err;

	if (v->len == HUGE_LEN) {
		/* A guest's quota is 2 KiB, so the toolstack has to write it. */
		memset(huge, '1', HUGE_LEN);
		huge[HUGE_LEN] = '\0';
		snprintf(path, sizeof(path), "%s/%s", front_path(d->front), key);
		err = toolstack_write(path, huge);
	} else if (v->bytes) {
		err = front_write_raw(d->front, key, v->bytes, v->len);
	} else {
		err = front_rm(d->front, key);
		err = err == -ENOENT ? 0 : err;
	}
	check(err == 0, "%s: %s %s: %s", d->name, key, v->what, strerror(-err));
}

/* Lines of the supervisor about it that are not the usual ones; one reading, as it writes on meanwhile. */
static unsigned int complaints(const struct dev *d)
{
	static const char *const usual[] = { ": connected", ": closed", "taking x86_32", NULL };
	char prefix[64];

	snprintf(prefix, sizeof(prefix), "backd: %s: ", d->name);
	return log_lines_but(kind_daemon(d->kind), prefix, usual);
}

static void expect_refused(struct dev *d, const char *key, const struct value *v,
			   unsigned int before)
{
	char text[512] = "";
	unsigned int lines;

	dev_wait_any(d, FRONT_STATE(XenbusStateClosing) | FRONT_STATE(XenbusStateConnected));
	check(front_backend_state(d->front) == XenbusStateClosing, "%s: connected with %s %s",
	      d->name, key, v->what);
	check(toolstack_read(d->error, text, sizeof(text)) == 0 && text[0],
	      "%s: %s %s: no error node", d->name, key, v->what);
	for (const char *c = text; *c; c++)
		check(*c >= ' ' && *c <= '~', "%s: %s %s: its error node is binary", d->name, key,
		      v->what);
	lines = complaints(d) - before;
	check(lines == 1, "%s: %s %s: %u lines", d->name, key, v->what, lines);
}

static void clear_keys(struct dev *d)
{
	for (const struct key *key = d->kind == VBD ? vbd_keys : vif_keys; key->name; key++)
		front_rm(d->front, key->name);
}

/* Ten lines about one device are written, three of each try, so it is made anew before there are as many. */
#define TRIES_OF_ONE 3

static void begin(struct dev *d, unsigned int nr)
{
	if (nr % TRIES_OF_ONE == 0) {
		if (nr > 0)
			must(toolstack_detach(d->domid, kind_name(d->kind), d->devid, true));
		check(toolstack_wait(d->error, NULL, PATIENCE_MS) == 0,
		      "%s: the error node of a device that is gone", d->name);
		must(attach_as(d->domid, d->kind, 0, PLUG_OURSELVES));
		return;
	}
	dev_say(d, XenbusStateClosed);
	dev_wait(d, XenbusStateClosed);
	dev_wait_unmapped(d);
	toolstack_rm(d->error);
	dev_say(d, XenbusStateInitialising);
	dev_wait(d, XenbusStateInitWait);
}

static void try(struct dev *d, const struct key *key, const struct value *v)
{
	static unsigned int nr;
	bool fine = (key->may_miss && !v->bytes && !v->len) ||
		    (key->may_be_0 && strcmp(v->what, "zero") == 0);
	unsigned int before = complaints(d);

	begin(d, nr++);
	dev_fresh_rings(d);
	/* What the last try left out of its keys is to be read by nobody. */
	clear_keys(d);
	must(dev_write_keys(d));
	write_value(d, key->name, v);
	dev_say(d, XenbusStateConnected);
	if (fine) {
		dev_wait(d, XenbusStateConnected);
		/* Without "protocol" requests have another layout. */
		check(strcmp(key->name, "protocol") == 0 || dev_served(d, PATIENCE_MS),
		      "%s: no answer with %s %s", d->name, key->name, v->what);
	} else {
		expect_refused(d, key->name, v, before);
	}
}

static bool console_unmapped(void *ctx)
{
	return guest_grant_end(ctx, GNTTAB_RESERVED_CONSOLE) == 0;
}

static void drop_console(struct dev *d)
{
	char path[64];

	snprintf(path, sizeof(path), "/local/domain/%u/console/ring-ref", d->domid);
	must(toolstack_rm(path));
	check(wait_for(console_unmapped, front_guest(d->front), PATIENCE_MS),
	      "the console stays mapped");
}

int main(int argc, char **argv)
{
	enum kind kind = kind_argument(argc, argv);
	const struct key *keys = kind == VBD ? vbd_keys : vif_keys;
	pid_t pid = daemon_pid(kind_daemon(kind));
	struct dev d, other;
	uint16_t domid = guest_new("guest");

	dev_new(&other, "bystander", kind);
	attach(domid, kind, 0);
	dev_open(&d, domid, kind, 0);
	must(toolstack_detach(domid, kind_name(kind), d.devid, true));
	/* The console's, which would do for a ring: consoled lets go of it when its key is gone. */
	drop_console(&d);
	for (const struct key *key = keys; key->name; key++) {
		for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
			try(&d, key, &values[i]);
		check(dev_served(&other, PATIENCE_MS), "%s does not go on after bad %s", other.name,
		      key->name);
	}
	check(daemon_pid(kind_daemon(kind)) == pid, "not the same daemon");
	clear_keys(&d);
	dev_reset(&d);
	dev_connect(&d);
	check(dev_served(&d, PATIENCE_MS), "%s: good keys, and no answer", d.name);
	return 0;
}
