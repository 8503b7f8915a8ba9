// SPDX-License-Identifier: GPL-2.0-or-later
/* Block tests: a file system of one file, with faults (linux/fuse.h). */
#include "blk_fuse.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NODE_IMAGE 2
#define MESSAGE_MAX (MIB + GUEST_PAGE_SIZE)
#define HANGING_MAX 512

static struct fuse_faults *faults;
static char dir[128], image[160];
static pid_t server;

/* --- the server process --- */

static struct {
	int dev;   /* /dev/fuse */
	int below; /* the file that it is all about */
	uint8_t *hanging[HANGING_MAX];
} fs;

static void reply(uint64_t unique, int err, const void *data, size_t len)
{
	static uint8_t out[sizeof(struct fuse_out_header) + MIB];
	struct fuse_out_header head = { .len = (uint32_t)(sizeof(head) + len),
					.error = -err,
					.unique = unique };

	memcpy(out, &head, sizeof(head));
	if (len > 0)
		memcpy(out + sizeof(head), data, len);
	/* ENOENT: nobody waits for it any more. */
	(void)!write(fs.dev, out, head.len);
}

static void fill_attr(uint64_t node, struct fuse_attr *attr)
{
	struct stat st = { .st_mode = S_IFDIR | 0755, .st_nlink = 2 };

	if (node == NODE_IMAGE)
		fstat(fs.below, &st);
	*attr = (struct fuse_attr){ .ino = node,
				    .size = (uint64_t)st.st_size,
				    .blocks = (uint64_t)st.st_blocks,
				    .mode = st.st_mode,
				    .nlink = 1,
				    .blksize = 4096 };
}

static void on_init(const struct fuse_in_header *in, const struct fuse_init_in *init)
{
	struct fuse_init_out out = { .major = FUSE_KERNEL_VERSION,
				     .minor = FUSE_KERNEL_MINOR_VERSION,
				     .max_readahead = 0,
				     .flags = init->flags &
					      (FUSE_ASYNC_DIO | FUSE_BIG_WRITES | FUSE_MAX_PAGES),
				     .max_background = 64,
				     .congestion_threshold = 64,
				     .max_write = 256 * 1024,
				     .max_pages = 64,
				     .time_gran = 1 };

	reply(in->unique, 0, &out, sizeof(out));
}

static void on_lookup(const struct fuse_in_header *in, const char *name)
{
	struct fuse_entry_out out = { .nodeid = NODE_IMAGE,
				      .entry_valid = 3600,
				      .attr_valid = 3600 };

	if (strcmp(name, "image") != 0) {
		reply(in->unique, ENOENT, NULL, 0);
		return;
	}
	fill_attr(NODE_IMAGE, &out.attr);
	reply(in->unique, 0, &out, sizeof(out));
}

static void on_getattr(const struct fuse_in_header *in)
{
	struct fuse_attr_out out = { .attr_valid = 3600 };

	fill_attr(in->nodeid, &out.attr);
	reply(in->unique, 0, &out, sizeof(out));
}

static void on_read(const struct fuse_in_header *in, const struct fuse_read_in *arg)
{
	static uint8_t data[MIB];
	int err = atomic_load(&faults->read);
	ssize_t len = 0;

	if (!err) {
		len = pread(fs.below, data, arg->size, (off_t)arg->offset);
		err = len < 0 ? errno : 0;
	}
	reply(in->unique, err, data, err ? 0 : (size_t)len);
}

static void on_write(const struct fuse_in_header *in, const struct fuse_write_in *arg)
{
	struct fuse_write_out out = { 0 };
	int err = atomic_load(&faults->write);
	ssize_t len;

	if (!err) {
		len = pwrite(fs.below, arg + 1, arg->size, (off_t)arg->offset);
		err = len < 0 ? errno : 0;
		out.size = (uint32_t)len;
	}
	reply(in->unique, err, &out, err ? 0 : sizeof(out));
}

static void on_flush(const struct fuse_in_header *in)
{
	atomic_fetch_add(&faults->flushes, 1);
	reply(in->unique, atomic_load(&faults->flush), NULL, 0);
}

static void on_fallocate(const struct fuse_in_header *in, const struct fuse_fallocate_in *arg)
{
	int err = atomic_load(&faults->write);

	if (!err && fallocate(fs.below, (int)arg->mode, (off_t)arg->offset, (off_t)arg->length) < 0)
		err = errno;
	reply(in->unique, err, NULL, 0);
}

static void on_open(const struct fuse_in_header *in)
{
	struct fuse_open_out out = { .fh = 1 };

	reply(in->unique, 0, &out, sizeof(out));
}

