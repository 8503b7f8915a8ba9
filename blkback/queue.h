/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One ring of a vbd: its pages, event channel, I/O engine and the thread that
 * owns them all.
 */
#ifndef PVBACK_BLK_QUEUE_H
#define PVBACK_BLK_QUEUE_H

#include "blk_conf.h"

struct blk_queue;

/* Map and bind; before the seal. On error the supervisor has been told. */
int blk_queue_open(const char *dev, const struct blk_conf *conf, int image, struct blk_queue **ret);

/* Start the thread that serves; after the seal. */
int blk_queue_start(struct blk_queue *q);

/*
 * Take no more requests, finish and answer those taken, end the thread, log
 * the counters, release everything. The ring is left as a successor wants it.
 */
void blk_queue_close(struct blk_queue *q);

#endif
