// SPDX-License-Identifier: GPL-2.0-or-later
/* Keys, grants and ports that are wrong: one clear line, no service, and service once they are right. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "con_env.h"

static struct con c, neighbour;

static char long_text[3900];

static void begin(void)
{
	memset(long_text, 'A', sizeof(long_text));
	daemon_start(NULL);
	con_new(&neighbour, "neighbour");
	con_new(&c, "wrong");
	con_chat(&c, "before\n");
}

/* --- keys --- */

enum verdict { SERVED, REFUSED, WAITS /* not served, and nothing to be said of it */ };

struct wrong {
	const char *what;
	const char *value; /* NULL = the key is missing */
	size_t len;
};

#define TEXT(text)                           \
	{                                    \
		text, text, sizeof(text) - 1 \
	}

static const struct wrong wrongs[] = {
	{ "missing", NULL, 0 },
	TEXT(""),
	TEXT("0"),
	TEXT("-1"),
	TEXT("2147483648"),
	TEXT("4294967296"),
	TEXT("18446744073709551616"),
	TEXT("text"),
	{ "3900 bytes", long_text, sizeof(long_text) },
	{ "a NUL",
	  "1\0"
	  "2",
	  3 },
};

#define NR_WRONGS (sizeof(wrongs) / sizeof(wrongs[0]))

static bool pty_is_gone(void *ctx)
{
	return tty_hung_up(ctx);
}

/* XenStore is in order: when the second's change is seen, so is the first's. */
static void let_it_be_seen(void)
{
	con_chat(&neighbour, "I am fine\n");
	sleep_ms(30);
}

static void set_wrong(const char *key, const struct wrong *w)
{
	int err = confront_key(c.front, key, w->value, w->len);

	if (err == -E2BIG) /* oxenstored's limit is lower */
		err = confront_key(c.front, key, w->value, 2000);
	check(!err, "%s: %s: %s", key, w->what, strerror(-err));
}

static void not_served(const char *key, const struct wrong *w)
{
	check(wait_for(pty_is_gone, &c, PATIENCE_MS), "%s: %s: is served nevertheless", key,
	      w->what);
	tty_close(&c);
	/* A new pty is told of by a change of this. */
	check(confront_key(c.front, "tty", "", 0) == 0, "tty");
	let_it_be_seen();
}

static void try_wrong(const char *key, const char *right, const struct wrong *w,
		      enum verdict verdict)
{
	unsigned int before = daemon_lines(c.dev, "keys in XenStore"), said;

	set_wrong(key, w);
	if (verdict == SERVED)
		let_it_be_seen();
	else
		not_served(key, w);
	said = daemon_lines(c.dev, "keys in XenStore") - before;
	check(said == (verdict == REFUSED), "%s: %s: %u lines in the log", key, w->what, said);
	if (verdict == SERVED)
		con_chat(&c, "still here\n");
	check(confront_key(c.front, key, right, strlen(right)) == 0, "%s", key);
	if (verdict != SERVED)
		con_served(&c);
	con_chat(&c, "here again\n");
}

static void try_all(const char *key, const enum verdict verdicts[NR_WRONGS])
{
	char right[64];

	begin();
	con_key_read(&c, key, right);
	for (size_t i = 0; i < NR_WRONGS; i++)
		try_wrong(key, right, &wrongs[i], verdicts[i]);
	con_chat(&neighbour, "I am fine\n");
}

static void wrong_port(void)
{
	static const enum verdict verdicts[] = { WAITS,	  REFUSED, REFUSED, REFUSED, REFUSED,
						 REFUSED, REFUSED, REFUSED, REFUSED, REFUSED };

	try_all("port", verdicts);
}

/* Only told apart: the ring is what reference 0 grants. */
static void wrong_ring_ref(void)
{
	static const enum verdict verdicts[] = { WAITS,	 REFUSED, SERVED,  REFUSED, SERVED,
						 SERVED, REFUSED, REFUSED, REFUSED, REFUSED };

	try_all("ring-ref", verdicts);
}

static void wrong_limit(void)
{
	static const enum verdict verdicts[NR_WRONGS] = { SERVED };

	try_all("limit", verdicts);
}

/* Other types are QEMU's to serve, which is no fault; none is ours. */
static void other_type(void)
{
	static const enum verdict verdicts[] = { SERVED, WAITS, WAITS, WAITS, WAITS,
						 WAITS,	 WAITS, WAITS, WAITS, WAITS };

	try_all("type", verdicts);
}

static void other_backend(void)
{
	static const enum verdict verdicts[] = { SERVED, WAITS, SERVED, WAITS, WAITS,
						 WAITS,	 WAITS, WAITS,	WAITS, WAITS };

	try_all("backend-id", verdicts);
}

static void keys_of_no_concern(void)
{
	static const enum verdict verdicts[NR_WRONGS] = { SERVED };

	try_all("output", verdicts);
	for (size_t i = 0; i < NR_WRONGS; i++)
		try_wrong("backend", "/local/domain/0/backend/console", &wrongs[i], SERVED);
}

/* What stands in tty is for clients: never opened, written over. CVE-2013-2211 */
static void path_in_tty_is_never_opened(void)
{
	static const char path[] = "/tmp/con-test-must-not-be-opened";
	struct con own;

	unlink(path);
	daemon_start(NULL);
	con_create(&own, "tempting");
	con_attach(&own, CONFRONT_NO_KEYS);
	check(confront_key(own.front, "tty", path, strlen(path)) == 0 &&
		      confront_say(own.front) == 0,
	      "no keys");
	do
		con_key_read(&own, "tty", own.tty_path);
	while (strcmp(own.tty_path, path) == 0);
	con_served(&own);
	con_chat(&own, "on a pty of its own\n");
	check(access(path, F_OK) < 0, "%s was made", path);
}