/* Kept for later; the message is a copy. */
static void keep(const struct fuse_in_header *in)
{
	unsigned int nr = atomic_load(&faults->hanging);
	uint8_t *copy = malloc(in->len);

	if (!copy || nr == HANGING_MAX) {
		free(copy);
		reply(in->unique, ENOMEM, NULL, 0);
		return;
	}
	memcpy(copy, in, in->len);
	fs.hanging[nr] = copy;
	atomic_store(&faults->hanging, nr + 1);
}

static bool is_io(const struct fuse_in_header *in)
{
	return in->opcode == FUSE_READ || in->opcode == FUSE_WRITE || in->opcode == FUSE_FSYNC;
}

static void serve_one(const struct fuse_in_header *in)
{
	const void *arg = in + 1;

	switch (in->opcode) {
	case FUSE_INIT:
		on_init(in, arg);
		break;
	case FUSE_LOOKUP:
		on_lookup(in, arg);
		break;
	case FUSE_GETATTR:
	case FUSE_SETATTR:
		on_getattr(in);
		break;
	case FUSE_OPEN:
		on_open(in);
		break;
	case FUSE_READ:
		on_read(in, arg);
		break;
	case FUSE_WRITE:
		on_write(in, arg);
		break;
	case FUSE_FSYNC:
		on_flush(in);
		break;
	case FUSE_FALLOCATE:
		on_fallocate(in, arg);
		break;
	case FUSE_FLUSH:
	case FUSE_RELEASE:
		reply(in->unique, 0, NULL, 0);
		break;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT: /* of what hangs: hangs on */
		break;
	default:
		reply(in->unique, ENOSYS, NULL, 0);
		break;
	}
}

static void serve_hanging(void)
{
	unsigned int nr = atomic_load(&faults->hanging);

	for (unsigned int i = 0; i < nr; i++) {
		serve_one((struct fuse_in_header *)fs.hanging[i]);
		free(fs.hanging[i]);
	}
	atomic_store(&faults->hanging, 0);
}

static void serve(void)
{
	static uint8_t message[MESSAGE_MAX];
	const struct fuse_in_header *in = (const void *)message;
	struct pollfd p = { .fd = fs.dev, .events = POLLIN };

	for (;;) {
		ssize_t len;

		if (!atomic_load(&faults->hang))
			serve_hanging();
		if (poll(&p, 1, 5) == 0)
			continue;
		len = read(fs.dev, message, sizeof(message));
		if (len < 0 && errno == ENODEV) /* unmounted */
			_exit(0);
		if (len < (ssize_t)sizeof(*in))
			continue;
		if (atomic_load(&faults->hang) && is_io(in))
			keep(in);
		else
			serve_one(in);
	}
}

/* --- the test's side --- */

static void start_server(const struct disk *d)
{
	char options[64];

	fs.dev = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (fs.dev < 0)
		skip("/dev/fuse: %s", strerror(errno));
	fs.below = open(d->image, O_RDWR | O_CLOEXEC);
	check(fs.below >= 0, "%s: %s", d->image, strerror(errno));
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other",
		 fs.dev);
	if (mount("faulty", dir, "fuse.faulty", MS_NOSUID | MS_NODEV, options) != 0)
		skip("cannot mount a FUSE file system: %s", strerror(errno));
	server = fork();
	check(server >= 0, "fork: %s", strerror(errno));
	if (server == 0)
		serve();
	close(fs.dev);
	close(fs.below);
}

void disk_attach_fuse(struct disk *d)
{
	snprintf(dir, sizeof(dir), "%s/faulty", case_dir());
	snprintf(image, sizeof(image), "%s/image", dir);
	faults = mmap(NULL, sizeof(*faults), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	check(faults != MAP_FAILED && mkdir(dir, 0755) == 0, "%s: %s", dir, strerror(errno));
	start_server(d);
	disk_attach(d, image);
}

void disk_new_fuse(struct disk *d, uint64_t bytes)
{
	disk_prepare(d, bytes, false);
	disk_attach_fuse(d);
}

const char *fuse_image(void)
{
	return image;
}

struct fuse_faults *fuse_faults(void)
{
	return faults;
}

void fuse_release(void)
{
	int64_t until = now_ms() + PATIENCE_MS;

	atomic_store(&faults->hang, false);
	while (atomic_load(&faults->hanging) > 0) {
		check(now_ms() < until, "the file system does not go on");
		sleep_ms(2);
	}
}

void fuse_wait_hanging(unsigned int nr)
{
	int64_t until = now_ms() + PATIENCE_MS;

	while (atomic_load(&faults->hanging) < nr) {
		check(now_ms() < until, "%u of %u requests hang", atomic_load(&faults->hanging),
		      nr);
		sleep_ms(2);
	}
}

void fuse_end(void)
{
	umount2(dir, MNT_DETACH);
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
}
