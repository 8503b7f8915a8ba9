/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A frontend's side of xenbus: one device directory of a guest, seen through the
 * guest's own XenStore connection (with the guest's rights, over its ring; see
 * tests/standin). Says whatever it is told to, right or wrong: what order of
 * states and which keys is the caller's business.
 *
 * int functions return 0 or -errno unless told otherwise.
 */
#ifndef FRONT_XENBUS_H
#define FRONT_XENBUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/io/xenbus.h>

#include "guest.h"

struct front;

/* @kind "vbd" or "vif"; the toolstack has made the directory (else -ENOENT). */
int front_open(uint16_t domid, const char *kind, unsigned int devid, struct front **ret);
void front_close(struct front *f); /* says nothing to the backend */

struct guest *front_guest(struct front *f);
uint16_t front_backend_domid(const struct front *f);
const char *front_path(const struct front *f);	       /* /local/domain/5/device/vbd/51712 */
const char *front_backend_path(const struct front *f); /* /local/domain/0/backend/vbd/5/51712 */

/* Keys of the own directory; @key may have slashes ("queue-1/tx-ring-ref"). */
int front_write(struct front *f, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int front_write_raw(struct front *f, const char *key, const void *value, size_t len);
int front_rm(struct front *f, const char *key);
int front_read(struct front *f, const char *key, char *buf, size_t size);

/* Keys of the backend's directory. */
int front_read_backend(struct front *f, const char *key, char *buf, size_t size);
int front_read_backend_u64(struct front *f, const char *key, uint64_t absent, uint64_t *ret);

/* Writes between begin and end appear at once; end: -EAGAIN = do all of it again. */
int front_tx_begin(struct front *f);
int front_tx_end(struct front *f);

int front_set_state(struct front *f, enum xenbus_state state);
/* The backend's state now; XenbusStateUnknown if its directory is gone. */
enum xenbus_state front_backend_state(struct front *f);

/*
 * Wait until the backend's state is one of @mask (bits 1 << XenbusState...).
 * -ETIMEDOUT. FRONT_GONE stands for "its directory is gone".
 */
#define FRONT_GONE (1u << XenbusStateUnknown)
#define FRONT_STATE(state) (1u << (state))
int front_wait_backend(struct front *f, unsigned int mask, int timeout_ms);

/* Readable when the backend's directory changed; then front_store_take(). */
int front_store_fd(const struct front *f);
void front_store_take(struct front *f);

#endif
