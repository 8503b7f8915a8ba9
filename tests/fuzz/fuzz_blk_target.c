// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Targets behind script=block-pvback, and the arguments made of them: whatever
 * the text, a target is either refused in one line or has what its kind needs, and
 * what qemu-storage-daemon is told is JSON in which no name ends early.
 */
#include "fuzz.h"

#include "blk_conf.h"
#include "qsd_args.h"
#include "target.h"

/* Of braces, outside of strings, and of strings; at the end all are closed. */
static void check_json(const char *text)
{
	bool in_string = false;
	int depth = 0;

	for (; *text; text++) {
		CHECK((unsigned char)*text >= ' ');
		if (in_string && *text == '\\') {
			CHECK(text[1] == '"' || text[1] == '\\' || text[1] == 'u');
			text++;
		} else if (*text == '"') {
			in_string = !in_string;
		} else if (!in_string) {
			depth += (*text == '{') - (*text == '}');
			CHECK(depth > 0 || text[1] == '\0');
		}
	}
	CHECK(depth == 0 && !in_string);
}

static void check_parts(const struct target *t)
{
	switch (t->kind) {
	case TARGET_RAW:
		CHECK(t->path && t->path[0] == '/');
		break;
	case TARGET_FORMAT:
		CHECK(t->path && t->path[0] == '/' && t->driver);
		break;
	case TARGET_NBD:
		CHECK(t->export && strlen(t->export) < BLK_EXPORT_MAX);
		CHECK(t->socket ? t->socket[0] == '/' && !t->host : t->host[0] && t->port[0]);
		CHECK(t->tls == (t->certificates || t->psk));
		break;
	case TARGET_RBD:
		CHECK(t->pool && t->pool[0] && t->image && t->image[0]);
		break;
	}
}

static void check_args(const struct target *t, bool readonly)
{
	const struct qsd_how how = { .readonly = readonly, .listen_fd = 3 };
	static struct qsd_args args;

	CHECK(qsd_args_make(t, &how, &args) == 0);
	check_json(args.blockdev);
	if (t->tls)
		check_json(args.object);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char text[TARGET_MAX + 64];
	static struct target t;
	char why[160] = "";

	if (size >= sizeof(text))
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (target_parse(text, &t, why, sizeof(why)) != 0) {
		CHECK(why[0] != '\0' && strlen(why) < sizeof(why));
		return 0;
	}
	CHECK(strlen(text) < TARGET_MAX);
	check_parts(&t);
	if (t.kind != TARGET_RAW)
		check_args(&t, size % 2 == 0);
	return 0;
}
