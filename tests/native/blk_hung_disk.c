// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A disk that hangs so that not even a killed worker ends: its device is detached in less
 * than ten seconds all the same, and its neighbours go on. The image can be attached again
 * when the worker has ended, and not before; other images can at any time.
 */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "blk_fuse.h"
#include "toolstack.h"

#define DETACH_MS 10000

/* A process that waits for a flush cannot be killed. */
static void send_flush(struct disk *d)
{
	struct blkreq req;

	req_init(d, &req, BLKIF_OP_FLUSH_DISKCACHE, 0, 0, 0, 0, 0);
	blkqueue_submit(d->q, &req, 0);
	blkqueue_push(d->q);
	fuse_wait_hanging(1);
}

static void detach_in_time(struct disk *d)
{
	int64_t start = now_ms();
	int err;

	disk_abandon(d);
	err = toolstack_detach(d->domid, "vbd", d->devid, true);
	check(err == 0, "cannot detach %s: %s", d->dev, strerror(-err));
	check(now_ms() - start < DETACH_MS, "it has taken %lld ms", (long long)(now_ms() - start));
}

static pid_t attach_meanwhile(const struct disk *d)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(toolstack_attach_vbd(d->domid, d->devid, fuse_image(), false) ? 1 : 0);
	return pid;
}

void blk_case(void)
{
	struct disk d, other, third;
	pid_t worker, attach;
	int status;

	disk_new(&other, MIB, false);
	disk_connect(&other, BLKABI_NATIVE);
	disk_new_fuse(&d, MIB);
	disk_connect(&d, BLKABI_NATIVE);
	disk_works(&d);
	worker = disk_worker(&d);
	atomic_store(&fuse_faults()->hang, true);
	send_flush(&d);
	disk_works(&other);
	detach_in_time(&d);
	disk_works(&other);
	check(kill(worker, 0) == 0, "a worker that cannot end has ended");
	attach = attach_meanwhile(&d);
	sleep_ms(300);
	/* Nobody else waits for it. */
	disk_new(&third, MIB, false);
	disk_free(&third);
	check(waitpid(attach, &status, WNOHANG) == 0, "attached while its worker is still there");
	fuse_release();
	check(waitpid(attach, &status, 0) == attach && status == 0, "cannot be attached again");
	daemon_wait_line(d.dev, "given up a while ago");
	check(kill(worker, 0) != 0, "its process is still there");
	disk_connect(&d, BLKABI_NATIVE);
	disk_works(&d);
	/* What the first one did it cannot tell. */
	blkfront_close(d.front);
	d.front = NULL;
	disk_free(&d);
	fuse_end();
	disk_free(&other);
}
