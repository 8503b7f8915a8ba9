// SPDX-License-Identifier: GPL-2.0-or-later
/* What the three supervisors have in common as programs. */
#include "daemon/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "base/num.h"
#include "base/util.h"
#include "xen/lifeline.h"

#define OWN_OPTIONS_MAX 16

static const struct daemon_desc *desc;
static struct loop *loop;
static struct store *store;
static int ready_fd = -1;
static int exit_status;
static bool stopped;
static struct loop_source *store_src, *lifeline_src;

enum { OPT_LOG_LEVEL = 256, OPT_SYSLOG, OPT_READY_FD, OPT_OWN };

static const struct option common_options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ "foreground", no_argument, NULL, 'f' },
	{ "log-level", required_argument, NULL, OPT_LOG_LEVEL },
	{ "syslog", no_argument, NULL, OPT_SYSLOG },
	{ "ready-fd", required_argument, NULL, OPT_READY_FD },
};

static void print_help(void)
{
	printf("usage: %s [OPTION]...\n%s\n\n"
	       "Runs in the foreground until SIGTERM; guests keep their devices then,\n"
	       "and the next %s serves them on.\n\n"
	       "  -f, --foreground       accepted for scripts; there is no other way\n"
	       "      --log-level LEVEL  err, warn, info (default) or debug\n"
	       "      --syslog           log to syslog instead of stderr\n"
	       "      --ready-fd FD      write a byte to FD once everything is served\n",
	       desc->name, desc->summary, desc->name);
	for (const struct daemon_option *o = desc->options; o && o->name; o++)
		printf("      --%s%s%s\n                         %s\n", o->name, o->arg ? " " : "",
		       o->arg ? o->arg : "", o->help);
	printf("  -h, --help             this text\n"
	       "  -V, --version          the version\n");
}

static int parse_level(const char *text, enum log_level *ret)
{
	static const char *const names[] = { "err", "warn", "info", "debug" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(text, names[i]) == 0) {
			*ret = (enum log_level)i;
			return 0;
		}
	}
	return -EINVAL;
}

/* The common options, then those of this daemon. */
static void collect_options(struct option all[])
{
	size_t nr = ARRAY_SIZE(common_options);

	memcpy(all, common_options, sizeof(common_options));
	for (int i = 0; desc->options && desc->options[i].name; i++)
		all[nr++] = (struct option){
			.name = desc->options[i].name,
			.has_arg = desc->options[i].arg ? required_argument : no_argument,
			.val = OPT_OWN + i,
		};
	all[nr] = (struct option){ 0 };
}

static _Noreturn void usage_error(const char *what, const char *value)
{
	fprintf(stderr, "%s: %s \"%s\"; see %s --help\n", desc->name, what, value, desc->name);
	exit(2);
}

static void parse_options(int argc, char **argv)
{
	struct option all[ARRAY_SIZE(common_options) + OWN_OPTIONS_MAX + 1];
	enum log_level level = LOG_LEVEL_INFO;
	bool to_syslog = false;
	uint32_t fd;
	int opt;

	collect_options(all);
	while ((opt = getopt_long(argc, argv, "hVf", all, NULL)) != -1) {
		if (opt == '?')
			exit(2);
		if (opt == 'h') {
			print_help();
			exit(0);
		} else if (opt == 'V') {
			printf("%s %s\n", desc->name, PVBACK_VERSION);
			exit(0);
		} else if (opt == OPT_LOG_LEVEL) {
			if (parse_level(optarg, &level) != 0)
				usage_error("no such log level:", optarg);
		} else if (opt == OPT_SYSLOG) {
			to_syslog = true;
		} else if (opt == OPT_READY_FD) {
			if (num_u32(optarg, 0, 1023, &fd) != 0)
				usage_error("not a descriptor:", optarg);
			ready_fd = (int)fd;
		} else if (opt >= OPT_OWN) {
			const struct daemon_option *own = &desc->options[opt - OPT_OWN];

			if (own->set(optarg) != 0)
				usage_error(own->name, optarg);
		}
	}
	if (optind < argc)
		usage_error("too many arguments:", argv[optind]);
	log_open(desc->name, level, to_syslog);
}

/* Each is opened by the workers; better said now than at the first guest. */
static int check_xen(void)
{
	static const char *const devices[] = { "/dev/xen/evtchn", "/dev/xen/gntdev" };

	for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
		if (access(devices[i], R_OK | W_OK) == 0)
			continue;
		log_err(NULL,
			"%s: %s; is this a Xen dom0 or driver domain, are the modules xen-evtchn "
			"and xen-gntdev loaded, am I root?",
			devices[i], strerror(errno));
		return -ENODEV;
	}
	return 0;
}

