/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two domains with two disks each, and what a toolstack, an administrator and
 * a frontend do to their keys, sensible or not.
 */
#ifndef PVBACK_FUZZ_FAKE_TOOLSTACK_H
#define PVBACK_FUZZ_FAKE_TOOLSTACK_H

#include "fuzz.h"

#define BACK_ROOT "/local/domain/0/backend/vbd"
#define NR_DEVICES 4u

unsigned int domid_of(unsigned int i);

/* The path of a key of device @i ("": the directory); good until the next call. */
const char *back(unsigned int i, const char *key);
const char *front(unsigned int i, const char *key);

void toolstack(struct fuzz *f, unsigned int i);
void frontend(struct fuzz *f, unsigned int i);

#endif
