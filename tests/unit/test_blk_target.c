// SPDX-License-Identifier: GPL-2.0-or-later
/* Targets behind script=block-pvback, and what qemu-storage-daemon is told of them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/util.h"
#include "blk_conf.h"
#include "qsd_args.h"
#include "target.h"

static struct target t;
static char why[160];

static void good(const char *text)
{
	why[0] = '\0';
	assert_int_equal(target_parse(text, &t, why, sizeof(why)), 0);
	assert_string_equal(why, "");
}

/* Refused, in words that have @part in them. */
static void bad(const char *text, const char *part)
{
	why[0] = '\0';
	assert_int_not_equal(target_parse(text, &t, why, sizeof(why)), 0);
	if (!strstr(why, part))
		fail_msg("%s: \"%s\" lacks \"%s\"", text, why, part);
	assert_null(strchr(why, '\n'));
}

static void same(const char *a, const char *b)
{
	if (!b)
		assert_null(a);
	else
		assert_string_equal(a, b);
}

static void raw_and_formats(void **state)
{
	static const char *const names[][2] = {
		{ "qcow2", "qcow2" }, { "qcow", "qcow" },   { "qed", "qed" },
		{ "vhd", "vpc" },     { "vpc", "vpc" },	    { "vhdx", "vhdx" },
		{ "vmdk", "vmdk" },   { "vdi", "vdi" },	    { "parallels", "parallels" },
		{ "dmg", "dmg" },     { "bochs", "bochs" }, { "cloop", "cloop" },
	};

	good("raw:/a b,c:d%20");
	assert_int_equal(t.kind, TARGET_RAW);
	same(t.path, "/a b,c:d%20");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char text[64];

		snprintf(text, sizeof(text), "%s:/x", names[i][0]);
		good(text);
		assert_int_equal(t.kind, TARGET_FORMAT);
		same(t.driver, names[i][1]);
		same(t.path, "/x");
		assert_int_equal(t.readonly, i >= 9);
	}
}

static void format_is_never_guessed(void **state)
{
	bad("/srv/a.qcow2", "raw:/srv/a.qcow2");
	bad("", "FORMAT:/PATH");
	bad("a.qcow2", "FORMAT:/PATH");
	bad("QCOW2:/x", "no format that is known");
	bad("host_device:/dev/sda", "no format that is known");
	bad("json:{}", "begins with /");
	bad("qcow2:", "begins with /");
	bad("qcow2:x", "begins with /");
	bad("raw:x", "begins with /");
	bad("qcow2:/a\nb", "control");
	bad("qcow2:/a\177", "control");
}

static void nbd(const char *text, const char *host, const char *port, const char *socket,
		const char *export)
{
	good(text);
	assert_int_equal(t.kind, TARGET_NBD);
	same(t.host, host);
	same(t.port, port);
	same(t.socket, socket);
	same(t.export, export);
}

static void nbd_uris(void **state)
{
	nbd("nbd://host", "host", "10809", NULL, "");
	nbd("nbd://host/", "host", "10809", NULL, "");
	nbd("nbd:nbd://host/a/b%3f", "host", "10809", NULL, "a/b?");
	nbd("nbd://host:1/x", "host", "1", NULL, "x");
	nbd("nbd://[::1]:65535/x", "::1", "65535", NULL, "x");
	nbd("nbd://[fe80::1]/", "fe80::1", "10809", NULL, "");
	nbd("nbd+unix:///?socket=/run/s", NULL, NULL, "/run/s", "");
	nbd("nbd+unix:///e%C3%A9?socket=/a%20b", NULL, NULL, "/a b", "e\xc3\xa9");
	assert_false(t.tls);
}

static void nonsense_of_nbd(void **state)
{
	char text[400];

	bad("nbd:", "belongs a URI");
	bad("nbd:host", "belongs a URI");
	bad("nbd://", "no host");
	bad("nbd://:1/", "no host");
	bad("nbd://host:0/x", "no port");
	bad("nbd://host:/x", "no port");
	bad("nbd://host:65536/x", "no port");
	bad("nbd://host: 1/x", "no port");
	bad("nbd://me@host/x", "knows no user");
	bad("nbd://[::1/x", "around an IPv6");
	bad("nbd://[::1]x/x", "around an IPv6");
	bad("nbd://h/x%", "hexadecimal");
	bad("nbd://h/x%4", "hexadecimal");
	bad("nbd://h/x%zz", "hexadecimal");
	bad("nbd://h/x%00", "hexadecimal");
	bad("nbd://h/x#y", "%23");
	bad("nbd://h/x?socket=/s", "nbd+unix");
	bad("nbd+unix://h/x?socket=/s", "is written");
	bad("nbd+unix:///x", "is written");
	bad("nbd+unix:///x?socket=s", "begins with /");
	bad("nbd+unix:///x?socket", "no proper value");
	bad("nbd+unix:///x?socket=", "no proper value");
	bad("nbd+unix:///x?socket=/%g", "no proper value");
	bad("nbd+unix:///x?socket=/s&socket=/t", "twice");
	bad("nbd+unix:///x?sucket=/s", "no option \"sucket\"");
	snprintf(text, sizeof(text), "nbd://h/%0*d", BLK_EXPORT_MAX, 1);
	bad(text, "longer than 255");
	text[8 + BLK_EXPORT_MAX - 1] = '\0';
	good(text);
}

