/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one console-worker: started, restarted after a while when it dies, and
 * stopped. There is nobody to talk to while the link is down.
 */
#ifndef PVBACK_CONSOLED_LINK_H
#define PVBACK_CONSOLED_LINK_H

#include <stdbool.h>

#include "loop/loop.h"
#include "worker_msg.h"

struct link_ops {
	void (*up)(void);   /* a worker without consoles is there */
	void (*down)(void); /* it is gone, and all its consoles with it */
	void (*message)(const struct worker_msg *msg); /* about one console */
};

/* 0 or -errno if not even the first start works. */
int link_start(struct loop *loop, const struct link_ops *ops);
bool link_is_up(void);
/* Never waits. At most two descriptors, which stay the caller's. 0 or -errno. */
int link_send(const struct worker_msg *msg, const int *fds, unsigned int nr_fds);
/* Calls @stopped, maybe at once. */
void link_stop(void (*stopped)(void));

#endif
