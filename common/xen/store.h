/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * XenStore for the supervisors (libxenstore): paths by printf, bounded values,
 * watches as events of a descriptor, one transaction at a time.
 */
#ifndef PVBACK_STORE_H
#define PVBACK_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;

#define STORE_PATH_MAX 512
#define STORE_VALUE_MAX 1024

struct store_event {
	char path[STORE_PATH_MAX];
	char token[64];
};

int store_open(struct store **ret);
void store_close(struct store *s);

/* Our own domain: 0, or that of a driver domain. */
uint16_t store_own_domid(const struct store *s);

int store_fd(const struct store *s);
/* 0 and an event, -EAGAIN when there is none, or -errno: the store is lost. */
int store_next_event(struct store *s, struct store_event *ev);
int store_watch(struct store *s, const char *path, const char *token);
void store_unwatch(struct store *s, const char *path, const char *token);

/*
 * Read a value as text. Returns 0, -ENOENT, -EINVAL (a NUL inside), -E2BIG
 * (does not fit), or -errno.
 */
int store_read(struct store *s, char *buf, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
bool store_exists(struct store *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int store_write(struct store *s, const char *value, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int store_rm(struct store *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Names in a directory, freed with one free(). -ENOENT if there is none. */
int store_list(struct store *s, char ***ret, unsigned int *ret_nr, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/*
 * Between begin and end every call above belongs to the transaction. end
 * returns -EAGAIN when it has to be done again from the start.
 */
int store_tx_begin(struct store *s);
int store_tx_end(struct store *s);
void store_tx_abort(struct store *s);

/*
 * Do @change in a transaction, and again when somebody else has interfered,
 * but not for ever: then it is -EAGAIN. If it returns an error nothing of it is
 * done, and that is returned.
 */
int store_change(struct store *s, int (*change)(void *ctx), void *ctx);

/* Does the domain exist and has it not been released? */
bool store_domain_alive(struct store *s, uint16_t domid);

#endif
