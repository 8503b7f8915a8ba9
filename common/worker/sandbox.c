// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Seal a worker. See sandbox.h for when.
 *
 * Theory of operation
 * -------------------
 * What a worker still needs once everything is open is memory, time, its
 * descriptors and threads. So it gives up, in this order (each step needs what
 * the later ones take away): the file system (chroot into an empty directory),
 * root's identity, all capabilities (go with the identity, for want of
 * SECBIT_KEEP_CAPS), the power to gain any (no_new_privs), and every system
 * call that is not on the list. What an io_uring may be asked for, which this
 * list does not see, is settled when it is made (uring.c).
 *
 * What remains to a worker that a guest has taken over: its own image, tap or
 * ptys, and /dev/xen/gntdev, which cannot be narrowed to one guest: it could
 * reach pages that other guests have granted to this domain.
 */
#include "worker/sandbox.h"

#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <seccomp.h>

#include "base/log.h"
#include "base/util.h"
#include "daemon/paths.h"

#define NOBODY 65534

/* clang-format off: one subject a line */
static const int allowed_syscalls[] = {
	/* event channels, grants: ioctl on descriptors that are open */
	SCMP_SYS(ioctl),
	SCMP_SYS(read),
	SCMP_SYS(write),
	SCMP_SYS(readv),
	SCMP_SYS(writev),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	/* loops */
	SCMP_SYS(epoll_wait),
	SCMP_SYS(epoll_pwait),
	SCMP_SYS(epoll_ctl),
	SCMP_SYS(epoll_create1),
	SCMP_SYS(timerfd_create),
	SCMP_SYS(timerfd_settime),
	SCMP_SYS(eventfd2),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(nanosleep),
	SCMP_SYS(clock_nanosleep),
	/* disk over a connection that is there */
	SCMP_SYS(recvfrom),
	SCMP_SYS(shutdown),
	/* disk, tap: the ring is set up before the seal, and restricted (uring.h) */
	SCMP_SYS(io_uring_enter),
	/* ... or where a host forbids io_uring, libaio's: the same on open descriptors alone */
	SCMP_SYS(io_submit),
	SCMP_SYS(io_getevents),
	SCMP_SYS(io_destroy),
	SCMP_SYS(pread64),
	SCMP_SYS(pwrite64),
	SCMP_SYS(preadv),
	SCMP_SYS(pwritev),
	SCMP_SYS(fallocate), /* discards of files */
	SCMP_SYS(fdatasync),
	SCMP_SYS(fsync),
	SCMP_SYS(fstat),
	SCMP_SYS(newfstatat),
	SCMP_SYS(lseek),
	/* the supervisor; descriptors come by message */
	SCMP_SYS(recvmsg),
	SCMP_SYS(sendmsg),
	SCMP_SYS(close),
	SCMP_SYS(fcntl),
	/* memory and threads, as the C library uses them */
	SCMP_SYS(mmap),
	SCMP_SYS(munmap),
	SCMP_SYS(mprotect),
	SCMP_SYS(madvise),
	SCMP_SYS(mremap),
	SCMP_SYS(brk),
	SCMP_SYS(futex),
	SCMP_SYS(clone),
	SCMP_SYS(clone3),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(rseq),
	SCMP_SYS(sched_yield),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(gettid),
	SCMP_SYS(getpid),
	SCMP_SYS(getrandom),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(tgkill),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	/* syslog(3) on an already open socket */
	SCMP_SYS(sendto),
};
/* clang-format on */

static int filter_syscalls(void)
{
	/* An error and not a kill: a C library that tries something newer and
	 * falls back must not cost a guest its disk. */
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int err = 0;

	if (!ctx)
		return -ENOMEM;
	for (size_t i = 0; i < ARRAY_SIZE(allowed_syscalls) && !err; i++)
		err = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, allowed_syscalls[i], 0);
	if (!err)
		err = seccomp_load(ctx);
	seccomp_release(ctx);
	return err;
}

static int empty_root(void)
{
	return chroot(DAEMON_EMPTY_DIR) < 0 || chdir("/") < 0 ? -errno : 0;
}

static int drop_identity(void)
{
	if (setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
	    setresuid(NOBODY, NOBODY, NOBODY) < 0)
		return -errno;
	return 0;
}

static int give_up_power(void)
{
	if (prctl(PR_SET_DUMPABLE, 0) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return 0;
}

int sandbox_seal(const char *dev)
{
	static const struct {
		const char *what;
		int (*step)(void);
	} steps[] = {
		{ "chroot into " DAEMON_EMPTY_DIR, empty_root },
		{ "change to user nobody", drop_identity },
		{ "give up privileges", give_up_power },
		{ "filter system calls", filter_syscalls },
	};

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		int err = steps[i].step();

		if (err) {
			log_err(dev, "cannot seal the worker: %s: %s", steps[i].what,
				strerror(-err));
			return err;
		}
	}
	return 0;
}
