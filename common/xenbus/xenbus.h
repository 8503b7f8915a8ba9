/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of backend devices in XenStore, the same for vbd and vif: find
 * directories under backend/<kind>, walk them through the states of
 * xen/io/xenbus.h, start and stop their workers. What differs is in the
 * driver's callbacks.
 */
#ifndef PVBACK_XENBUS_H
#define PVBACK_XENBUS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"
#include "loop/loop.h"
#include "worker_msg.h"
#include "xen/store.h"
#include "xenbus/state.h"

struct xenbus;
struct worker;

struct xenbus_device {
	struct xenbus *bus;
	struct xenbus_device *next;
	uint16_t domid;
	uint32_t devid;
	char name[32];		    /* "vbd/3/51712" */
	char back[STORE_PATH_MAX];  /* own directory, absolute */
	char front[STORE_PATH_MAX]; /* frontend's directory, from our own */
	struct worker *worker;
	const char *program; /* executable of the worker */
	enum xenbus_worker worker_state;
	bool prepared;		/* driver->prepare has succeeded */
	bool failed;		/* see struct xenbus_view */
	bool dirty;		/* something changed, look again */
	uint64_t waiting_ns;	/* since when prepare or connect say -EAGAIN; 0: they do not */
	uint64_t plug_since_ns; /* the guest waits for the hotplug script; 0: it does not */
	bool plug_told;		/* and it has been complained of */
	struct log_meter meter; /* for lines that a frontend can cause as often as it likes */
	void *priv;		/* the driver's, one malloc()ed block or NULL */
};

struct xenbus_driver {
	const char *kind;		 /* "vbd" */
	const char *worker;		 /* executable beside ours; connect may choose another */
	bool front_initialised_is_ready; /* frontend state 3 will do (block) */
	/* Keys of the frontend's directory that it may change while it is served; ends with NULL. */
	const char *const *front_keys;

	/*
	 * A device has appeared: check what can be checked and make what the
	 * hotplug script needs. Sets dev->priv. On error the device is refused:
	 * the driver has reported why through xenbus_error().
	 *
	 * -EAGAIN, also from connect: not yet. Nothing is refused; asked again
	 * at every event, several times a second, and upon xenbus_again(). What the
	 * driver wants to remember meanwhile may stay in dev->priv.
	 */
	int (*prepare)(struct xenbus_device *dev);
	/* Write what the frontend must know before state 2, in a transaction. */
	int (*write_transport)(struct xenbus_device *dev);
	/*
	 * Read and judge the frontend's keys, open what the worker needs; fill
	 * @conf's union and @fds. The descriptors are closed after the start.
	 */
	int (*connect)(struct xenbus_device *dev, struct worker_msg *conf, int *fds,
		       unsigned int *nr_fds);
	/* Write what the frontend must know before state 4, in a transaction. */
	int (*write_features)(struct xenbus_device *dev);
	/*
	 * Every two seconds while the device is served: has what it stands for
	 * changed? True: @msg goes to the worker, then the features are written
	 * anew. Optional.
	 */
	bool (*changed)(struct xenbus_device *dev, struct worker_msg *msg);
	/*
	 * @key below the directory of a device has changed, or, with @dev NULL, below
	 * that of the domain, above those of its devices. Most are our own doing. Optional.
	 */
	void (*key)(struct xenbus *bus, uint16_t domid, struct xenbus_device *dev, const char *key);
	/* One of front_keys may have changed; also when the worker begins to serve. Optional. */
	void (*front_changed)(struct xenbus_device *dev);
	/*
	 * The frontend is at 7 (Reconfiguring): may we go to 8, is what it wants in force?
	 * If not, it is made so, and xenbus_again() follows. Without it 7 is
	 * no state of this kind of device. Optional.
	 */
	bool (*settled)(struct xenbus_device *dev);
	/* Some domain is no more. Optional. */
	void (*domains)(struct xenbus *bus);
	/* A message of the worker that is only this driver's. False: it is not. Optional. */
	bool (*message)(struct xenbus_device *dev, const struct worker_msg *msg);
	/* Worker is gone, device may connect again. Optional. */
	void (*disconnected)(struct xenbus_device *dev);
	/*
	 * The toolstack is about to hear that it is closed: may somebody else have
	 * what it stood for? False: not yet, xenbus_again() follows. Optional.
	 */
	bool (*let_go)(struct xenbus_device *dev);
	/* Toolstack is removing the device: undo prepare, free dev->priv. */
	void (*release)(struct xenbus_device *dev);
	/* After the first scan: optional clean-up of what nobody owns. */
	void (*scanned)(struct xenbus *bus);
};

int xenbus_new(struct loop *loop, struct store *store, const struct xenbus_driver *driver,
	       struct xenbus **ret);

/* From the daemon: a watch event, and the end of a batch of them. */
void xenbus_event(struct xenbus *bus, const struct store_event *ev);
void xenbus_settle(struct xenbus *bus);

/* Stop all workers, leave the states as they are for a successor. */
void xenbus_shutdown(struct xenbus *bus, void (*done)(void *ctx), void *ctx);
void xenbus_free(struct xenbus *bus);

/* What the driver has waited for is there. The device may be gone when this returns. */
void xenbus_again(struct xenbus_device *dev);
/* Of a worker that is serving; else -ENOTCONN. */
int xenbus_tell(struct xenbus_device *dev, const struct worker_msg *msg);
/* With descriptors, which stay the caller's. */
int xenbus_tell_fds(struct xenbus_device *dev, const struct worker_msg *msg, const int *fds,
		    unsigned int nr_fds);

/* New features of a device that is connected: write them, and make the frontend look. */
void xenbus_publish_again(struct xenbus_device *dev);

struct store *xenbus_store(struct xenbus *bus);
struct loop *xenbus_loop(struct xenbus *bus);
/* The first of all devices, linked by next. */
struct xenbus_device *xenbus_devices(struct xenbus *bus);
struct xenbus_device *xenbus_find(struct xenbus *bus, uint16_t domid, uint32_t devid);
/* Is there such a device? For those who sweep up behind the others: @bus is a struct xenbus. */
bool xenbus_has(void *bus, unsigned int domid, unsigned int devid);

/*
 * Log why a device cannot be served and write it to the error node that
 * xenstore-ls and the kernel's tools know: error/backend/<kind>/<dom>/<dev>.
 * @err: -errno or 0. Returns @err, or -EINVAL for 0.
 */
int xenbus_error(struct xenbus_device *dev, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* What it has said of a device that is served all the same is so no more. */
void xenbus_error_over(struct xenbus_device *dev);

#endif
