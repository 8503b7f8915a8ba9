/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What blkbackd tells a blkback-worker: judged values only, no text. */
#ifndef PVBACK_BLK_CONF_H
#define PVBACK_BLK_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "blk_limits.h"

#define BLK_MAX_RING_ORDER 4
#define BLK_MAX_RING_PAGES (1u << BLK_MAX_RING_ORDER)
#define BLK_MAX_QUEUES 16

/* Segments of an indirect request: 1 MiB, and their descriptors fit into one page. */
#define BLK_MAX_INDIRECT 256

/*
 * How data gets from and to the guest's pages. MAP and DIRECT are for frontends
 * that leave their grants in place; docs/blkback.md says which is best when.
 */
enum blk_data {
	BLK_DATA_COPY,	 /* the hypervisor copies it */
	BLK_DATA_MAP,	 /* pages stay mapped, and the worker copies */
	BLK_DATA_DIRECT, /* pages stay mapped, and the engine reads and writes them itself */
};

/* Layout of the requests in the ring: frontend key "protocol". */
enum blk_abi { BLK_ABI_NATIVE, BLK_ABI_X86_32, BLK_ABI_X86_64 };

/* How a discard reaches the image, if it can. */
enum blk_discard { BLK_DISCARD_NONE, BLK_DISCARD_FILE, BLK_DISCARD_DEVICE, BLK_DISCARD_NBD };

/* Names of exports of NBD servers; most are much shorter. */
#define BLK_EXPORT_MAX 256

/* What an image is. */
enum blk_store { BLK_STORE_FILE, BLK_STORE_NBD };

/* What moves the data; AUTO: io_uring, or libaio where that is forbidden. */
enum blk_engine { BLK_ENGINE_AUTO, BLK_ENGINE_URING, BLK_ENGINE_AIO, BLK_ENGINE_SYNC };

struct blk_ring_conf {
	uint32_t evtchn; /* the frontend's port */
	uint32_t refs[BLK_MAX_RING_PAGES];
};

/* Descriptors beside the first message. */
enum blk_fd {
	BLK_FD_IMAGE, /* see enum blk_store */
	BLK_FD_STATS, /* struct blk_stats */
	BLK_FD_GUEST, /* struct blk_limits_used, of all disks of the guest */
	BLK_NR_FDS,
	BLK_FD_LIFE = BLK_NR_FDS, /* may be absent; the store stays for as long as it is open */
};

struct blk_conf {
	uint16_t domid;
	uint8_t abi; /* enum blk_abi */
	bool readonly;
	uint8_t data;		     /* enum blk_data */
	uint8_t discard;	     /* enum blk_discard */
	bool discard_secure;	     /* may be asked to leave nothing that can be read back */
	uint8_t engine;		     /* enum blk_engine */
	uint8_t store;		     /* enum blk_store */
	uint8_t nr_queues;	     /* 1..BLK_MAX_QUEUES */
	int8_t nice;		     /* CPU priority of the worker, -20..19 */
	uint16_t io_priority;	     /* as ioprio_set() takes it; 0: not set */
	uint32_t ring_pages;	     /* of each ring, 1..BLK_MAX_RING_PAGES, a power of two */
	uint32_t sector_size;	     /* logical sector of the disk, bytes */
	uint64_t sectors;	     /* size of the disk in units of 512 bytes */
	char export[BLK_EXPORT_MAX]; /* NBD: what to ask the server for */
	struct blk_limits limits;
	struct blk_limits guest_limits; /* of all disks of the guest together */
	struct blk_ring_conf rings[BLK_MAX_QUEUES];
};

#endif
