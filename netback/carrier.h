/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The carrier of a card while it is served: off as long as one of its queues is stalled. */
#ifndef PVBACK_NET_CARRIER_H
#define PVBACK_NET_CARRIER_H

#include "card.h"

void carrier_stalled(const struct net_card *card);
void carrier_recovered(const struct net_card *card);

#endif
