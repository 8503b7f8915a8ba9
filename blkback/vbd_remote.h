/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Disks whose configuration says script=block-pvback: what their target means. */
#ifndef PVBACK_VBD_REMOTE_H
#define PVBACK_VBD_REMOTE_H

#include "remote.h"
#include "worker_msg.h"
#include "xenbus/xenbus.h"

/* Is the target (key params) written as target.h has it? */
bool vbd_has_target(struct xenbus_device *dev);

/*
 * Judge the target. 0: vbd->image names a raw one, or vbd->remote is a store
 * to be started, and image what it is made of. Else an error that has been reported.
 */
int vbd_remote_find(struct xenbus_device *dev);

/*
 * Of a store. 0: it is up and vbd->backing measured; -EAGAIN: not yet; else an error
 * that has been reported. @patient: its guest runs, it is waited for as long as it takes.
 */
int vbd_remote_ready(struct xenbus_device *dev, bool patient);

/* Of a store: what its worker is to know and have. @ret_life: -1, or a descriptor for BLK_FD_LIFE. */
int vbd_remote_connect(struct xenbus_device *dev, struct worker_msg *msg, int *ret_fd,
		       int *ret_life);

/* Every now and then: was there something that its worker was not ready for? */
void vbd_remote_look(struct xenbus_device *dev);

/* Callbacks of struct xenbus_driver, for disks of all kinds. */
bool vbd_remote_message(struct xenbus_device *dev, const struct worker_msg *msg);
void vbd_remote_disconnected(struct xenbus_device *dev);
bool vbd_remote_let_go(struct xenbus_device *dev);

#endif
