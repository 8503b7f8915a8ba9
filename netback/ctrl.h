/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The control ring of a vif and its thread. */
#ifndef PVBACK_NET_CTRL_H
#define PVBACK_NET_CTRL_H

#include "card.h"

struct net_ctrl;

/*
 * As the queues' (queue.h): bind and map before the process is sealed, start
 * behind. *ret is NULL if the frontend has no control ring.
 */
int net_ctrl_open(const struct net_card *card, struct net_ctrl **ret);
int net_ctrl_start(struct net_ctrl *ctrl);
void net_ctrl_stop(struct net_ctrl *ctrl);  /* before the queues are closed */
void net_ctrl_close(struct net_ctrl *ctrl); /* behind it; NULL is fine for both */

#endif
