// SPDX-License-Identifier: GPL-2.0-or-later
#include "store_qsd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/util.h"
#include "daemon/paths.h"
#include "qsd_args.h"

#define PROGRAM "qemu-storage-daemon"
#define PACKAGE "qemu-utils (Debian), qemu-img (Fedora)"

/* In the child, where only these stay open. */
#define LISTEN_FD 3
#define LOCK_FD 4

/* What it gets to write back what it holds and to close the image. */
#define END_PATIENCE_MS 2500

static int find_program(char path[PATH_MAX])
{
	static const char *const places[] = { "/usr/bin", "/usr/local/bin", "/usr/libexec",
					      "/usr/lib/xen/bin" };

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		snprintf(path, PATH_MAX, "%s/" PROGRAM, places[i]);
		if (access(path, X_OK) == 0)
			return 0;
	}
	return -ENOENT;
}

/* Nobody else finds the socket: its directory is ours, and it has no name for longer than we need. */
static int listen_and_connect(int *ret_listen, int *fds, unsigned int nr)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	char dir[] = DAEMON_RUN_DIR "/store.XXXXXX";
	int sock, err = 0;

	for (unsigned int i = 0; i < nr; i++)
		fds[i] = -1;
	if (!mkdtemp(dir))
		return -errno;
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/nbd", dir);
	sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (sock < 0 || bind(sock, (struct sockaddr *)&addr, sizeof(addr)) < 0 ||
	    listen(sock, (int)nr) < 0)
		err = -errno;
	for (unsigned int i = 0; i < nr && !err; i++) {
		fds[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fds[i] < 0 || connect(fds[i], (struct sockaddr *)&addr, sizeof(addr)) < 0)
			err = -errno;
	}
	unlink(addr.sun_path);
	rmdir(dir);
	*ret_listen = sock;
	return err;
}

/*
 * It is root, for images are root's; but it needs no more than to open files,
 * and a local image needs no network.
 */
static void drop_power(const struct target *t)
{
	if (t->kind == TARGET_FORMAT)
		unshare(CLONE_NEWNET); /* no more than a pity if it cannot be had */
	for (int cap = 0; prctl(PR_CAPBSET_READ, cap) >= 0; cap++)
		if (cap != CAP_DAC_OVERRIDE && cap != CAP_DAC_READ_SEARCH)
			prctl(PR_CAPBSET_DROP, cap);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static _Noreturn void exec_qsd(const char *path, const struct target *t,
			       const struct qsd_args *args, int listen_fd, int lock_fd, int errors)
{
	static char *const env[] = { (char *)"PATH=/usr/bin:/bin", NULL };
	sigset_t none;
	int null = open("/dev/null", O_RDWR);

	/* Above what they go to, so that none overwrites another. */
	listen_fd = fcntl(listen_fd, F_DUPFD, 10);
	lock_fd = fcntl(lock_fd, F_DUPFD, 10);
	errors = fcntl(errors, F_DUPFD, 10);
	if (null < 0 || dup2(null, 0) < 0 || dup2(errors, 1) < 0 || dup2(errors, 2) < 0 ||
	    dup2(listen_fd, LISTEN_FD) < 0 || dup2(lock_fd, LOCK_FD) < 0)
		_exit(126);
	close_range(LOCK_FD + 1, UINT_MAX, 0);
	/* Not left behind when this process is killed. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	setsid();
	drop_power(t);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execve(path, (char *const *)args->argv, env);
	_exit(127);
}

/* Does the image's file system take O_DIRECT? What is wrong with it otherwise, QEMU says better. */
static bool takes_direct(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECT | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return errno != EINVAL;
	close(fd);
	return true;
}

static int launch(struct qsd *q, const char *path, const struct target *t,
		  const struct qsd_args *args, int listen_fd, int lock_fd)
{
	int errors[2];

	if (pipe2(errors, O_CLOEXEC) < 0)
		return -errno;
	q->pid = fork();
	if (q->pid == 0)
		exec_qsd(path, t, args, listen_fd, lock_fd, errors[1]);
	close(errors[1]);
	q->errors = errors[0];
	fcntl(q->errors, F_SETFL, O_NONBLOCK);
	q->pid_fd = q->pid < 0 ? -1 : (int)syscall(SYS_pidfd_open, q->pid, 0);
	if (q->pid_fd >= 0)
		return 0;
	close(q->errors);
	return -errno;
}

int qsd_start(struct qsd *q, const struct target *t, const struct store_conf *conf, int lock_fd,
	      int *fds, unsigned int nr_fds, char *why, size_t why_size)
{
	struct qsd_how how = {
		.readonly = conf->readonly,
		.discard = conf->discard,
		.direct = t->kind != TARGET_FORMAT || takes_direct(t->path),
		.listen_fd = LISTEN_FD,
	};
	static struct qsd_args args;
	char path[PATH_MAX];
	int sock = -1, err;

	q->said_len = 0;
	if (find_program(path) != 0) {
		snprintf(why, why_size, PROGRAM " is not installed; it is in " PACKAGE);
		return -ENOENT;
	}
	err = qsd_args_make(t, &how, &args);
	if (!err)
		err = listen_and_connect(&sock, fds, nr_fds);
	if (!err)
		err = launch(q, path, t, &args, sock, lock_fd);
	if (sock >= 0)
		close(sock); /* when it dies, nobody listens any more */
	if (!err)
		return 0;
	snprintf(why, why_size, "cannot start " PROGRAM ": %s", strerror(-err));
	for (unsigned int i = 0; i < nr_fds; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	return err;
}

/* Only the end counts; of more than fits the beginning is lost. */
static void take_text(struct qsd *q, const char *text, size_t len)
{
	size_t room = sizeof(q->said) - q->said_len;

	if (len > room) {
		memmove(q->said, q->said + (len - room), q->said_len - (len - room));
		q->said_len -= len - room;
	}
	memcpy(q->said + q->said_len, text, len);
	q->said_len += len;
}

void qsd_listen(struct qsd *q)
{
	char buf[512];
	ssize_t len;

	while ((len = read(q->errors, buf, sizeof(buf))) > 0)
		take_text(q, buf, (size_t)len);
}

void qsd_end(struct qsd *q)
{
	struct pollfd p = { .fd = q->pid_fd, .events = POLLIN };

	kill(q->pid, SIGTERM);
	if (poll(&p, 1, END_PATIENCE_MS) <= 0)
		kill(q->pid, SIGKILL);
	waitpid(q->pid, NULL, 0);
	qsd_listen(q);
	close(q->pid_fd);
	close(q->errors);
}

/* "qemu-storage-daemon: --blockdev {...}: what is wrong", of which the last part, and what follows it. */
void qsd_complaint(const struct qsd *q, char *why, size_t why_size)
{
	char text[sizeof(q->said) + 1], *from = text, *at;
	size_t len = q->said_len;

	while (len > 0 && q->said[len - 1] == '\n')
		len--;
	memcpy(text, q->said, len);
	text[len] = '\0';
	for (at = text; (at = strstr(at, PROGRAM ": ")) != NULL;)
		from = at += strlen(PROGRAM ": ");
	for (at = from; (at = strstr(at, "}: ")) != NULL;)
		from = at += strlen("}: ");
	for (at = from; (at = strchr(at, '\n')) != NULL;)
		*at = ' ';
	make_printable(from);
	snprintf(why, why_size, "%s", *from ? from : PROGRAM " ended without a word");
}
