/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between bus.c (which devices there are) and device.c (the life of one). */
#ifndef PVBACK_XENBUS_INTERNAL_H
#define PVBACK_XENBUS_INTERNAL_H

#include "xenbus/xenbus.h"

struct xenbus {
	struct loop *loop;
	struct store *store;
	const struct xenbus_driver *driver;
	char root[64]; /* /local/domain/<own>/backend/<kind> */
	struct xenbus_device *devices;
	struct loop_source *tick;  /* only if the driver wants to look every now and then */
	struct loop_source *retry; /* devices that wait for something outside are asked again */
	struct loop_source *plug;  /* devices whose script says nothing are looked at again */
	bool stopping;		   /* xenbus_shutdown(): no new steps, only workers ending */
	void (*shutdown_done)(void *ctx);
	void *shutdown_ctx;
};

int device_new(struct xenbus *bus, uint16_t domid, uint32_t devid, struct xenbus_device **ret);
/* Release everything the driver holds for the device and free it. */
void device_free(struct xenbus_device *dev);
/* Of a device that there is no more, or that there could not be one of. */
void device_clear_error(struct xenbus *bus, uint16_t domid, uint32_t devid);
/* The driver has said -EAGAIN for @waited_ns: it is asked again, soon and at every event. */
void bus_retry(struct xenbus *bus, uint64_t waited_ns);
/* Watch the frontend's state and what the driver wants of it; or nothing, with an error told. */
int device_watch(struct xenbus_device *dev);
void device_unwatch(struct xenbus_device *dev);
/* Take steps until nothing is left to do. True: the device wants to be freed. */
bool device_run(struct xenbus_device *dev);
/* Ask the driver whether something has changed, and tell worker and frontend. */
void device_look_again(struct xenbus_device *dev);
/* Complain of a hotplug script that failed or says nothing, once. */
int plug_init(struct xenbus *bus);
void plug_watch(struct xenbus_device *dev, const struct xenbus_view *v);
/* A worker has ended; bus.c looks whether a shutdown is complete. */
void bus_worker_gone(struct xenbus *bus);

#endif
