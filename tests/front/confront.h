/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest's console 0 (xen/io/console.h): the ring page, granted by reference 0
 * to domain 0, and the port. On Xen the toolstack makes both before the guest
 * runs; here who opens the console makes them, as the port is its process' own, and
 * writes the keys that libxl writes. So it can also be opened in a domain that
 * has a console already: that is a new ring then.
 *
 * int functions return 0 or -errno unless told otherwise.
 */
#ifndef FRONT_CONFRONT_H
#define FRONT_CONFRONT_H

#include <stddef.h>
#include <stdint.h>

#include <xen/io/console.h>

#include "guest.h"

struct confront;

/* Flags of confront_open(). */
#define CONFRONT_NO_KEYS 1u  /* confront_say() comes later, or keys one by one */
#define CONFRONT_NO_GRANT 2u /* reference 0 stays as it is */

int confront_open(uint16_t domid, unsigned int flags, struct confront **ret);
/* The port goes, as does the grant if nobody has the page mapped. Keys stay. */
void confront_close(struct confront *c);

struct guest *confront_guest(struct confront *c);
struct xencons_interface *confront_page(struct confront *c);
uint32_t confront_port(const struct confront *c);

/* All keys of the console, in one transaction, with libxl's permissions. */
int confront_say(struct confront *c);
/* The same with another limit than libxl's 1 MiB. */
int confront_say_limit(struct confront *c, unsigned int bytes);
/* One key of it, any bytes, as domain 0; NULL = take it away. */
int confront_key(struct confront *c, const char *key, const void *value, size_t len);

/*
 * Output in pieces of @chunk bytes with an event after each, as a kernel does: Linux
 * prints 16 bytes at a time. When the ring is full it looks again and again, as Linux.
 * -ETIMEDOUT: nobody makes room; *@ret_done (may be NULL): what got in.
 */
int confront_write(struct confront *c, const void *data, size_t n, size_t chunk, int timeout_ms,
		   size_t *ret_done);

/* Output that sleeps while the ring is full: only an event wakes it, as in BSD. */
int confront_write_asleep(struct confront *c, const void *data, size_t n, int timeout_ms);

/* What is in the input ring, at most @max bytes; never waits. */
size_t confront_take(struct confront *c, void *buf, size_t max);

/*
 * Input, @n bytes: looks into the ring only when an event says so.
 * -ETIMEDOUT: fewer came; *@ret_done (may be NULL) says how many.
 */
int confront_read(struct confront *c, void *buf, size_t n, int timeout_ms, size_t *ret_done);

int confront_notify(struct confront *c);
/* Readable: an event is there, which confront_calm() takes. */
int confront_fd(const struct confront *c);
void confront_calm(struct confront *c);

#endif