/* --- grants and ports --- */

/* Tries pass by (one a second) and there is still one line; then it works. */
static void fails_once_then_works(struct con *con, const char *line,
				  void (*repair)(struct con *con))
{
	daemon_wait_line(con->dev, line);
	con_chat(&neighbour, "I am fine\n");
	sleep_ms(1200);
	check(daemon_lines(con->dev, NULL) == 1, "it is said %u times",
	      daemon_lines(con->dev, NULL));
	repair(con);
	con_served(con);
	con_chat(con, "at last\n");
}

static void grant_rightly(struct con *con)
{
	guest_grant_at(confront_guest(con->front), GNTTAB_RESERVED_CONSOLE, 0,
		       confront_page(con->front), false);
}

static void bad_grant(const char *name, void (*spoil)(grant_entry_v1_t *entry))
{
	struct con own;

	daemon_start(NULL);
	con_new(&neighbour, "neighbour");
	con_create(&own, name);
	con_attach(&own, CONFRONT_NO_KEYS);
	spoil(guest_grant_entry(confront_guest(own.front), GNTTAB_RESERVED_CONSOLE));
	check(confront_say(own.front) == 0, "no keys");
	fails_once_then_works(&own, "map the ring", grant_rightly);
}

static void take_grant(grant_entry_v1_t *entry)
{
	entry->flags = GTF_invalid;
}

static void grant_to_other(grant_entry_v1_t *entry)
{
	entry->domid = 7;
}

static void grant_to_read(grant_entry_v1_t *entry)
{
	entry->flags = GTF_permit_access | GTF_readonly;
}

/* Each trouble has its line, though the console was never served in between. */
static void second_trouble_is_told_too(void)
{
	struct con own;

	daemon_start(NULL);
	con_create(&own, "unlucky");
	con_attach(&own, CONFRONT_NO_KEYS);
	take_grant(guest_grant_entry(confront_guest(own.front), GNTTAB_RESERVED_CONSOLE));
	check(confront_key(own.front, "ring-ref", "1", 1) == 0 &&
		      confront_key(own.front, "port", "many", 4) == 0,
	      "no keys");
	daemon_wait_line(own.dev, "keys in XenStore");
	check(confront_say(own.front) == 0, "no keys");
	daemon_wait_line(own.dev, "map the ring");
}

static void grant_far_frame(grant_entry_v1_t *entry)
{
	entry->frame = 0xfffffff0;
}

static void page_not_granted(void)
{
	bad_grant("not-granted", take_grant);
}

static void page_granted_to_another_domain(void)
{
	bad_grant("others", grant_to_other);
}

static void page_granted_read_only(void)
{
	bad_grant("read-only", grant_to_read);
}

static void page_outside_of_the_guest(void)
{
	bad_grant("far", grant_far_frame);
}

/* A mapping outlives the grant: a guest that takes it back harms nobody. */
static void grant_taken_back_under_way(void)
{
	begin();
	guest_grant_entry(confront_guest(c.front), GNTTAB_RESERVED_CONSOLE)->flags = GTF_invalid;
	con_chat(&c, "still mapped\n");
	con_chat(&neighbour, "I am fine\n");
	con_destroy(&c);
	con_chat(&neighbour, "I am still fine\n");
}

static void tell_right_port(struct con *con)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", confront_port(con->front));
	check(confront_key(con->front, "port", text, strlen(text)) == 0, "port");
}

static void bad_port(const char *name, uint32_t port)
{
	struct con own;
	char text[16];

	con_create(&own, name);
	con_attach(&own, CONFRONT_NO_KEYS);
	check(confront_say(own.front) == 0, "no keys");
	snprintf(text, sizeof(text), "%u", port);
	check(confront_key(own.front, "port", text, strlen(text)) == 0, "port");
	daemon_wait_line(own.dev, "bind the event channel");
	con_chat(&neighbour, "I am fine\n");
	tell_right_port(&own);
	con_served(&own);
	con_chat(&own, "at last\n");
}

static void port_that_nobody_has(void)
{
	daemon_start(NULL);
	con_new(&neighbour, "neighbour");
	bad_port("free-port", 3000);
	bad_port("far-port", 131071);
}

/* The same port, told with another ring: let go first, bound again. */
static void new_ring_on_the_same_port(void)
{
	begin();
	check(confront_key(c.front, "ring-ref", "77", 2) == 0, "ring-ref");
	daemon_wait_line(c.dev, "has a new ring");
	con_chat(&c, "twice\n");
}

int main(int argc, char **argv)
{
	static const struct con_case cases[] = {
		{ "wrong-port", wrong_port },
		{ "wrong-ring-ref", wrong_ring_ref },
		{ "wrong-limit", wrong_limit },
		{ "other-type", other_type },
		{ "other-backend", other_backend },
		{ "keys-of-no-concern", keys_of_no_concern },
		{ "path-in-tty-is-never-opened", path_in_tty_is_never_opened },
		{ "page-not-granted", page_not_granted },
		{ "second-trouble-is-told", second_trouble_is_told_too },
		{ "page-granted-to-another-domain", page_granted_to_another_domain },
		{ "page-granted-read-only", page_granted_read_only },
		{ "page-outside-of-the-guest", page_outside_of_the_guest },
		{ "grant-taken-back", grant_taken_back_under_way },
		{ "port-that-nobody-has", port_that_nobody_has },
		{ "new-ring-ref", new_ring_on_the_same_port },
		{ NULL, NULL },
	};

	return con_main(argc, argv, cases);
}