static void empty_options_are_none(void **state)
{
	nbd("nbd://host/x?", "host", "10809", NULL, "x");
	nbd("nbd+unix:///x?socket=/s&", NULL, NULL, "/s", "x");
	bad("nbd+unix:///x?&socket=/s", "no option \"\"");
}

static void nbd_with_tls(void **state)
{
	good("nbds://h/x?tls-certificates=/etc/pki&tls-hostname=other");
	assert_true(t.tls);
	same(t.certificates, "/etc/pki");
	same(t.tls_name, "other");
	good("nbds+unix:///x?socket=/s&tls-psk-file=/k/keys.psk&tls-username=me");
	same(t.psk, "/k/keys.psk");
	same(t.user, "me");
	bad("nbds://h/x", "TLS needs");
	bad("nbd://h/x?tls-certificates=/etc/pki", "need nbds://");
	bad("nbd://h/x?tls-psk-file=/k/keys.psk", "need nbds://");
	bad("nbd://h/x?tls-hostname=x", "need nbds://");
	bad("nbd://h/x?tls-username=x", "need nbds://");
	bad("nbds://h/x?tls-certificates=/a&tls-psk-file=/k/keys.psk", "not both");
	bad("nbds://h/x?tls-psk-file=/k/other", "keys.psk");
	bad("nbds://h/x?tls-psk-file=/keys/other.psk", "keys.psk");
	bad("nbds://h/x?tls-psk-file=/k", "keys.psk");
	bad("nbds://h/x?tls-certificates=/a&tls-username=x", "goes with");
	bad("nbds://h/x?tls-certificates=a", "begins with /");
}

static void rbd(const char *text, const char *pool, const char *name_space, const char *image,
		const char *snapshot)
{
	good(text);
	assert_int_equal(t.kind, TARGET_RBD);
	same(t.pool, pool);
	same(t.name_space, name_space);
	same(t.image, image);
	same(t.snapshot, snapshot);
	assert_int_equal(t.readonly, snapshot != NULL);
}

static void rbd_images(void **state)
{
	rbd("rbd:p/i", "p", NULL, "i", NULL);
	rbd("rbd:p/n/i@s", "p", "n", "i", "s");
	rbd("rbd:p/i?user=u&conf=/etc/c.conf", "p", NULL, "i", NULL);
	same(t.user, "u");
	same(t.conf, "/etc/c.conf");
	bad("rbd:", "is written");
	bad("rbd:p", "is written");
	bad("rbd:/i", "is written");
	bad("rbd:p/", "is written");
	bad("rbd:p//i", "is written");
	bad("rbd:p/n/", "is written");
	bad("rbd:p/n/i/x", "is written");
	bad("rbd:p/i@", "is written");
	bad("rbd:p/i?key=x", "no option");
	bad("rbd:p/i?conf=x", "begins with /");
}

static void length_is_bounded(void **state)
{
	char text[TARGET_MAX + 1];

	memset(text, 'x', sizeof(text));
	memcpy(text, "qcow2:/", 7);
	text[TARGET_MAX] = '\0';
	bad(text, "longer than 1023");
	text[TARGET_MAX - 1] = '\0';
	good(text);
}

static struct qsd_args args;

static const char *after(const char *option)
{
	for (const char **arg = args.argv; *arg; arg++)
		if (strcmp(*arg, option) == 0)
			return arg[1];
	return NULL;
}

static void told(const char *text, bool readonly, bool direct, const char *blockdev)
{
	const struct qsd_how how = {
		.readonly = readonly,
		.discard = !readonly,
		.direct = direct,
		.listen_fd = 3,
	};

	good(text);
	assert_int_equal(qsd_args_make(&t, &how, &args), 0);
	assert_string_equal(after("--blockdev"), blockdev);
	assert_string_equal(after("--nbd-server"), "addr.type=fd,addr.str=3,max-connections=0");
	assert_string_equal(after("--export"),
			    readonly ? "type=nbd,id=export,node-name=disk,name=disk,writable=off"
				     : "type=nbd,id=export,node-name=disk,name=disk,writable=on");
}

