/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the block tests share: a blkbackd of their own in a world without daemons,
 * guests with a disk, and a model of what each disk has to hold. A helper ends the
 * program with a message when something is not as it should be.
 *
 * Usage of each program: PROGRAM PATH-OF-BLKBACKD [OPTION-OF-BLKBACKD]... It defines blk_case().
 *
 * Checked in every test, by disk_close() and at the end: each request was answered once; the
 * worker's own counters agree with the frontend's; no grant and no mapping is
 * left; the image holds what it should in every byte; the daemon ended well and
 * no sanitizer has said anything.
 */
#ifndef NATIVE_BLK_CASE_H
#define NATIVE_BLK_CASE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "blkfront.h"
#include "outcome.h"
#include "shared.h"

#define SECTOR 512u
#define PATIENCE_MS 15000
#define SEGMENTS BLKIF_MAX_SEGMENTS_PER_REQUEST
#define MIB (1u << 20)

/* The test itself. */
void blk_case(void);

/* Numbers in no pattern, the same in each run. */
uint64_t draw(uint64_t *state);

/* --- the daemon --- */

void daemon_restart(void);
void daemon_kill(void); /* and start another one at once */
pid_t daemon_pid(void);
/* Lines of its log (and its workers') with both texts in them; @b may be NULL. */
unsigned int daemon_lines(const char *a, const char *b);
void daemon_wait_line(const char *a, const char *b);
void daemon_each_line(void (*each)(const char *line, void *ctx), void *ctx);
const char *case_dir(void); /* for files; gone at the end */

/* --- a disk --- */

struct disk {
	uint16_t domid;
	unsigned int devid;
	char dev[32]; /* "vbd/5/51712", as in logs */
	char image[160];
	bool readonly;
	uint64_t bytes;
	uint8_t *model;	     /* what the image has to hold */
	unsigned int mapped; /* pages of the guest before it had disks: XenStore's */
	uint64_t sent, bad;  /* requests of frontends that are closed; not OKAY */
	bool answers_unread; /* the test has spoilt them itself */
	struct blkfront *front;
	struct blkqueue *q;
};

/* A guest, an image of @bytes with something in every sector, and both together. */
void disk_new(struct disk *d, uint64_t bytes, bool readonly);
/* The same in two steps, where what is attached is not the image itself. */
void disk_prepare(struct disk *d, uint64_t bytes, bool readonly);
void disk_attach(struct disk *d, const char *path);
/* One more disk of the same guest. */
void disk_add(struct disk *d, const struct disk *to, uint64_t bytes, bool readonly);
void disk_connect(struct disk *d, enum blkabi abi);
/* The requests of the test go to ring 0, unless it sets d->q to another. */
void disk_connect_as(struct disk *d, const struct blkfront_conf *conf);
/* Close the frontend, wait for the worker's end; compare counters. */
void disk_close(struct disk *d);
/* Detach, compare the image with the model; the guest goes if it was disk_new()'s. */
void disk_free(struct disk *d);
void disk_check_image(struct disk *d);
/* What is in these sectors now is what the model expects from now on. */
void disk_learn(struct disk *d, uint64_t sector, uint64_t nr);

pid_t disk_worker(const struct disk *d); /* 0: none */
void disk_wait_no_worker(const struct disk *d);
/* Text of the error node, "" if there is none. */
void disk_error(const struct disk *d, char *text, size_t size);
/* The ring is broken: device closes with an error node, its worker ends. */
void disk_wait_stopped(struct disk *d);
/* After disk_wait_stopped(), or in other cases where a good end is not to be had. */
void disk_abandon(struct disk *d);

/* --- requests --- */

/* @nr segments from page @page of the pool on, each from @first to @last. */
void req_init(const struct disk *d, struct blkreq *req, uint8_t op, uint64_t sector,
	      unsigned int page, unsigned int nr, uint8_t first, uint8_t last);
/*
 * An indirect request of whole pages: descriptors in page @table of the pool, data in
 * @nr pages from @page on.
 */
void req_init_indirect(const struct disk *d, struct blkreq *req, uint8_t op, uint64_t sector,
		       unsigned int table, unsigned int page, unsigned int nr);
void req_init_discard(struct blkreq *req, uint64_t sector, uint64_t nr);
void req_fill(const struct disk *d, const struct blkreq *req, uint64_t *seed);
uint32_t req_sectors(const struct blkreq *req);

/*
 * What a request leads to: before it is sent, the pages of a read are painted;
 * when it was answered OK, they hold what the model has there and not a byte more has
 * changed; a write goes into the model. Any other status is handed back.
 */
void req_prepare(const struct disk *d, const struct blkreq *req);
void req_done(struct disk *d, const struct blkreq *req, int16_t status);
/* All of it, one request; returns the status. */
int16_t disk_do(struct disk *d, struct blkreq *req);
void disk_expect(struct disk *d, struct blkreq *req, int16_t status);
/* A read and a write of a page each work. */
void disk_works(struct disk *d);
/* Take answers until nothing is in flight; @each for all, may be NULL. */
void disk_drain(struct disk *d, void (*each)(struct disk *d, const struct blkdone *done));

/* --- the stand-in --- */

struct standin_world *world(void);
void world_copy_fault(enum standin_copy_fault fault, int32_t value, uint32_t every);
unsigned int world_mappings(uint16_t domid); /* of its pages, by others */

#endif
