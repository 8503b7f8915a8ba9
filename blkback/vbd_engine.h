/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The admin's choice of what moves the data: --engine, for all disks. */
#ifndef PVBACK_VBD_ENGINE_H
#define PVBACK_VBD_ENGINE_H

#include <stdint.h>

/* 0 or -EINVAL: no such engine. */
int vbd_set_engine(const char *name);

/* enum blk_engine; AUTO unless it was set. */
uint8_t vbd_engine(void);

#endif
