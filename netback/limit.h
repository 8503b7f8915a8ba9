/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A card's limits, one bucket for each direction, which all queues share. What is
 * used up of them lies in the card's page of counters, so that a successor goes on with it.
 */
#ifndef PVBACK_NET_LIMIT_H
#define PVBACK_NET_LIMIT_H

#include <stdint.h>

#include "card.h"

void limit_init(struct net_card *card);
void limit_set(struct net_card *card, const struct net_limit limits[NET_NR_WAYS]);
/* While queues run: nobody is to pay for what was granted before. */
void limit_change(struct net_card *card, const struct net_limit limits[NET_NR_WAYS]);

/* Bytes that may pass now; 0: wait. */
uint64_t limit_left(const struct net_card *card, enum net_way way);
void limit_charge(const struct net_card *card, enum net_way way, uint64_t bytes);
/* Bytes that may wait for it: so many that it is used, and so few that they are not old. */
uint32_t limit_queue(const struct net_card *card, enum net_way way);
/* How long to sleep when nothing may: long enough to be worth it, and not so that a change is missed. */
uint64_t limit_wait_ns(const struct net_card *card, enum net_way way);

#endif
