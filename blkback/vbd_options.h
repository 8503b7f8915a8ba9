/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The admin's choices for all disks: options of blkbackd. */
#ifndef PVBACK_VBD_OPTIONS_H
#define PVBACK_VBD_OPTIONS_H

#include <stdint.h>

/* 0 or -EINVAL: no such engine. */
int vbd_set_engine(const char *name);

/* enum blk_engine; AUTO unless it was set. */
uint8_t vbd_engine(void);

/* How data gets from and to the guest; 0 or -EINVAL. COPY: persistent grants are not offered. */
int vbd_set_data(const char *name);

/* enum blk_data; MAP unless it was set. */
uint8_t vbd_data(void);

#endif