static int make_dir(const char *path, mode_t mode)
{
	if (mkdir(path, mode) < 0 && errno != EEXIST) {
		log_err(NULL, "cannot make %s: %s", path, strerror(errno));
		return -errno;
	}
	return 0;
}

/* Held until the process ends; workers do not inherit it. */
static int lock_instance(void)
{
	char path[80];
	int fd;

	if (make_dir(DAEMON_RUN_DIR, 0755) != 0 || make_dir(DAEMON_EMPTY_DIR, 0555) != 0)
		return -EACCES;
	snprintf(path, sizeof(path), DAEMON_RUN_DIR "/%s.lock", desc->name);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		log_err(NULL, "cannot open %s: %s", path, strerror(errno));
		return -errno;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		log_err(NULL, "another %s is running (it holds %s); stop it first", desc->name,
			path);
		close(fd);
		return -EBUSY;
	}
	/* cppcheck-suppress resourceLeak; the lock is held to the end of the process */
	return 0;
}

static void store_lost(const char *why)
{
	log_err(NULL, "XenStore is lost (%s); running devices are handed to the next %s", why,
		desc->name);
	exit_status = 1;
	loop_del(store_src);
	loop_del(lifeline_src);
	desc->stop();
}

static void on_lifeline(void *ctx, uint32_t events)
{
	if (!stopped && !exit_status)
		store_lost("xenstored has hung up");
}

static void on_store(void *ctx, uint32_t events)
{
	struct store_event ev;
	int err;

	if (stopped || exit_status) /* in this very turn of the loop */
		return;
	while ((err = store_next_event(store, &ev)) == 0)
		desc->event(&ev);
	if (err == -EAGAIN)
		desc->settle();
	else
		store_lost(strerror(-err));
}

static void on_terminate(void *ctx, uint32_t events)
{
	log_info(NULL, "stopping; guests keep their devices");
	desc->stop();
}

static void on_hangup(void *ctx, uint32_t events)
{
	if (desc->reload)
		desc->reload();
}

/* The notify socket of systemd, as sd_notify(3) documents it. */
static void notify_systemd(const char *text)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd;

	if (!path || strlen(path) >= sizeof(addr.sun_path))
		return;
	memcpy(addr.sun_path, path, strlen(path));
	if (path[0] == '@')
		addr.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	sendto(fd, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&addr,
	       (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path)));
	close(fd);
}

static void announce_ready(void)
{
	log_info(NULL, "ready");
	notify_systemd("READY=1");
	if (ready_fd >= 0) {
		if (write(ready_fd, "1", 1) != 1)
			log_warn(NULL, "--ready-fd %d: %s", ready_fd, strerror(errno));
		close(ready_fd);
	}
}

static int connect_store(void)
{
	int lifeline, err = store_open(&store);

	if (!err)
		err = lifeline_open(&lifeline);
	if (err)
		log_err(NULL, "cannot connect to XenStore: %s; is xenstored running?",
			strerror(-err));
	else if (lifeline >= 0)
		err = loop_add_fd(loop, lifeline, EPOLLRDHUP, on_lifeline, NULL, &lifeline_src);
	return err;
}

static int set_up(void)
{
	struct loop_source *src;
	int err = loop_new(&loop);

	if (!err)
		err = loop_add_signal(loop, SIGTERM, on_terminate, NULL, &src);
	if (!err)
		err = loop_add_signal(loop, SIGINT, on_terminate, NULL, &src);
	if (!err)
		err = loop_add_signal(loop, SIGHUP, on_hangup, NULL, &src);
	if (err) {
		log_err(NULL, "cannot set up the event loop: %s", strerror(-err));
		return err;
	}
	err = connect_store();
	/* libxenstore's descriptor is a pipe that says "look". */
	if (!err)
		err = desc->start(loop, store);
	if (!err)
		err = loop_add_fd(loop, store_fd(store), EPOLLIN, on_store, NULL, &store_src);
	return err;
}

int daemon_main(int argc, char **argv, const struct daemon_desc *d)
{
	desc = d;
	parse_options(argc, argv);
	signal(SIGPIPE, SIG_IGN);
	if (check_xen() != 0 || lock_instance() != 0 || set_up() != 0)
		return 1;
	announce_ready();
	if (loop_run(loop) != 0)
		exit_status = 1;
	store_close(store);
	return exit_status;
}

void daemon_stopped(void)
{
	stopped = true;
	loop_quit(loop);
}
