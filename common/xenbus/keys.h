/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Typed, bounded reads of device keys. A key that is absent takes the default;
 * one that is there and wrong is an error that is reported through
 * xenbus_error() with the key's name and value, so callers just return it.
 */
#ifndef PVBACK_XENBUS_KEYS_H
#define PVBACK_XENBUS_KEYS_H

#include "xenbus/xenbus.h"

/* @key: relative to the frontend's directory. No default: the key must exist. */
int front_need_u32(struct xenbus_device *dev, const char *key, uint32_t min, uint32_t max,
		   uint32_t *ret);
int front_u32(struct xenbus_device *dev, const char *key, uint32_t min, uint32_t max, uint32_t def,
	      uint32_t *ret);
int front_bool(struct xenbus_device *dev, const char *key, bool def, bool *ret);

/* Text keys of the backend directory, which only the toolstack writes. */
int back_text(struct xenbus_device *dev, const char *key, char *buf, size_t size);

/* "0" or "1"; anything else is an error that has been reported. */
int back_bool(struct xenbus_device *dev, const char *key, bool def, bool *ret);

/* In write_transport and write_features. */
int back_write_u64(struct xenbus_device *dev, const char *key, uint64_t value);

/* A grant reference and an event channel port, as bounds for the above. */
#define GREF_MAX UINT32_MAX
#define EVTCHN_MAX ((1u << 17) - 1)

#endif
