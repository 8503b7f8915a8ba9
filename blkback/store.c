// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * blkback-store: makes an NBD connection of a target, for one disk.
 *
 * Theory of operation
 * -------------------
 * Names of hosts, connections and other people's programs make one wait, and
 * blkbackd never does. So this process does it in its place, as one sequence
 * of steps; whoever loses patience kills it.
 *
 * An NBD server is connected to twice: once to be asked what it has, then for the
 * worker, which gets a connection on which nothing has been said. Then we are done.
 *
 * Everything else is the matter of a qemu-storage-daemon, which lives as long as
 * its connection is needed: until blkbackd says stop. A blkbackd that is gone
 * without a word has left a worker behind, which is to finish what it has begun:
 * it holds the other end of a pipe, and we stay until that is closed. Until the
 * daemon is gone its successor is kept waiting by a lock.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/paths.h"
#include "qsd_args.h"
#include "store_nbd.h"
#include "store_qsd.h"
#include "worker/child.h"

static struct child child;
static struct target target;

/* The name of the device with no slash in it. */
static void file_name(char *path, size_t size)
{
	size_t len = (size_t)snprintf(path, size, DAEMON_RUN_DIR "/store-");

	for (const char *c = child.msg.dev; *c && len < size - 6; c++)
		path[len++] = *c == '/' ? '-' : *c;
	snprintf(path + len, size - len, ".lock");
}

/* Has the file been taken away while we waited for it? */
static bool is_stale(int fd, const char *path)
{
	struct stat ours, there;

	return fstat(fd, &ours) < 0 || stat(path, &there) < 0 || ours.st_ino != there.st_ino;
}

/* Wait for a predecessor to be gone: two daemons cannot have one image open. */
static int take_lock(const char *path, int *ret)
{
	for (;;) {
		int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

		if (fd < 0 || flock(fd, LOCK_EX) < 0)
			return child_failed(errno ? -errno : -EIO, 0, "cannot lock %s", path);
		if (!is_stale(fd, path)) {
			*ret = fd;
			return 0;
		}
		close(fd);
	}
}

static int tell_ready(const struct store_info *info, const int *fds, unsigned int nr)
{
	struct worker_msg msg = { .type = WORKER_MSG_READY, .store_info = *info };

	return fdmsg_send(CHILD_CONTROL_FD, &msg, sizeof(msg), fds, nr);
}

static int check_size(const struct store_conf *conf, const struct store_info *info)
{
	if (info->readonly && !conf->readonly)
		return child_failed(
			-EROFS, 0, "the server has it read-only; give the disk mode r (access=ro)");
	return 0;
}

static int serve_nbd(const struct store_conf *conf)
{
	char why[WORKER_TEXT_MAX];
	struct store_info info;
	int fd, err = store_nbd_dial(&target, &fd, why, sizeof(why));

	if (!err)
		err = store_nbd_measure(fd, target.export, &info, why, sizeof(why));
	if (!err)
		err = store_nbd_dial(&target, &fd, why, sizeof(why));
	if (err)
		return child_failed(err, 0, "%s", why);
	err = check_size(conf, &info);
	return err ? err : tell_ready(&info, &fd, 1);
}

/* Told to stop, if need be by the end of what there is to hear (spawn.c, worker_stop()). */
static bool is_told(short revents)
{
	int err = (revents & POLLIN) ? child_recv(&child) : -EAGAIN;

	if (err)
		return err == -EPIPE && !(revents & POLLHUP);
	return child.msg.type == WORKER_MSG_STOP;
}

/* Until we are told to stop, or nobody needs us any more, or the daemon is gone. */
static void wait_for_end(struct qsd *q, int pipe_fd)
{
	char why[WORKER_TEXT_MAX];
	struct pollfd p[] = {
		{ .fd = CHILD_CONTROL_FD, .events = POLLIN },
		{ .fd = pipe_fd },
		{ .fd = q->pid_fd, .events = POLLIN },
		{ .fd = q->errors, .events = POLLIN },
	};

	for (;;) {
		if (poll(p, 4, -1) < 0)
			return;
		if (p[3].revents & POLLIN)
			qsd_listen(q);
		else if (p[3].revents)
			p[3].fd = -1;
		if (is_told(p[0].revents))
			return;
		if (p[0].revents & (POLLHUP | POLLERR))
			p[0].fd = -1;
		if (p[0].fd < 0 && p[1].revents)
			return;
		if (p[2].revents) {
			qsd_listen(q);
			qsd_complaint(q, why, sizeof(why));
			child_failed(-EPIPE, 0, "%s", why);
			return;
		}
	}
}

static int hand_over(struct qsd *q, const struct store_conf *conf, const int *fds)
{
	char why[WORKER_TEXT_MAX];
	struct store_info info;
	int pipe_fds[2] = { -1, -1 }, out[2];
	int err = store_nbd_measure(fds[0], QSD_EXPORT, &info, why, sizeof(why));

	if (err) {
		/* It has hung up, so it says why itself. */
		qsd_end(q);
		if (q->said_len > 0)
			qsd_complaint(q, why, sizeof(why));
		return child_failed(err, 0, "%s", why);
	}
	err = check_size(conf, &info);
	if (!err && pipe2(pipe_fds, O_CLOEXEC) < 0)
		err = child_failed(-errno, 0, "cannot make a pipe");
	out[0] = fds[1];
	out[1] = pipe_fds[1];
	if (!err)
		err = tell_ready(&info, out, 2);
	if (!err) {
		close(out[0]);
		close(out[1]);
		wait_for_end(q, pipe_fds[0]);
	}
	qsd_end(q);
	return err;
}

static int serve_qsd(const struct store_conf *conf)
{
	char why[WORKER_TEXT_MAX], lock[128];
	int lock_fd = -1, fds[2], err;
	static struct qsd q;

	file_name(lock, sizeof(lock));
	err = take_lock(lock, &lock_fd);
	if (err)
		return err;
	err = qsd_start(&q, &target, conf, lock_fd, fds, 2, why, sizeof(why));
	if (err)
		child_failed(err, 0, "%s", why);
	else
		err = hand_over(&q, conf, fds);
	unlink(lock);
	return err;
}

int main(int argc, char **argv)
{
	static struct store_conf conf;
	char why[WORKER_TEXT_MAX];
	int err = child_begin(&child, argc, argv, "blkback-store");

	if (err)
		return EXIT_FAILURE;
	conf = child.msg.store; /* child.msg is used again */
	conf.target[sizeof(conf.target) - 1] = '\0';
	if (target_parse(conf.target, &target, why, sizeof(why)) != 0) {
		child_failed(-EINVAL, 0, "%s", why);
		return EXIT_FAILURE;
	}
	if (target.kind == TARGET_NBD && !target.tls)
		err = serve_nbd(&conf);
	else
		err = serve_qsd(&conf);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
