// SPDX-License-Identifier: GPL-2.0-or-later
/* Domains: born and destroyed as libxl does it (libxl_create.c, libxl_domain.c). */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "rpc.h"
#include "toolstack_priv.h"

#define USERDATA_DIR "/var/lib/xen"

/* The last mapping of a dead domain is xenstored's, who lets go when it hears of the death. */
#define DEATH_PATIENCE_MS 5000

struct birth {
	const char *name;
	uint16_t domid;
	bool console;
	char dir[XSCONN_PATH_MAX]; /* /local/domain/N */
	char vm[XSCONN_PATH_MAX];
	char libxl[XSCONN_PATH_MAX];
	unsigned int store_frame, store_port;
	unsigned int console_frame, console_port;
};

extern char **environ;

static int hypervisor(enum rpc_op op, uint16_t domid, struct rpc *answer)
{
	struct rpc_link *link;
	int err = rpc_open_as(0, 0, &link, NULL);

	if (err)
		return err;
	*answer = (struct rpc){ .op = op, .domid = domid };
	err = rpc_call(link, answer, NULL);
	rpc_close(link);
	return err;
}

/* Also what xc_domain_getinfo() of the stand-in says. */
static void format_uuid(uint16_t domid, char uuid[40])
{
	snprintf(uuid, 40, "00000000-0000-4000-8000-00000000%04x", domid);
}

/* libxl wants to know what kind of guest it is, and nothing more. */
static int write_userdata(const struct birth *b, const char *uuid)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), USERDATA_DIR "/userdata-d.%u.%s.libxl-json", b->domid, uuid);
	f = fopen(path, "we");
	if (!f)
		return -errno;
	fprintf(f,
		"{ \"c_info\": { \"type\": \"pvh\", \"name\": \"%s\", \"uuid\": \"%s\" },\n"
		"  \"b_info\": { \"type.pvh\": {} } }\n",
		b->name, uuid);
	return fclose(f) ? -errno : 0;
}

static void remove_userdata(uint16_t domid)
{
	char path[128], uuid[40];

	format_uuid(domid, uuid);
	snprintf(path, sizeof(path), USERDATA_DIR "/userdata-d.%u.%s.libxl-json", domid, uuid);
	unlink(path);
}

static int make_subdirs(struct xsconn *c, const struct birth *b)
{
	static const struct {
		const char *name;
		bool guests;
	} dirs[] = {
		{ "cpu", false },
		{ "memory", false },
		{ "device", false },
		{ "control", false },
		{ "console", false },
		{ "device/suspend/event-channel", true },
		{ "control/shutdown", true },
		{ "control/feature-poweroff", true },
		{ "control/feature-reboot", true },
		{ "control/sysrq", true },
		{ "data", true },
		{ "drivers", true },
		{ "feature", true },
		{ "attr", true },
		{ "error", true },
	};
	char path[XSCONN_PATH_MAX];
	int err = 0;

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]) && !err; i++) {
		if (snprintf(path, sizeof(path), "%s/%s", b->dir, dirs[i].name) >=
		    (int)sizeof(path))
			return -ENAMETOOLONG;
		err = dirs[i].guests ? ts_make_dir(c, path, b->domid, NO_READER)
				     : ts_make_dir(c, path, 0, b->domid);
	}
	return err;
}

