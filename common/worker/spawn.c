// SPDX-License-Identifier: GPL-2.0-or-later
/* Start, talk to, stop and reap a worker process. */
#include "worker/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fdmsg.h"
#include "base/log.h"
#include "base/util.h"
#include "worker/child.h"

/* libxl gives a device ten seconds to close. */
#define STOP_PATIENCE_NS (5 * NS_PER_SEC)
#define KILL_PATIENCE_NS NS_PER_SEC

struct worker {
	struct loop *loop;
	pid_t pid;
	int pid_fd;
	int control;
	bool asked;
	bool killed;
	bool given_up; /* nobody waits for it any more but us */
	char dev[32];
	struct loop_source *exit_src;
	struct loop_source *control_src;
	struct loop_source *stop_timer;
	const struct worker_ops *ops;
	void *ctx;
};

static int worker_path(const char *program, char path[PATH_MAX])
{
	ssize_t len = readlink("/proc/self/exe", path, PATH_MAX - 64);
	char *slash;

	if (len < 0)
		return -errno;
	path[len] = '\0';
	slash = strrchr(path, '/');
	snprintf(slash + 1, 64, "%s", program);
	return access(path, X_OK) < 0 ? -errno : 0;
}

/* In the child: nothing but stdio and the control socket goes along. */
static void exec_worker(const char *path, int control, const char *dev)
{
	char level[4];
	sigset_t none;

	/* dup2 clears close-on-exec, but onto itself it does nothing. */
	if (control == CHILD_CONTROL_FD ? fcntl(control, F_SETFD, 0) < 0
					: dup2(control, CHILD_CONTROL_FD) < 0)
		_exit(126);
	close_range(CHILD_CONTROL_FD + 1, UINT_MAX, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	snprintf(level, sizeof(level), "%d", (int)log_max());
	execl(path, path, dev, level, log_to_syslog() ? "syslog" : "stderr", (char *)NULL);
	_exit(127);
}

static void worker_free(struct worker *w)
{
	loop_del(w->exit_src);
	loop_del(w->control_src);
	loop_del(w->stop_timer);
	if (w->pid_fd >= 0)
		close(w->pid_fd);
	if (w->control >= 0)
		close(w->control);
	free(w);
}

static void describe_exit(const siginfo_t *info, char *how, size_t size)
{
	if (info->si_code == CLD_EXITED)
		snprintf(how, size, "exited with status %d", info->si_status);
	else
		snprintf(how, size, "was killed by signal %d (%s)", info->si_status,
			 strsignal(info->si_status));
}

/* What the worker said before it died is still in the socket. */
static void drain_messages(struct worker *w);

static void on_exit_event(void *ctx, uint32_t events)
{
	struct worker *w = ctx;
	siginfo_t info = { 0 };
	char how[80];

	if (waitid(P_PIDFD, (id_t)w->pid_fd, &info, WEXITED | WNOHANG) < 0 || info.si_pid == 0)
		return;
	describe_exit(&info, how, sizeof(how));
	if (w->given_up) {
		log_info(w->dev, "worker %d, given up a while ago, %s", w->pid, how);
	} else {
		drain_messages(w);
		w->ops->gone(w->ctx, w->asked, how);
	}
	worker_free(w);
}

/* 0; -EAGAIN: nothing more for now; -EPROTO: not one of our messages, there may be others; -errno */
static int receive_one(struct worker *w)
{
	struct worker_msg msg;
	int fds[FDMSG_MAX_FDS];
	unsigned int nr_fds;
	int err = fdmsg_recv(w->control, &msg, sizeof(msg), fds, &nr_fds);

	if (err)
		return err;
	for (unsigned int i = 0; i < nr_fds; i++) {
		if (w->ops->descriptor)
			w->ops->descriptor(w->ctx, fds[i]);
		else
			close(fds[i]);
	}
	msg.text[sizeof(msg.text) - 1] = '\0';
	make_printable(msg.text);
	w->ops->message(w->ctx, &msg);
	return 0;
}

static void drain_messages(struct worker *w)
{
	int err;

	do {
		err = receive_one(w);
	} while (!err || err == -EPROTO);
}

static void on_control_event(void *ctx, uint32_t events)
{
	struct worker *w = ctx;
	int err = receive_one(w);

	if (!err || err == -EAGAIN || err == -EPROTO)
		return;
	/* Hung up: its exit follows. If it does not exit, nobody can tell it
	 * to, so it is made to. */
	loop_del(w->control_src);
	w->control_src = NULL;
	kill(w->pid, SIGKILL);
}

/*
 * A process cannot die while the kernel does I/O on its behalf, which takes as
 * long as a hung disk hangs. Its device goes on without it; what it has left
 * under way is for the driver to know (blkback/image_lock.c).
 *
 * It may have pages of the guest mapped, and they stay granted: the kernel
 * lets none go that I/O is under way in (gntdev), so no page is written to
 * after the guest has it back. A frontend that takes its grants back after
 * state 6 hears that some are in use, and Linux' keeps those pages aside until
 * they are not; a domain that is destroyed meanwhile stays a zombie for as long.
 */
static void give_up(struct worker *w)
{
	log_err(w->dev, "worker %d is killed but does not end: its I/O hangs; going on without it",
		w->pid);
	w->given_up = true;
	loop_del(w->control_src);
	w->control_src = NULL;
	w->ops->gone(w->ctx, w->asked, "was killed and hangs in its I/O");
}

static void on_stop_timeout(void *ctx, uint32_t events)
{
	struct worker *w = ctx;

	if (w->killed) {
		give_up(w);
		return;
	}
	log_warn(w->dev, "worker %d did not stop in time, killing it", w->pid);
	kill(w->pid, SIGKILL);
	w->killed = true;
	loop_arm_timer(w->stop_timer, KILL_PATIENCE_NS);
}

static int watch_worker(struct worker *w)
{
	int err = loop_add_fd(w->loop, w->pid_fd, EPOLLIN, on_exit_event, w, &w->exit_src);

	if (!err)
		err = loop_add_fd(w->loop, w->control, EPOLLIN, on_control_event, w,
				  &w->control_src);
	if (!err)
		err = loop_add_timer(w->loop, on_stop_timeout, w, &w->stop_timer);
	return err;
}

int worker_start(struct loop *loop, const char *program, const struct worker_msg *conf,
		 const int *fds, unsigned int nr_fds, const struct worker_ops *ops, void *ctx,
		 struct worker **ret)
{
	struct worker *w = calloc(1, sizeof(*w));
	char path[PATH_MAX];
	int pair[2];
	int err;

	if (!w)
		return -ENOMEM;
	w->loop = loop;
	w->ops = ops;
	w->ctx = ctx;
	w->pid_fd = w->control = -1;
	snprintf(w->dev, sizeof(w->dev), "%s", conf->dev);
	err = worker_path(program, path);
	if (err)
		goto err_free;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		err = -errno;
		goto err_free;
	}
	w->control = pair[0];
	/* Neither side may ever wait for the other: a worker is not trusted. */
	fcntl(w->control, F_SETFL, O_NONBLOCK);
	w->pid = fork();
	if (w->pid == 0)
		exec_worker(path, pair[1], conf->dev);
	err = w->pid < 0 ? -errno : 0;
	close(pair[1]);
	if (err)
		goto err_free;
	w->pid_fd = (int)syscall(SYS_pidfd_open, w->pid, 0);
	err = w->pid_fd < 0 ? -errno : watch_worker(w);
	if (!err)
		err = worker_send(w, conf, fds, nr_fds);
	if (err)
		goto err_kill;
	*ret = w;
	return 0;

err_kill:
	kill(w->pid, SIGKILL);
	waitpid(w->pid, NULL, 0);
err_free:
	worker_free(w);
	return err;
}

int worker_send(struct worker *w, const struct worker_msg *msg, const int *fds, unsigned int nr_fds)
{
	return fdmsg_send(w->control, msg, sizeof(*msg), fds, nr_fds);
}

void worker_stop(struct worker *w)
{
	struct worker_msg msg = { .type = WORKER_MSG_STOP };

	if (w->asked)
		return;
	w->asked = true;
	/* Full of what was sent before: the end behind that says the same. It may be
	 * gone, too; exit_src reports it. */
	if (worker_send(w, &msg, NULL, 0) != 0)
		shutdown(w->control, SHUT_WR);
	loop_arm_timer(w->stop_timer, STOP_PATIENCE_NS);
}

void worker_kill(struct worker *w)
{
	kill(w->pid, SIGKILL);
}
