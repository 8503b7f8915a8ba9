// SPDX-License-Identifier: GPL-2.0-or-later
/* The small toolstack as a program, for shell tests and for people. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <xen/io/xenbus.h>

#include "toolstack_priv.h"

static const char usage[] =
	"usage: toolstack COMMAND, in a world (see tests/native/world)\n"
	"  create NAME [--domid N] [--no-console]    prints the domain's number\n"
	"  destroy DOMAIN\n"
	"  attach-vbd DOMAIN xvda IMAGE [ro] [cdrom] [PLUG]\n"
	"  attach-vif DOMAIN HANDLE [BRIDGE] [PLUG]\n"
	"             PLUG is script: run the hotplug script; held: stay in state 2;\n"
	"             unwaited: do not wait for it either; else plugged without script\n"
	"  plug DOMAIN vbd|vif DEVICE                what was left out with held\n"
	"  detach DOMAIN vbd|vif DEVICE [force]\n"
	"  init                                      what xen-init-dom0 writes\n"
	"A disk may be given by its number as well, 51712 for xvda.\n";

static int fail(const char *what, int err)
{
	fprintf(stderr, "toolstack: %s: %s\n", what, strerror(-err));
	return 1;
}

static _Noreturn void misuse(void)
{
	fputs(usage, stderr);
	exit(2);
}

static unsigned int number(const char *text)
{
	char *end;
	unsigned long n = text ? strtoul(text, &end, 10) : 0;

	if (!text || end == text || *end || n > UINT32_MAX)
		misuse();
	return (unsigned int)n;
}

/* xvd<letter>[<partition>], as libxl counts them, or the number itself. */
static unsigned int disk_number(const char *text)
{
	unsigned int disk, part = 0;

	if (!text || strncmp(text, "xvd", 3) != 0)
		return number(text);
	disk = (unsigned int)(text[3] - 'a');
	if (disk > 25)
		misuse();
	if (text[4])
		part = number(text + 4);
	return disk < 16 && part < 16 ? 202u << 8 | disk << 4 | part : 1u << 28 | disk << 8 | part;
}

static unsigned int device_number(const char *kind, const char *text)
{
	return strcmp(kind, "vbd") == 0 ? disk_number(text) : number(text);
}

static bool plug_word(const char *word, enum toolstack_plug *plug)
{
	if (strcmp(word, "script") == 0)
		*plug = PLUG_SCRIPT;
	else if (strcmp(word, "held") == 0)
		*plug = PLUG_NOT;
	else if (strcmp(word, "unwaited") == 0)
		*plug = PLUG_NO_WAIT;
	else
		return false;
	return true;
}

static int create(char **args)
{
	struct toolstack_domain how = { .name = args[0] };
	uint16_t domid;
	int err;

	if (!args[0])
		misuse();
	for (args++; *args; args++) {
		if (strcmp(*args, "--domid") == 0)
			how.domid = (uint16_t)number(*++args);
		else if (strcmp(*args, "--no-console") == 0)
			how.no_console = true;
		else
			misuse();
	}
	err = toolstack_domain_make(&how, &domid);
	if (err)
		return fail(how.name, err);
	printf("%u\n", domid);
	return 0;
}

static int destroy(char **args)
{
	int err = toolstack_destroy((uint16_t)number(args[0]));

	return err ? fail("destroy", err) : 0;
}

static int attach_vbd(char **args)
{
	struct toolstack_vbd how = { 0 };
	uint16_t domid = (uint16_t)number(args[0]);
	int err;

	how.devid = disk_number(args[1]);
	how.image = args[2];
	if (!how.image)
		misuse();
	for (args += 3; *args; args++) {
		if (strcmp(*args, "ro") == 0)
			how.readonly = true;
		else if (strcmp(*args, "cdrom") == 0)
			how.cdrom = true;
		else if (!plug_word(*args, &how.plug))
			misuse();
	}
	err = toolstack_vbd_add(domid, &how);
	return err ? fail("attach-vbd", err) : 0;
}

static int attach_vif(char **args)
{
	struct toolstack_vif how = { 0 };
	uint16_t domid = (uint16_t)number(args[0]);
	int err;

	how.handle = number(args[1]);
	for (args += 2; *args; args++)
		if (!plug_word(*args, &how.plug))
			how.bridge = *args;
	err = toolstack_vif_add(domid, &how);
	return err ? fail("attach-vif", err) : 0;
}

static int plug(char **args)
{
	uint16_t domid = (uint16_t)number(args[0]);
	int err;

	if (!args[1])
		misuse();
	err = toolstack_plug(domid, args[1], device_number(args[1], args[2]));
	return err ? fail("plug", err) : 0;
}

static int detach(char **args)
{
	uint16_t domid = (uint16_t)number(args[0]);
	unsigned int devid;
	bool force;
	int err;

	if (!args[1])
		misuse();
	devid = device_number(args[1], args[2]);
	force = args[3] && strcmp(args[3], "force") == 0;
	if (args[3] && !force)
		misuse();
	err = toolstack_detach(domid, args[1], devid, force);
	return err ? fail("detach", err) : 0;
}

static int write_domain0(struct xsconn *c, void *ctx)
{
	const char *dir = "/local/domain/0";
	int err;

	if ((err = xsconn_printf(c, dir, "domid", "0")) ||
	    (err = xsconn_printf(c, dir, "name", "Domain-0")) ||
	    (err = xsconn_printf(c, dir, "vm", "/vm/00000000-0000-0000-0000-000000000000")) ||
	    (err = xsconn_printf(c, "/vm/00000000-0000-0000-0000-000000000000", "uuid",
				 "00000000-0000-0000-0000-000000000000")) ||
	    (err = xsconn_printf(c, "/libxl/0", "type", "pv")) ||
	    (err = xsconn_printf(c, "/libxl/0", "dm-version", "qemu_xen")))
		return err;
	return 0;
}

/* All that libxl wants to know of domain 0. */
static int write_userdata(void)
{
	FILE *f = fopen("/var/lib/xen/userdata-d.0.00000000-0000-0000-0000-000000000000.libxl-json",
			"we");

	if (!f)
		return -errno;
	fputs("{ \"c_info\": { \"name\": \"Domain-0\", \"type\": \"pv\" }, "
	      "\"b_info\": { \"type.pv\": {} } }\n",
	      f);
	return fclose(f) ? -errno : 0;
}

static int init(char **args)
{
	struct xsconn *c;
	int err = write_userdata();

	if (!err)
		err = xsconn_open_dom0(&c);
	if (err)
		return fail("init", err);
	err = ts_transact(c, write_domain0, NULL);
	xsconn_close(c);
	return err ? fail("init", err) : 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(char **args);
		int args;
	} commands[] = {
		{ "create", create, 1 },
		{ "destroy", destroy, 1 },
		{ "attach-vbd", attach_vbd, 3 },
		{ "attach-vif", attach_vif, 2 },
		{ "plug", plug, 3 },
		{ "detach", detach, 3 },
		{ "init", init, 0 },
	};

	for (size_t i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(argv[1], commands[i].name) == 0 && argc - 2 >= commands[i].args)
			return commands[i].run(argv + 2);
	misuse();
}
