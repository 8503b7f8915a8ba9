// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * consoled: consoles of Xen guests. It makes a pty and a log file for each,
 * and hands them to console-worker, which alone looks into the rings.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "base/log.h"
#include "base/num.h"
#include "con.h"
#include "daemon/daemon.h"
#include "domains.h"
#include "link.h"

static struct con_settings settings = {
	.log_dir = "/var/log/xen/console",
	.log_max = 4 * 1024 * 1024,
	.log_keep = 3,
};

static int set_log_dir(const char *value)
{
	if (value[0] != '/')
		return -EINVAL;
	settings.log_dir = value;
	return 0;
}

static int set_no_log(const char *value)
{
	settings.log_dir = NULL;
	return 0;
}

/* Less than a ring's worth would rotate with every line. */
static int set_log_max(const char *value)
{
	uint64_t max;

	if (num_u64(value, 0, UINT64_MAX / 2, &max) < 0 || (max > 0 && max < 4096))
		return -EINVAL;
	settings.log_max = max;
	return 0;
}

static int set_log_keep(const char *value)
{
	return num_u32(value, 0, 1000, &settings.log_keep);
}

static int set_log_escapes(const char *value)
{
	settings.log_raw = strcmp(value, "raw") == 0;
	return settings.log_raw || strcmp(value, "dots") == 0 ? 0 : -EINVAL;
}

static int set_timestamps(const char *value)
{
	settings.log_stamps = true;
	return 0;
}

static const struct daemon_option options[] = {
	{ "log-dir", "DIR", "where guests' logs go (/var/log/xen/console)", set_log_dir },
	{ "no-log", NULL, "keep no logs", set_no_log },
	{ "log-max", "BYTES", "rotate a log of this size (4194304); 0 = never", set_log_max },
	{ "log-keep", "N", "rotated logs to keep of each guest (3)", set_log_keep },
	{ "log-escapes", "dots|raw", "control characters in logs (dots)", set_log_escapes },
	{ "timestamps", NULL, "begin each line of the logs with the time", set_timestamps },
	{ 0 }
};

/* Each console takes a pty's two ends here, and pty and log in the worker. */
static void raise_fd_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		log_warn(NULL, "cannot raise the limit of open files: %s", strerror(errno));
}

static void on_message(const struct worker_msg *msg)
{
	struct con *con = domains_find(msg->id);

	/* Dropped in the meantime, or the answer to the drop. */
	if (!con || msg->type == WORKER_MSG_CON_GONE)
		return;
	con_message(con, msg);
	if (con->state == CON_FAILED)
		domains_retry_later();
}

static void on_down(void)
{
	domains_each(con_link_down);
}

static int start(struct loop *loop, struct store *store)
{
	static const struct link_ops ops = {
		.up = domains_look_all,
		.down = on_down,
		.message = on_message,
	};
	int err = settings.log_dir ? logfile_prepare(settings.log_dir) : 0;

	if (err) {
		log_err(NULL, "%s: %s", settings.log_dir, strerror(-err));
		return err;
	}
	raise_fd_limit();
	con_init(store, &settings);
	err = domains_start(loop, store);
	if (!err)
		err = link_start(loop, &ops);
	return err;
}

static void stop(void)
{
	link_stop(daemon_stopped);
}

static void reload(void)
{
	domains_each(con_reopen_log);
}

int main(int argc, char **argv)
{
	static const struct daemon_desc desc = {
		.name = "consoled",
		.summary = "serve the consoles of Xen guests",
		.options = options,
		.start = start,
		.stop = stop,
		.reload = reload,
		.event = domains_event,
		.settle = domains_settle,
	};

	return daemon_main(argc, argv, &desc);
}