static void arguments_of_formats(void **state)
{
	told("qcow2:/a\"\\,b", false, true,
	     "{\"driver\":\"qcow2\",\"node-name\":\"disk\",\"read-only\":false,"
	     "\"cache\":{\"direct\":true},\"discard\":\"unmap\",\"file\":{\"driver\":\"file\","
	     "\"aio\":\"native\",\"filename\":\"/a\\\"\\\\,b\",\"read-only\":false,"
	     "\"cache\":{\"direct\":true},\"discard\":\"unmap\"}}");
	assert_null(after("--object"));
	told("vhd:/a", true, false,
	     "{\"driver\":\"vpc\",\"node-name\":\"disk\",\"read-only\":true,"
	     "\"cache\":{\"direct\":false},\"discard\":\"ignore\",\"file\":{\"driver\":\"file\","
	     "\"aio\":\"threads\",\"filename\":\"/a\",\"read-only\":true,"
	     "\"cache\":{\"direct\":false},\"discard\":\"ignore\"}}");
}

static void arguments_of_the_network(void **state)
{
	told("nbds://h:7/x%0a?tls-psk-file=/k/keys.psk&tls-username=me&tls-hostname=o", false, true,
	     "{\"driver\":\"nbd\",\"node-name\":\"disk\",\"read-only\":false,"
	     "\"cache\":{\"direct\":true},\"discard\":\"unmap\",\"server\":{\"type\":\"inet\","
	     "\"host\":\"h\",\"port\":\"7\"},\"reconnect-delay\":1000000000,"
	     "\"export\":\"x\\u000a\",\"tls-hostname\":\"o\",\"tls-creds\":\"tls\"}");
	assert_string_equal(after("--object"),
			    "{\"qom-type\":\"tls-creds-psk\",\"id\":\"tls\","
			    "\"endpoint\":\"client\",\"dir\":\"/k\",\"username\":\"me\"}");
	told("nbds+unix:///x?socket=/s&tls-certificates=/c", false, true,
	     "{\"driver\":\"nbd\",\"node-name\":\"disk\",\"read-only\":false,"
	     "\"cache\":{\"direct\":true},\"discard\":\"unmap\",\"server\":{\"type\":\"unix\","
	     "\"path\":\"/s\"},\"reconnect-delay\":1000000000,\"export\":\"x\","
	     "\"tls-creds\":\"tls\"}");
	assert_string_equal(after("--object"), "{\"qom-type\":\"tls-creds-x509\",\"id\":\"tls\","
					       "\"endpoint\":\"client\",\"dir\":\"/c\"}");
	told("rbd:p/n/i@s?user=u&conf=/c", true, true,
	     "{\"driver\":\"rbd\",\"node-name\":\"disk\",\"read-only\":true,"
	     "\"cache\":{\"direct\":true},\"discard\":\"ignore\",\"pool\":\"p\","
	     "\"namespace\":\"n\",\"image\":\"i\",\"snapshot\":\"s\",\"user\":\"u\","
	     "\"conf\":\"/c\"}");
}

static void no_credentials_without_tls(void **state)
{
	told("nbd://h/x", false, true,
	     "{\"driver\":\"nbd\",\"node-name\":\"disk\",\"read-only\":false,"
	     "\"cache\":{\"direct\":true},\"discard\":\"unmap\",\"server\":{\"type\":\"inet\","
	     "\"host\":\"h\",\"port\":\"10809\"},\"reconnect-delay\":1000000000,"
	     "\"export\":\"x\"}");
	assert_null(after("--object"));
}

static void longest_arguments_fit(void **state)
{
	const struct qsd_how how = { .listen_fd = 3 };
	char text[TARGET_MAX];
	struct target huge = { .kind = TARGET_FORMAT, .driver = "x" };
	static char path[6 * TARGET_MAX];

	memset(text, '"', sizeof(text));
	memcpy(text, "qcow2:/", 7);
	text[TARGET_MAX - 1] = '\0';
	good(text);
	assert_int_equal(qsd_args_make(&t, &how, &args), 0);
	/* Not from the parser: refused, and not written beyond the end. */
	memset(path, '"', sizeof(path) - 1);
	huge.path = path;
	assert_int_equal(qsd_args_make(&huge, &how, &args), -E2BIG);
}

/* Not from the parser either. */
static void credentials_too_long_are_refused(void **state)
{
	const struct qsd_how how = { .listen_fd = 3 };
	static char user[6 * TARGET_MAX];

	memset(user, '"', sizeof(user) - 1);
	good("nbds://h/x?tls-psk-file=/k/keys.psk");
	t.user = user;
	assert_int_equal(qsd_args_make(&t, &how, &args), -E2BIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(raw_and_formats),
		cmocka_unit_test(format_is_never_guessed),
		cmocka_unit_test(nbd_uris),
		cmocka_unit_test(nonsense_of_nbd),
		cmocka_unit_test(empty_options_are_none),
		cmocka_unit_test(nbd_with_tls),
		cmocka_unit_test(rbd_images),
		cmocka_unit_test(length_is_bounded),
		cmocka_unit_test(arguments_of_formats),
		cmocka_unit_test(arguments_of_the_network),
		cmocka_unit_test(no_credentials_without_tls),
		cmocka_unit_test(longest_arguments_fit),
		cmocka_unit_test(credentials_too_long_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
