/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PVBACK_FUZZ_FAKE_BLK_H
#define PVBACK_FUZZ_FAKE_BLK_H

#include <stdint.h>

extern uint8_t fake_ring_page[4096];  /* what every grant maps to */
extern unsigned int fake_notified;    /* events sent to the guest */
extern unsigned int fake_broken_told; /* times that the ring was called broken */

#endif
