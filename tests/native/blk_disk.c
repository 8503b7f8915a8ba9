// SPDX-License-Identifier: GPL-2.0-or-later
/* Block tests: a disk's life, and the books at its end. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "blk_case.h"
#include "blk_worker.h"
#include "toolstack.h"

#define FIRST_DEVID 51712u /* xvda */

static void make_image(struct disk *d)
{
	uint64_t seed = 0x9e3779b97f4a7c15ull ^ d->devid ^ ((uint64_t)d->domid << 32);
	int fd;

	snprintf(d->image, sizeof(d->image), "%s/%u-%u.img", case_dir(), d->domid, d->devid);
	d->model = malloc(d->bytes);
	check(d->model, "no memory");
	for (uint64_t i = 0; i < d->bytes; i += sizeof(seed)) {
		uint64_t value = draw(&seed);

		memcpy(d->model + i, &value, sizeof(value));
	}
	fd = open(d->image, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	check(fd >= 0 && write(fd, d->model, d->bytes) == (ssize_t)d->bytes, "%s: %s", d->image,
	      strerror(errno));
	close(fd);
}

void disk_attach(struct disk *d, const char *path)
{
	int err = toolstack_attach_vbd(d->domid, d->devid, path, d->readonly);

	check(err == 0, "cannot attach %s: %s", d->dev, strerror(-err));
}

static void prepare(struct disk *d, uint64_t bytes, bool readonly)
{
	d->bytes = bytes;
	d->readonly = readonly;
	snprintf(d->dev, sizeof(d->dev), "vbd/%u/%u", d->domid, d->devid);
	make_image(d);
}

void disk_prepare(struct disk *d, uint64_t bytes, bool readonly)
{
	static unsigned int serial;
	char name[32];
	int err;

	memset(d, 0, sizeof(*d));
	d->devid = FIRST_DEVID;
	snprintf(name, sizeof(name), "blk-%u", ++serial);
	err = toolstack_domain_create(name, &d->domid);
	check(err == 0, "cannot make a domain: %s", strerror(-err));
	d->mapped = world_mappings(d->domid);
	prepare(d, bytes, readonly);
}

void disk_new(struct disk *d, uint64_t bytes, bool readonly)
{
	disk_prepare(d, bytes, readonly);
	disk_attach(d, d->image);
}

void disk_add(struct disk *d, const struct disk *to, uint64_t bytes, bool readonly)
{
	memset(d, 0, sizeof(*d));
	d->domid = to->domid;
	d->devid = to->devid + 16;
	d->mapped = to->mapped;
	prepare(d, bytes, readonly);
	disk_attach(d, d->image);
}

void disk_connect(struct disk *d, enum blkabi abi)
{
	struct blkfront_conf conf = { .abi = abi };

	disk_connect_as(d, &conf);
}

void disk_connect_as(struct disk *d, const struct blkfront_conf *conf)
{
	int err = blkfront_open(d->domid, d->devid, conf, &d->front);

	check(err == 0, "cannot connect %s: %s", d->dev, strerror(-err));
	d->q = blkfront_queue(d->front, 0);
	check(d->front->disk.sectors == d->bytes / SECTOR, "size of %s", d->dev);
}

/* --- its worker --- */

pid_t disk_worker(const struct disk *d)
{
	return blk_worker_find(d->dev);
}

void disk_wait_no_worker(const struct disk *d)
{
	int64_t until = now_ms() + PATIENCE_MS;

	while (disk_worker(d) != 0) {
		check(now_ms() < until, "worker of %s does not end", d->dev);
		sleep_ms(5);
	}
}

void disk_error(const struct disk *d, char *text, size_t size)
{
	char path[128];

	snprintf(path, sizeof(path), "/local/domain/0/error/backend/%s/error", d->dev);
	if (toolstack_read(path, text, (unsigned int)size) != 0)
		text[0] = '\0';
}

void disk_wait_stopped(struct disk *d)
{
	unsigned int closing = FRONT_STATE(XenbusStateClosing) | FRONT_STATE(XenbusStateClosed);
	int err = front_wait_backend(d->front->bus, closing, PATIENCE_MS);
	char text[256];

	check(err == 0, "%s is not stopped: %s", d->dev, strerror(-err));
	disk_wait_no_worker(d);
	disk_error(d, text, sizeof(text));
	check(text[0], "%s has no error node", d->dev);
}

/* --- counters --- */

/* Of all workers that a disk has had. */
struct report {
	const char *dev;
	uint64_t taken, bad;
};

/*
 * "... vbd/1/51712: served R reads, W writes, F flushes, B bytes; refused X, failed Y; D discards,
 * I indirect, ..."
 */
static void add_report(const char *line, void *ctx)
{
	struct report *r = ctx;
	const char *at = strstr(line, r->dev), *served = strstr(line, ": served ");
	uint64_t reads, writes, flushes, bytes, refused, failed, discards;

	if (!at || served != at + strlen(r->dev))
		return;
	if (sscanf(served,
		   ": served %" SCNu64 " reads, %" SCNu64 " writes, %" SCNu64 " flushes, %" SCNu64
		   " bytes; refused %" SCNu64 ", failed %" SCNu64 "; %" SCNu64 " discards",
		   &reads, &writes, &flushes, &bytes, &refused, &failed, &discards) != 7)
		return;
	r->taken += reads + writes + flushes + discards + refused;
	r->bad += refused + failed;
}

static void check_report(const struct disk *d)
{
	struct report r = { .dev = d->dev };

	daemon_each_line(add_report, &r);
	check(r.taken == d->sent, "workers of %s count %" PRIu64 " requests, the frontend %" PRIu64,
	      d->dev, r.taken, d->sent);
	check(d->answers_unread || r.bad == d->bad,
	      "workers of %s count %" PRIu64 " requests that failed, the frontend %" PRIu64, d->dev,
	      r.bad, d->bad);
}

static void check_books(const struct disk *d, const struct blkqueue *q)
{
	const struct blkqueue_count *c = &q->count;

	check(c->strange == 0, "%s: %" PRIu64 " answers to what was not in flight", d->dev,
	      c->strange);
	check(c->answered == c->submitted, "%s: %" PRIu64 " of %" PRIu64 " requests answered",
	      d->dev, c->answered, c->submitted);
	check(q->ring.rsp_cons == q->ring.shared->rsp_prod, "%s: answers not looked for", d->dev);
}

void disk_close(struct disk *d)
{
	int err;

	for (unsigned int i = 0; i < d->front->nr_queues; i++) {
		const struct blkqueue *q = blkfront_queue(d->front, i);

		check_books(d, q);
		d->sent += q->count.submitted;
		d->bad += q->count.failed;
	}
	err = blkfront_close(d->front);
	check(err == 0, "cannot close %s: %s", d->dev, strerror(-err));
	d->front = NULL;
	d->q = NULL;
	disk_wait_no_worker(d);
	check_report(d);
}

void disk_abandon(struct disk *d)
{
	blkfront_abandon(d->front);
	d->front = NULL;
	d->q = NULL;
}

void disk_learn(struct disk *d, uint64_t sector, uint64_t nr)
{
	int fd = open(d->image, O_RDONLY | O_CLOEXEC);

	check(fd >= 0 && pread(fd, d->model + sector * SECTOR, nr * SECTOR,
			       (off_t)(sector * SECTOR)) == (ssize_t)(nr * SECTOR),
	      "%s: %s", d->image, strerror(errno));
	close(fd);
}

void disk_check_image(struct disk *d)
{
	uint8_t *found = malloc(d->bytes);
	int fd = open(d->image, O_RDONLY | O_CLOEXEC);

	check(found && fd >= 0 && read(fd, found, d->bytes) == (ssize_t)d->bytes, "%s: %s",
	      d->image, strerror(errno));
	check(lseek(fd, 0, SEEK_END) == (off_t)d->bytes, "%s: image is longer than it was", d->dev);
	close(fd);
	for (uint64_t at = 0; at < d->bytes; at += SECTOR)
		check(memcmp(found + at, d->model + at, SECTOR) == 0,
		      "%s: image has something else in sector %" PRIu64, d->dev, at / SECTOR);
	free(found);
}

static bool domain_has_other_disks(const struct disk *d)
{
	return d->devid != FIRST_DEVID;
}

void disk_free(struct disk *d)
{
	int err;

	if (d->front)
		disk_close(d);
	err = toolstack_detach(d->domid, "vbd", d->devid, false);
	check(err == 0, "cannot detach %s: %s", d->dev, strerror(-err));
	disk_check_image(d);
	if (!domain_has_other_disks(d)) {
		check(world_mappings(d->domid) == d->mapped,
		      "%u pages of domain %u are mapped, not %u", world_mappings(d->domid),
		      d->domid, d->mapped);
		err = toolstack_destroy(d->domid);
		check(err == 0, "cannot destroy domain %u: %s", d->domid, strerror(-err));
	}
	unlink(d->image);
	free(d->model);
}
