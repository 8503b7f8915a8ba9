// SPDX-License-Identifier: GPL-2.0-or-later
/* What a guest's configuration names behind script=block-pvback. */
#include "target.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/util.h"
#include "blk_conf.h"

#define NBD_PORT "10809"

/* Where to say what is wrong. */
struct complaint {
	char *why;
	size_t size;
};

static int refuse(const struct complaint *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static int refuse(const struct complaint *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(c->why, c->size, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

/* Names of formats as an admin knows them, and as QEMU does. */
static const struct format {
	const char *name;
	const char *driver;
	bool readonly;
} formats[] = {
	{ "qcow2", "qcow2", false },
	{ "qcow", "qcow", false },
	{ "qed", "qed", false },
	{ "vhd", "vpc", false },
	{ "vpc", "vpc", false },
	{ "vhdx", "vhdx", false },
	{ "vmdk", "vmdk", false },
	{ "vdi", "vdi", false },
	{ "parallels", "parallels", false },
	{ "dmg", "dmg", true },
	{ "bochs", "bochs", true },
	{ "cloop", "cloop", true },
};

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* %XX to the byte it means, in place; none of them may be a NUL. */
static int decode_percent(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		int high, low;

		if (*from != '%') {
			*to++ = *from;
			continue;
		}
		high = hex_digit(from[1]);
		low = high < 0 ? -1 : hex_digit(from[2]);
		if (low < 0 || high + low == 0)
			return -EINVAL;
		*to++ = (char)(high * 16 + low);
		from += 2;
	}
	*to = '\0';
	return 0;
}

/* Cut @text at the first @c of it; what follows, or NULL. */
static char *cut(char *text, char c)
{
	char *at = strchr(text, c);

	if (!at)
		return NULL;
	*at = '\0';
	return at + 1;
}

struct option {
	const char *name;
	const char **value;
	bool is_path;
};

/* What follows a '?': name=value pairs, each known and given once. */
static int parse_options(char *text, const struct option *options, size_t nr,
			 const struct complaint *c)
{
	while (text && *text) {
		char *next = cut(text, '&'), *value = cut(text, '=');
		const struct option *o = options;

		while (o < options + nr && strcmp(o->name, text) != 0)
			o++;
		if (o == options + nr)
			return refuse(c, "it has no option \"%.40s\"", text);
		if (!value || !*value || decode_percent(value) != 0)
			return refuse(c, "option %s has no proper value", o->name);
		if (*o->value)
			return refuse(c, "option %s is given twice", o->name);
		if (o->is_path && value[0] != '/')
			return refuse(c, "option %s must be a path that begins with /", o->name);
		*o->value = value;
		text = next;
	}
	return 0;
}

/* host, host:port, [address]:port */
static int parse_authority(char *text, struct target *t, const struct complaint *c)
{
	char *rest = text;
	uint32_t port;

	if (text[0] == '[') {
		t->host = text + 1;
		rest = cut(text, ']');
		if (!rest || (*rest && *rest != ':'))
			return refuse(c, "[ and ] go around an IPv6 address, then :PORT");
	} else {
		t->host = text;
	}
	t->port = NBD_PORT;
	rest = cut(rest, ':');
	if (rest) {
		if (num_u32(rest, 1, 65535, &port) != 0)
			return refuse(c, "\"%.20s\" is no port", rest);
		t->port = rest;
	}
	if (!*t->host)
		return refuse(c, "it names no host");
	if (strchr(t->host, '@'))
		return refuse(c, "NBD knows no user; leave out what is before the @");
	return 0;
}

static bool ends_in(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

static int check_tls(const struct target *t, const struct complaint *c)
{
	if (!t->tls && (t->certificates || t->psk || t->tls_name || t->user))
		return refuse(c, "options for TLS need nbds:// or nbds+unix://");
	if (t->psk && t->certificates)
		return refuse(c, "either tls-certificates or tls-psk-file, not both");
	if (t->psk && !ends_in(t->psk, TARGET_PSK_NAME))
		return refuse(c, "the file of tls-psk-file must be called keys.psk, QEMU knows no "
				 "other name");
	if (t->user && !t->psk)
		return refuse(c, "tls-username goes with tls-psk-file");
	if (t->tls && !t->psk && !t->certificates)
		return refuse(c, "TLS needs ?tls-certificates=DIRECTORY or ?tls-psk-file=FILE");
	return 0;
}

/* nbd[s][+unix]://..., as the NBD project's description of URIs has it. */
static int parse_nbd(char *uri, struct target *t, const struct complaint *c)
{
	const struct option options[] = {
		{ "socket", &t->socket, true },	     { "tls-certificates", &t->certificates, true },
		{ "tls-psk-file", &t->psk, true },   { "tls-hostname", &t->tls_name, false },
		{ "tls-username", &t->user, false },
	};
	char *rest = strstr(uri, "://"), *query, *name;
	bool local;
	int err;

	*rest = '\0';
	rest += 3;
	local = strstr(uri, "+unix") != NULL;
	t->tls = strncmp(uri, "nbds", 4) == 0;
	if (strchr(rest, '#'))
		return refuse(c, "write a # as %%23");
	query = cut(rest, '?');
	name = cut(rest, '/');
	t->export = name ? name : "";
	if (name && decode_percent(name) != 0)
		return refuse(c, "the export's name has a %% without two hexadecimal digits");
	if (strlen(t->export) >= BLK_EXPORT_MAX)
		return refuse(c, "the export's name is longer than %d bytes", BLK_EXPORT_MAX - 1);
	err = parse_options(query, options, ARRAY_SIZE(options), c);
	if (err)
		return err;
	if (!local && t->socket)
		return refuse(c, "?socket= needs nbd+unix://");
	if (local && (*rest || !t->socket))
		return refuse(c, "a UNIX socket is written nbd+unix:///EXPORT?socket=/PATH");
	err = local ? 0 : parse_authority(rest, t, c);
	return err ? err : check_tls(t, c);
}

static bool is_nbd_uri(const char *text)
{
	static const char *const schemes[] = { "nbd://", "nbds://", "nbd+unix://", "nbds+unix://" };

	for (size_t i = 0; i < ARRAY_SIZE(schemes); i++)
		if (strncmp(text, schemes[i], strlen(schemes[i])) == 0)
			return true;
	return false;
}

/* pool[/namespace]/image[@snapshot][?user=NAME&conf=/PATH] */
static int parse_rbd(char *text, struct target *t, const struct complaint *c)
{
	const struct option options[] = {
		{ "user", &t->user, false },
		{ "conf", &t->conf, true },
	};
	char *query = cut(text, '?'), *second, *third;
	int err = parse_options(query, options, ARRAY_SIZE(options), c);

	if (err)
		return err;
	t->snapshot = cut(text, '@');
	second = cut(text, '/');
	third = second ? cut(second, '/') : NULL;
	t->pool = text;
	t->name_space = third ? second : NULL;
	t->image = third ? third : second;
	if (!*t->pool || !t->image || !*t->image || strchr(t->image, '/') ||
	    (third && !*t->name_space) || (t->snapshot && !*t->snapshot))
		return refuse(c, "it is written rbd:POOL[/NAMESPACE]/IMAGE[@SNAPSHOT]");
	t->readonly = t->snapshot != NULL;
	return 0;
}

static int parse_path(const char *format, const char *path, struct target *t,
		      const struct complaint *c)
{
	if (path[0] != '/')
		return refuse(c, "behind %s: belongs a path that begins with /", format);
	t->path = path;
	if (strcmp(format, "raw") == 0) {
		t->kind = TARGET_RAW;
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		if (strcmp(format, formats[i].name) != 0)
			continue;
		t->kind = TARGET_FORMAT;
		t->driver = formats[i].driver;
		t->readonly = formats[i].readonly;
		return 0;
	}
	return refuse(
		c,
		"\"%.20s\" is no format that is known here (raw, qcow2, vhd, vhdx, vmdk, vdi, "
		"qed, qcow, parallels, dmg, bochs, cloop, nbd, rbd)",
		format);
}

static bool printable(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): @why is written to, by refuse() */
int target_parse(const char *text, struct target *ret, char *why, size_t why_size)
{
	const struct complaint c = { why, why_size };
	struct target *t = ret;
	char *rest;

	memset(t, 0, sizeof(*t));
	if (strnlen(text, TARGET_MAX) == TARGET_MAX)
		return refuse(&c, "it is longer than %d bytes", TARGET_MAX - 1);
	if (!printable(text))
		return refuse(&c, "it has control characters in it");
	if (strncmp(text, "nbd:", 4) == 0 && is_nbd_uri(text + 4))
		text += 4;
	memcpy(t->text, text, strlen(text) + 1);
	if (is_nbd_uri(t->text)) {
		t->kind = TARGET_NBD;
		return parse_nbd(t->text, t, &c);
	}
	if (text[0] == '/')
		return refuse(&c, "it says no format: write raw:%.60s, or qcow2: and so on", text);
	rest = cut(t->text, ':');
	if (!rest)
		return refuse(&c,
			      "it is written FORMAT:/PATH, nbd://HOST/EXPORT or rbd:POOL/IMAGE");
	if (strcmp(t->text, "nbd") == 0)
		return refuse(&c, "behind nbd: belongs a URI, nbd://HOST/EXPORT or "
				  "nbd+unix:///EXPORT?socket=/PATH");
	if (strcmp(t->text, "rbd") == 0) {
		t->kind = TARGET_RBD;
		return parse_rbd(rest, t, &c);
	}
	return parse_path(t->text, rest, t, &c);
}