static int write_domain(struct xsconn *c, void *ctx)
{
	const struct birth *b = ctx;
	char uuid[40];
	int err;

	format_uuid(b->domid, uuid);
	xsconn_rm(c, b->dir);
	if ((err = ts_make_dir(c, b->dir, 0, b->domid)) ||
	    (err = ts_make_dir(c, b->vm, 0, b->domid)) ||
	    (err = ts_make_dir(c, b->libxl, 0, NO_READER)) ||
	    (err = xsconn_printf(c, b->dir, "vm", "%s", b->vm)) ||
	    (err = xsconn_printf(c, b->dir, "name", "%s", b->name)) ||
	    (err = xsconn_printf(c, b->dir, "domid", "%u", b->domid)) ||
	    (err = xsconn_printf(c, b->vm, "uuid", "%s", uuid)) ||
	    (err = xsconn_printf(c, b->vm, "name", "%s", b->name)) ||
	    (err = xsconn_printf(c, b->libxl, "type", "pvh")) ||
	    (err = xsconn_printf(c, b->libxl, "dm-version", "qemu_xen")) ||
	    (err = make_subdirs(c, b)) ||
	    (err = xsconn_printf(c, b->dir, "memory/target", "262144")) ||
	    (err = xsconn_printf(c, b->dir, "memory/static-max", "262144")) ||
	    (err = xsconn_printf(c, b->dir, "cpu/0/availability", "online")) ||
	    (err = xsconn_printf(c, b->dir, "store/ring-ref", "%u", b->store_frame)))
		return err;
	return xsconn_printf(c, b->dir, "store/port", "%u", b->store_port);
}

/* Console 0, as libxl__device_console_add() writes it. */
static int write_console(struct xsconn *c, void *ctx)
{
	const struct birth *b = ctx;
	char front[XSCONN_PATH_MAX], back[XSCONN_PATH_MAX];
	struct ts_key front_keys[] = {
		{ "backend-id", "0" }, { "limit", "1048576" }, { "type", "xenconsoled" },
		{ "output", "pty" },   { "tty", "" },	       { "port", "" },
		{ "ring-ref", "" }
	};
	struct ts_key back_keys[] = {
		{ "online", "1" }, { "state", "1" }, { "protocol", "vt100" }, { "frontend-id", "" }
	};
	int err;

	snprintf(front, sizeof(front), "/local/domain/%u/console", b->domid);
	snprintf(back, sizeof(back), "/local/domain/0/backend/console/%u/0", b->domid);
	snprintf(front_keys[5].value, sizeof(front_keys[5].value), "%u", b->console_port);
	snprintf(front_keys[6].value, sizeof(front_keys[6].value), "%u", b->console_frame);
	snprintf(back_keys[3].value, sizeof(back_keys[3].value), "%u", b->domid);
	if ((err = ts_make_dir(c, back, 0, b->domid)) ||
	    (err = xsconn_printf(c, front, "backend", "%s", back)) ||
	    (err = xsconn_printf(c, back, "frontend", "%s", front)) ||
	    (err = ts_write_keys(c, back, back_keys, 4)))
		return err;
	return ts_write_keys(c, front, front_keys, 7);
}

/* It goes into the background by itself, as soon as the ring is made. */
static int start_xsguest(struct birth *b)
{
	char domid[8], line[128] = "";
	char *argv[] = { (char *)"xsguest", domid, NULL };
	posix_spawn_file_actions_t actions;
	int out[2], err;
	ssize_t len;
	pid_t pid;

	if (pipe2(out, O_CLOEXEC) < 0)
		return -errno;
	snprintf(domid, sizeof(domid), "%u", b->domid);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, out[1], 1);
	err = -posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(out[1]);
	len = err ? 0 : read(out[0], line, sizeof(line) - 1);
	close(out[0]);
	if (!err && len > 0)
		waitpid(pid, NULL, 0);
	if (!err && (len <= 0 || sscanf(line, "%u %u %u %u", &b->store_frame, &b->store_port,
					&b->console_frame, &b->console_port) != 4))
		err = -ECHILD;
	return err;
}

static int introduce(struct xsconn *c, const struct birth *b)
{
	char payload[64];
	int len = snprintf(payload, sizeof(payload), "%u%c%u%c%u", b->domid, '\0', b->store_frame,
			   '\0', b->store_port);

	return xsconn_call(c, XS_INTRODUCE, payload, (size_t)len + 1, NULL, 0, NULL);
}

