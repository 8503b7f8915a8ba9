/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strict text to number, the only place where text becomes one. Pure.
 * All return 0 or -EINVAL (not a number of this form) or -ERANGE (outside
 * min..max); *ret is written only on success. No sign, no blanks, no
 * trailing bytes.
 */
#ifndef PVBACK_NUM_H
#define PVBACK_NUM_H

#include <stdbool.h>
#include <stdint.h>

int num_u64(const char *text, uint64_t min, uint64_t max, uint64_t *ret);
int num_u32(const char *text, uint32_t min, uint32_t max, uint32_t *ret);
int num_bool(const char *text, bool *ret);     /* "0" or "1" */
int num_mac(const char *text, uint8_t ret[6]); /* aa:bb:cc:dd:ee:ff */

#endif
