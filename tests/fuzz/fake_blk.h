/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a block queue works with: a hypervisor whose pages are plain memory, and a
 * disk that answers in any order, in pieces, with errors, as the input says.
 * Both check what they are asked to do.
 */
#ifndef PVBACK_FUZZ_FAKE_BLK_H
#define PVBACK_FUZZ_FAKE_BLK_H

#include "fuzz.h"

#include "queue_priv.h"

#define SLOTS 32u
#define DISK_SECTORS 8192u
#define BLOCK 64u /* bytes of a page or of the disk that are alike */

/*
 * Grant references, PER_SLOT pages of each kind for each slot of the ring: pages that
 * reads go into, pages that writes come from (their bytes never change), the same
 * granted for reading only, and pages of descriptors.
 */
#define PER_SLOT 16u
#define GREF_IN 0u
#define GREF_OUT 0x1000u
#define GREF_OUT_RO 0x2000u
#define GREF_TABLE 0x3000u
#define GREF_RING 0x4000u
#define GREF_BAD 0x10000u /* from here on the hypervisor refuses */

extern uint8_t fake_ring_page[4096];
extern uint8_t fake_in[SLOTS * PER_SLOT][4096];
extern struct blkif_request_segment fake_table[SLOTS][BLK_MAX_INDIRECT];
extern unsigned int fake_notified;    /* events sent to the guest */
extern unsigned int fake_broken_told; /* times that the ring was called broken */
extern unsigned int fake_mapped;      /* pages, without the ring's */

struct fake_disk {
	struct fuzz *f;
	const struct blk_queue *q;
	bool stop;
	bool orderly; /* no errors any more */
	bool flush_failed;
	uint64_t flushes; /* good ones */
	unsigned int nr;  /* orders that are not answered */
};

extern struct fake_disk fake_disk;

void fake_begin(struct fuzz *f);
uint8_t fake_disk_byte(uint64_t offset);
uint8_t fake_page_byte(uint32_t gref, uint32_t at);

/* The fuzzer's: does the request that order is for say so? */
void check_written(const struct blk_req *req, const struct iovec *iov, unsigned int nr_iov,
		   uint64_t offset, uint32_t len);
void check_discarded(const struct blk_req *req, uint64_t offset, uint64_t len);

#endif
