// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs a program on a host that forbids io_uring, for all it can tell: what io_uring_setup()
 * says there (sysctl kernel.io_uring_disabled, a container's filter: EPERM; an old kernel:
 * ENOSYS) is said by a filter of system calls.
 *
 * usage: without_io_uring EPERM|ENOSYS PROGRAM [ARGUMENT]...
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <seccomp.h>

static int forbid(int err)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);

	if (!ctx)
		return -ENOMEM;
	/* Root may have a filter without giving up new privileges; its program needs those. */
	err = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_NNP, 0) ?:
	      seccomp_rule_add(ctx, SCMP_ACT_ERRNO((uint32_t)err), SCMP_SYS(io_uring_setup), 0) ?:
	      seccomp_load(ctx);
	seccomp_release(ctx);
	return err;
}

int main(int argc, char **argv)
{
	int err;

	if (argc < 3) {
		fprintf(stderr, "usage: %s EPERM|ENOSYS PROGRAM [ARGUMENT]...\n", argv[0]);
		return 2;
	}
	err = forbid(strcmp(argv[1], "EPERM") == 0 ? EPERM : ENOSYS);
	if (err) {
		fprintf(stderr, "%s: %s\n", argv[0], strerror(-err));
		return 1;
	}
	execv(argv[2], argv + 2);
	perror(argv[2]);
	return 127;
}
