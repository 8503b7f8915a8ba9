/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libxenstore over a table, so that what reads and judges keys can be tested
 * without a store, with values that no well-meaning writer would leave there.
 */
#ifndef PVBACK_TEST_FAKE_XENSTORE_H
#define PVBACK_TEST_FAKE_XENSTORE_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <xenstore.h>

#include "base/util.h"

#define FAKE_KEYS 32
#define FAKE_VALUE_MAX 8192

static struct {
	struct {
		char path[512];
		char value[FAKE_VALUE_MAX];
		size_t len;
	} keys[FAKE_KEYS];
	unsigned int nr;
	int error;		   /* every call fails with it */
	xs_transaction_t tx;	   /* of the last call */
	unsigned int tx_conflicts; /* ends of a transaction that fail yet */
} fake_store;

static inline void fake_store_clear(void)
{
	memset(&fake_store, 0, sizeof(fake_store));
}

static inline unsigned int fake_store_find(const char *path)
{
	unsigned int i;

	for (i = 0; i < fake_store.nr; i++)
		if (strcmp(fake_store.keys[i].path, path) == 0)
			break;
	return i;
}

static inline void fake_store_set(const char *path, const void *value, size_t len)
{
	unsigned int i = fake_store_find(path);

	if (i == FAKE_KEYS || len > FAKE_VALUE_MAX || strlen(path) >= 512)
		abort();
	if (i == fake_store.nr)
		fake_store.nr++;
	strcpy(fake_store.keys[i].path, path);
	memcpy(fake_store.keys[i].value, value, len);
	fake_store.keys[i].len = len;
}

static inline void fake_store_text(const char *path, const char *text)
{
	fake_store_set(path, text, strlen(text));
}

static inline void fake_store_remove(const char *path)
{
	unsigned int i = fake_store_find(path);

	if (i < fake_store.nr)
		fake_store.keys[i] = fake_store.keys[--fake_store.nr];
}

static inline bool fake_store_fails(xs_transaction_t t)
{
	fake_store.tx = t;
	errno = fake_store.error;
	return fake_store.error != 0;
}

struct xs_handle *xs_open(unsigned long flags)
{
	errno = fake_store.error;
	return fake_store.error ? NULL : (struct xs_handle *)&fake_store;
}

void xs_close(struct xs_handle *h)
{
}

int xs_fileno(struct xs_handle *h)
{
	return 99;
}

void *xs_read(struct xs_handle *h, xs_transaction_t t, const char *path, unsigned int *len)
{
	unsigned int i = fake_store_find(path);
	char *value;

	if (fake_store_fails(t))
		return NULL;
	if (i == fake_store.nr) {
		errno = ENOENT;
		return NULL;
	}
	/* A NUL behind the value, as in libxenstore. */
	value = calloc(1, fake_store.keys[i].len + 1);
	memcpy(value, fake_store.keys[i].value, fake_store.keys[i].len);
	if (len)
		*len = (unsigned int)fake_store.keys[i].len;
	return value;
}

bool xs_write(struct xs_handle *h, xs_transaction_t t, const char *path, const void *data,
	      unsigned int len)
{
	if (fake_store_fails(t))
		return false;
	fake_store_set(path, data, len);
	return true;
}

bool xs_rm(struct xs_handle *h, xs_transaction_t t, const char *path)
{
	if (fake_store_fails(t))
		return false;
	fake_store_remove(path);
	return true;
}

/* Of each directory the same: it has one entry. */
char **xs_directory(struct xs_handle *h, xs_transaction_t t, const char *path, unsigned int *num)
{
	char **names;

	if (fake_store_fails(t))
		return NULL;
	names = calloc(1, sizeof(*names) + 2);
	names[0] = memcpy(names + 1, "0", 2);
	*num = 1;
	return names;
}

bool xs_watch(struct xs_handle *h, const char *path, const char *token)
{
	return !fake_store_fails(XBT_NULL);
}

bool xs_unwatch(struct xs_handle *h, const char *path, const char *token)
{
	return !fake_store_fails(XBT_NULL);
}

/* The one event there is: on the first key, as long as there is one. */
char **xs_check_watch(struct xs_handle *h)
{
	const char *token = "token";
	size_t len;
	char **vec;

	if (fake_store_fails(XBT_NULL))
		return NULL;
	if (fake_store.nr == 0) {
		errno = EAGAIN;
		return NULL;
	}
	len = strlen(fake_store.keys[0].path) + 1;
	vec = calloc(1, 2 * sizeof(*vec) + len + strlen(token) + 1);
	vec[XS_WATCH_PATH] = memcpy(vec + 2, fake_store.keys[0].path, len);
	vec[XS_WATCH_TOKEN] = strcpy(vec[XS_WATCH_PATH] + len, token);
	return vec;
}

xs_transaction_t xs_transaction_start(struct xs_handle *h)
{
	return fake_store_fails(XBT_NULL) ? XBT_NULL : 7;
}

bool xs_transaction_end(struct xs_handle *h, xs_transaction_t t, bool abandon)
{
	if (fake_store_fails(t))
		return false;
	if (abandon || fake_store.tx_conflicts == 0)
		return true;
	fake_store.tx_conflicts--;
	errno = EAGAIN;
	return false;
}

bool xs_is_domain_introduced(struct xs_handle *h, unsigned int domid)
{
	return domid == 3;
}

#endif
