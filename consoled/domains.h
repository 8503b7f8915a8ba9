/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All domains' consoles: who is there, whose keys have changed. */
#ifndef PVBACK_CONSOLED_DOMAINS_H
#define PVBACK_CONSOLED_DOMAINS_H

#include "con.h"
#include "loop/loop.h"
#include "xen/store.h"

int domains_start(struct loop *loop, struct store *store);

/* A watch event only marks; domains_settle() does what is to be done. */
void domains_event(const struct store_event *ev);
void domains_settle(void);

void domains_look_all(void); /* the worker is there */
void domains_each(void (*fn)(struct con *con));
struct con *domains_find(uint32_t id);

/* Try again in a while those that could not be added. */
void domains_retry_later(void);

#endif