static int tell_xenstore(struct birth *b)
{
	struct xsconn *c;
	int err = xsconn_open_dom0(&c);

	if (err)
		return err;
	err = ts_transact(c, write_domain, b);
	if (!err)
		err = introduce(c, b);
	if (!err && b->console)
		err = ts_transact(c, write_console, b);
	xsconn_close(c);
	return err;
}

int toolstack_domain_make(const struct toolstack_domain *how, uint16_t *ret)
{
	struct rpc *r = malloc(sizeof(*r));
	struct birth b = { .name = how->name, .console = !how->no_console };
	char uuid[40];
	int err = r ? hypervisor(RPC_CREATE, how->domid, r) : -ENOMEM;

	if (err)
		goto out;
	b.domid = (uint16_t)r->domid;
	format_uuid(b.domid, uuid);
	snprintf(b.dir, sizeof(b.dir), "/local/domain/%u", b.domid);
	snprintf(b.vm, sizeof(b.vm), "/vm/%s", uuid);
	snprintf(b.libxl, sizeof(b.libxl), "/libxl/%u", b.domid);
	err = write_userdata(&b, uuid);
	if (!err)
		err = start_xsguest(&b);
	if (!err)
		err = tell_xenstore(&b);
	if (err)
		hypervisor(RPC_DESTROY, b.domid, r);
	else
		*ret = b.domid;
out:
	free(r);
	return err;
}

int toolstack_domain_create(const char *name, uint16_t *ret)
{
	struct toolstack_domain how = { .name = name };

	return toolstack_domain_make(&how, ret);
}

static int remove_nodes(struct xsconn *c, void *ctx)
{
	uint16_t domid = *(const uint16_t *)ctx;
	char path[XSCONN_PATH_MAX], vm[XSCONN_PATH_MAX];

	snprintf(path, sizeof(path), "/local/domain/0/backend/console/%u", domid);
	xsconn_rm(c, path);
	snprintf(path, sizeof(path), "/local/domain/%u/vm", domid);
	if (xsconn_read(c, path, vm, sizeof(vm)) == 0)
		xsconn_rm(c, vm);
	snprintf(path, sizeof(path), "/local/domain/%u", domid);
	xsconn_rm(c, path);
	snprintf(path, sizeof(path), "/libxl/%u", domid);
	xsconn_rm(c, path);
	return 0;
}

static bool is_listed(uint16_t domid, struct rpc *r)
{
	return hypervisor(RPC_INFO, domid, r) == 0 && r->nr > 0 && r->list[0] == domid;
}

static bool is_introduced(struct xsconn *c, uint16_t domid)
{
	char text[8], answer[8];
	size_t len;

	snprintf(text, sizeof(text), "%u", domid);
	return xsconn_call(c, XS_IS_DOMAIN_INTRODUCED, text, strlen(text) + 1, answer,
			   sizeof(answer), &len) == 0 &&
	       answer[0] == 'T';
}

/*
 * Its number is free when the hypervisor does not list it any more, and
 * xenstored has heard of it: else that takes the next one of this number for it.
 */
static int wait_for_death(struct xsconn *c, uint16_t domid, struct rpc *r)
{
	struct timespec pause = { .tv_nsec = 1000000 };

	for (int ms = 0; ms < DEATH_PATIENCE_MS; ms++) {
		if (!is_listed(domid, r) && !is_introduced(c, domid))
			return 0;
		nanosleep(&pause, NULL);
	}
	return -ETIMEDOUT;
}

int toolstack_destroy(uint16_t domid)
{
	struct rpc *r = malloc(sizeof(*r));
	struct xsconn *c;
	int err = r ? xsconn_open_dom0(&c) : -ENOMEM, late;

	if (err)
		goto out;
	err = ts_detach_all(c, domid);
	ts_transact(c, remove_nodes, &domid);
	remove_userdata(domid);
	late = hypervisor(RPC_DESTROY, domid, r);
	if (!late || late == -ESRCH) {
		int undead = wait_for_death(c, domid, r);

		late = late ? late : undead;
	}
	xsconn_close(c);
	if (!err)
		err = late;
out:
	free(r);
	return err;
}
