/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One ring of a vbd: its pages, event channel, I/O engine and the thread that
 * owns them all.
 */
#ifndef PVBACK_BLK_QUEUE_H
#define PVBACK_BLK_QUEUE_H

struct blk_queue;
struct disk;

/*
 * Map and bind ring @number of the disk, which outlives the queue; before the
 * seal. On error the supervisor has been told.
 */
int blk_queue_open(struct disk *disk, unsigned int number, struct blk_queue **ret);

/* Start the thread that serves; after the seal. */
int blk_queue_start(struct blk_queue *q);

/* Something of the disk has changed that those who sleep should know. */
void blk_queue_wake(struct blk_queue *q);
/* There is a new connection to the disk's store; @fd is the queue's then. */
void blk_queue_store(struct blk_queue *q, int fd, unsigned int number);

/* Take no more requests; finish and answer those taken. Does not wait. */
void blk_queue_stop(struct blk_queue *q);

/*
 * Stop if it was not, wait for the thread's end, log the counters, release
 * everything. The ring is left as a successor wants it.
 */
void blk_queue_close(struct blk_queue *q);

#endif
