// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * blk-nbd: a guest's disk as an NBD export on a Unix socket, so that everything
 * that speaks NBD reaches the block backend. One client after another, until
 * SIGTERM.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "blk_args.h"
#include "blk_export.h"

static const char usage[] =
	"usage: blk-nbd DOMID DEVID --socket PATH [--abi native|x86_32|x86_64] [--persistent]\n"
	"Connects the vbd DEVID of domain DOMID and serves it as NBD export on PATH;\n"
	"the socket appears when the disk is connected. Ends on SIGTERM.\n";

static int fail(const char *what)
{
	fprintf(stderr, "blk-nbd: %s: %s\n", what, strerror(errno));
	return -1;
}

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

/* Under another name first: who sees the socket can connect. */
static int open_socket(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return fail("socket");
	if ((size_t)snprintf(addr.sun_path, sizeof(addr.sun_path), "%s.new", path) >=
	    sizeof(addr.sun_path)) {
		errno = ENAMETOOLONG;
		goto err_close;
	}
	unlink(addr.sun_path);
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 || listen(fd, 8) < 0 ||
	    rename(addr.sun_path, path) < 0)
		goto err_close;
	return fd;

err_close:
	close(fd);
	return fail(path);
}

/* 0: on to the next client; 1: asked to stop; -1: it cannot go on */
static int serve_next(struct blkfront *f, int listener, int stop_fd)
{
	struct pollfd fds[] = {
		{ .fd = listener, .events = POLLIN },
		{ .fd = stop_fd, .events = POLLIN },
	};
	struct nbd_export export;
	int fd, err;

	if (poll(fds, 2, -1) < 0)
		return errno == EINTR ? 0 : fail("poll");
	if (fds[1].revents)
		return 1;
	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0)
		return fail("accept");
	blk_export_describe(f, &export);
	err = nbd_negotiate(fd, &export);
	if (err < 0)
		fprintf(stderr, "blk-nbd: a client speaks something else: %s\n", strerror(-err));
	if (err > 0) {
		err = blk_export_serve(f, fd, stop_fd);
		errno = -err;
	} else {
		err = 0; /* the client's own matter */
	}
	close(fd);
	return err ? fail("disk") : 0;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "socket", required_argument, NULL, 's' },
		{ "abi", required_argument, NULL, 'a' },
		{ "persistent", no_argument, NULL, 'p' },
		{ NULL, 0, NULL, 0 },
	};
	struct blkfront_conf conf = { .abi = BLKABI_NATIVE };
	const char *path = NULL;
	struct blkfront *f;
	int listener, stop_fd, opt, stop = 0, status;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (opt == 's')
			path = optarg;
		else if (opt == 'p')
			conf.persistent = true;
		else if (opt != 'a' || blk_args_abi(optarg, &conf.abi) != 0)
			goto err_usage;
	}
	if (!path || argc - optind != 2)
		goto err_usage;
	stop_fd = open_signals();
	f = blk_args_connect(argv[optind], argv[optind + 1], &conf);
	listener = open_socket(path);
	if (listener < 0)
		stop = -1;
	while (!stop)
		stop = serve_next(f, listener, stop_fd);
	unlink(path);
	status = blk_args_close(f);
	return stop < 0 ? EXIT_FAILURE : status;

err_usage:
	fputs(usage, stderr);
	return 2;
}
