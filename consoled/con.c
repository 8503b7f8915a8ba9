// SPDX-License-Identifier: GPL-2.0-or-later
/* One domain's console, see con.h. */
#include "con.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xen/grant_table.h>

#include "base/log.h"
#include "link.h"

static struct {
	struct store *store;
	const struct con_settings *settings;
	uint32_t last_id;
} state;

void con_init(struct store *store, const struct con_settings *settings)
{
	state.store = store;
	state.settings = settings;
}

int con_new(uint16_t domid, struct con **ret)
{
	struct con *con = calloc(1, sizeof(*con));

	if (!con)
		return -ENOMEM;
	con->domid = domid;
	snprintf(con->dev, sizeof(con->dev), "console/%u", domid);
	con->pty = PTY_NONE;
	*ret = con;
	return 0;
}

/* Once per trouble, not once per attempt. */
static void tell(struct con *con, int err, const char *what)
{
	if (!con->told)
		log_err(con->dev, "%s: %s", what, strerror(-err));
	con->told = true;
}

static int open_log(struct con *con)
{
	char name[128];
	int fd;

	if (!state.settings->log_dir)
		return -1;
	if (store_read(state.store, name, sizeof(name), "/local/domain/%u/name", con->domid) < 0)
		snprintf(name, sizeof(name), "domain-%u", con->domid);
	logfile_name(con->log_file, name);
	fd = logfile_open(state.settings->log_dir, con->log_file);
	if (fd < 0)
		log_err(con->dev, "%s/%s: %s; no log", state.settings->log_dir, con->log_file,
			strerror(-fd));
	return fd;
}

static int send_add(struct con *con, int log)
{
	int fds[2] = { con->pty.master, log };
	struct worker_msg msg = {
		.type = WORKER_MSG_CON_ADD,
		.id = ++state.last_id,
		.con = {
			.domid = con->domid,
			.evtchn = con->keys.port,
			.ring_ref = GNTTAB_RESERVED_CONSOLE,
			.backlog_max = con->keys.limit,
			.log_max = state.settings->log_max,
			.log_stamps = state.settings->log_stamps,
			.log_raw = state.settings->log_raw,
		},
	};

	memcpy(msg.dev, con->dev, sizeof(msg.dev));
	con->id = msg.id;
	return link_send(&msg, fds, log < 0 ? 1 : 2);
}

static void add(struct con *con)
{
	int err = con->pty.master < 0 ? pty_open(&con->pty) : 0;
	int log;

	con->state = CON_FAILED;
	if (err) {
		tell(con, err, "cannot make a pty");
		return;
	}
	log = open_log(con);
	err = send_add(con, log);
	if (log >= 0)
		close(log);
	if (!err)
		con->state = CON_ADDING;
	else if (err != -EPIPE) /* it has died: we shall hear of that */
		tell(con, err, "cannot hand over to the worker");
}

/* @farewell: or else the pty stays, as its clients may be waiting for what comes next. */
static void drop(struct con *con, bool farewell)
{
	struct worker_msg msg = {
		.type = WORKER_MSG_CON_DEL,
		.id = con->id,
		.con = { .farewell = farewell },
	};

	if (con->id != 0 && link_is_up())
		link_send(&msg, NULL, 0);
	con->id = 0;
	con->state = CON_IDLE;
}

static void drop_all(struct con *con)
{
	if (con->state == CON_SERVED)
		log_info(con->dev, "gone");
	drop(con, true);
	pty_close(&con->pty);
	con->published = false;
	con->has_keys = false;
}

void con_free(struct con *con)
{
	drop_all(con);
	free(con);
}

/*
 * New keys against those we had: what we have may be no longer good. A soft
 * reset closes all ports of the guest, and the new one may have the old number.
 */
static void take_keys(struct con *con, const struct con_keys *keys)
{
	bool same = con->has_keys && con_keys_same_ring(&con->keys, keys);

	if (con->has_keys && strcmp(con->keys.vm, keys->vm) != 0) {
		drop_all(con);
	} else if (con->has_keys && (!same || con->port_told)) {
		if (con->state == CON_SERVED || con->state == CON_BROKEN)
			log_info(con->dev, "has a new ring");
		drop(con, false);
	}
	/* Whatever is wrong with these is another trouble. */
	if (!same)
		con->told = false;
	con->keys = *keys;
	con->has_keys = true;
	con->port_told = false;
}

void con_look(struct con *con)
{
	struct con_keys keys;
	int err = con_keys_read(state.store, con->domid, &keys);

	if (err) {
		if (err == -EINVAL)
			tell(con, err, "keys in XenStore");
		drop_all(con);
		return;
	}
	take_keys(con, &keys);
	if ((con->state == CON_IDLE || con->state == CON_FAILED) && link_is_up())
		add(con);
}

/*
 * The proof that the directory is still there keeps us from bringing a dead
 * domain's back. -ENOENT: it is not.
 */
static int write_tty(void *ctx)
{
	const struct con *con = ctx;

	if (!store_exists(state.store, "/local/domain/%u/console/port", con->domid))
		return -ENOENT;
	return store_write(state.store, con->pty.path, "/local/domain/%u/console/tty", con->domid);
}

/*
 * Each new pty is written, even if its name is the one that stands there from
 * a predecessor: clients wait for the write. An old pty is not written again
 * after the worker's restart: clients would let go of it.
 */
static void on_ready(struct con *con)
{
	int err;

	con->state = CON_SERVED;
	con->told = false;
	if (con->published)
		return;
	err = store_change(state.store, write_tty, con);
	if (err && err != -ENOENT)
		tell(con, err, "cannot write console/tty");
	if (err)
		return;
	con->published = true;
	log_info(con->dev, "serving on %s", con->pty.path);
}

static void send_log(struct con *con, int fd)
{
	struct worker_msg msg = { .type = WORKER_MSG_CON_LOG, .id = con->id };

	link_send(&msg, &fd, 1);
	close(fd);
}

static void rotate_log(struct con *con)
{
	const struct con_settings *set = state.settings;
	int fd;

	if (!set->log_dir)
		return;
	fd = logfile_rotate(set->log_dir, con->log_file, set->log_keep, set->log_max);
	if (fd < 0)
		log_err(con->dev, "cannot rotate %s/%s: %s", set->log_dir, con->log_file,
			strerror(-fd));
	else
		send_log(con, fd);
}

void con_reopen_log(struct con *con)
{
	int fd;

	if (con->id == 0)
		return;
	fd = open_log(con);
	if (fd >= 0)
		send_log(con, fd);
}

void con_message(struct con *con, const struct worker_msg *msg)
{
	switch (msg->type) {
	case WORKER_MSG_READY:
		on_ready(con);
		break;
	case WORKER_MSG_FAILED:
		if (!con->told)
			log_err(con->dev, "%s", msg->text);
		con->told = true;
		con->id = 0;
		con->state = CON_FAILED;
		break;
	case WORKER_MSG_BROKEN:
		log_warn(con->dev, "%s; no longer served", msg->text);
		con->state = CON_BROKEN;
		break;
	case WORKER_MSG_CON_ROTATE:
		rotate_log(con);
		break;
	default:
		log_warn(con->dev, "unexpected message %u", msg->type);
	}
}

void con_link_down(struct con *con)
{
	con->id = 0;
	con->state = CON_IDLE;
}
