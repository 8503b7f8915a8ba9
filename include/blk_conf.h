/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What blkbackd tells a blkback-worker: judged values only, no text. */
#ifndef PVBACK_BLK_CONF_H
#define PVBACK_BLK_CONF_H

#include <stdbool.h>
#include <stdint.h>

#define BLK_MAX_RING_ORDER 0
#define BLK_MAX_RING_PAGES (1u << BLK_MAX_RING_ORDER)

/* Layout of the requests in the ring: frontend key "protocol". */
enum blk_abi { BLK_ABI_NATIVE, BLK_ABI_X86_32, BLK_ABI_X86_64 };

/* The image's descriptor travels beside the message. */
struct blk_conf {
	uint16_t domid;
	uint8_t abi; /* enum blk_abi */
	bool readonly;
	uint32_t evtchn;  /* the frontend's port */
	uint32_t nr_refs; /* pages of the ring, 1..BLK_MAX_RING_PAGES */
	uint32_t refs[BLK_MAX_RING_PAGES];
	uint32_t sector_size; /* logical sector of the disk, bytes */
	uint64_t sectors;     /* size of the disk in units of 512 bytes */
};

#endif
