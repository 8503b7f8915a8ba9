// SPDX-License-Identifier: GPL-2.0-or-later
/* The block driver of common/xenbus. */
#include "vbd.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backing.h"
#include "base/clock.h"
#include "base/log.h"
#include "guest.h"
#include "image_lock.h"
#include "stats/statfile.h"
#include "vbd_options.h"
#include "vbd_keys.h"
#include "vbd_limits.h"
#include "vbd_priority.h"
#include "vbd_priv.h"
#include "vbd_remote.h"
#include "vbd_sectors.h"
#include "vbd_stats.h"
#include "xenbus/keys.h"

/* Bits of the key "info", see xen/io/blkif.h. */
#define VDISK_CDROM 0x1
#define VDISK_REMOVABLE 0x2
#define VDISK_READONLY 0x4

/* libxl waits ten seconds for state 2. */
#define PREPARE_PATIENCE_NS (5 * NS_PER_SEC)

static bool back_is(struct xenbus_device *dev, const char *key, const char *value)
{
	char text[32];

	return back_text(dev, key, text, sizeof(text)) == 0 && strcmp(text, value) == 0;
}

/*
 * A plain file is opened directly: the loop device that the stock script
 * attaches to it only keeps others off. Anything else is what the script says
 * it has made of the target. -ENOENT: the script has not said anything yet.
 */
static int image_path(struct xenbus_device *dev, char *path, size_t size)
{
	const struct vbd *vbd = dev->priv;
	struct stat st;

	if (vbd->has_target)
		return 0;
	if (back_text(dev, "params", path, size) == 0 && path[0] == '/' && stat(path, &st) == 0 &&
	    S_ISREG(st.st_mode))
		return 0;
	if (back_text(dev, "physical-device-path", path, size) == 0)
		return 0;
	return back_text(dev, "params", path, size) == 0 && path[0] == '/' ? 0 : -ENOENT;
}

static int open_backing(struct xenbus_device *dev, int *ret_fd)
{
	struct vbd *vbd = dev->priv;
	char why[160];
	int err = image_path(dev, vbd->image, sizeof(vbd->image));

	if (err)
		return xenbus_error(dev, err,
				    "neither params nor physical-device-path names an image");
	err = backing_open(vbd->image, vbd->readonly, &vbd->backing, ret_fd, why, sizeof(why));
	if (err)
		return xenbus_error(dev, -EINVAL, "disk image %s: %s", vbd->image, why);
	return 0;
}

/* Two lives of one guest, as during a migration to the same host, share disks. */
static bool same_guest(struct xenbus_device *a, struct xenbus_device *b)
{
	struct store *store = xenbus_store(a->bus);
	char vm_a[64], vm_b[64];

	return a->domid == b->domid ||
	       (store_read(store, vm_a, sizeof(vm_a), "/local/domain/%u/vm", a->domid) == 0 &&
		store_read(store, vm_b, sizeof(vm_b), "/local/domain/%u/vm", b->domid) == 0 &&
		strcmp(vm_a, vm_b) == 0);
}

static bool same_file(const struct backing *a, const struct backing *b)
{
	return a->fs_ino != 0 && a->fs_ino == b->fs_ino && a->fs_dev == b->fs_dev;
}

/*
 * A file that one guest writes to is no other guest's. The stock block script
 * protects devices, but its check of files misses: it compares the hexadecimal
 * device number of stat with the decimal one of losetup.
 */
static int check_sharing(struct xenbus_device *dev, const char *path)
{
	const struct vbd *vbd = dev->priv;

	for (struct xenbus_device *d = xenbus_devices(dev->bus); d; d = d->next) {
		const struct vbd *other = d->priv;

		if (d != dev && other && same_file(&vbd->backing, &other->backing) &&
		    !(vbd->readonly && other->readonly) && !same_guest(dev, d))
			return xenbus_error(dev, -EBUSY,
					    "disk image %s is in use as %s; detach it there first",
					    path, d->name);
	}
	return 0;
}

static bool lock_is_ours(void *ctx, uint32_t number)
{
	struct xenbus *bus = ctx;

	for (struct xenbus_device *d = xenbus_devices(bus); d; d = d->next) {
		const struct vbd *vbd = d->priv;

		if (d->worker && vbd && vbd->locked && vbd->lock == number)
			return true;
	}
	return false;
}

/*
 * Wait for what a worker that was killed may still write. A disk that is being
 * attached is refused after a while, one that has been attached waits on.
 */
static int wait_for_writes(struct xenbus_device *dev, const char *path, bool attaching)
{
	const struct vbd *vbd = dev->priv;
	uint64_t waited = dev->waiting_ns ? now_ns() - dev->waiting_ns : 0;

	if (vbd->readonly || !image_lock_foreign(path, lock_is_ours, dev->bus))
		return 0;
	if (attaching && waited > PREPARE_PATIENCE_NS)
		return xenbus_error(dev, -EBUSY,
				    "disk image %s: writes of a worker that is no more may still "
				    "reach it; attach it when its disk answers again",
				    path);
	if (!attaching && waited > NS_PER_SEC && log_meter_pay(&dev->meter, dev->name))
		log_warn(dev->name,
			 "disk image %s: waiting for the writes of a worker that is no more", path);
	return -EAGAIN;
}

/* What can be known to be wrong before the script runs is said at once. */
static int check_target(struct xenbus_device *dev)
{
	struct vbd *vbd = dev->priv;
	char params[STORE_VALUE_MAX];
	struct stat st;
	int fd = -1, err;

	if (vbd->has_target)
		snprintf(params, sizeof(params), "%s", vbd->image);
	else if (back_text(dev, "params", params, sizeof(params)) != 0 || params[0] != '/' ||
		 stat(params, &st) < 0 || !S_ISREG(st.st_mode))
		return 0; /* the script's matter */
	err = wait_for_writes(dev, params, true);
	if (!err)
		err = open_backing(dev, &fd);
	if (err)
		return err;
	close(fd);
	return check_sharing(dev, params);
}

static int vbd_new(struct xenbus_device *dev)
{
	struct vbd *vbd = calloc(1, sizeof(*vbd));
	char mode[8];
	int err;

	if (!vbd)
		return xenbus_error(dev, -ENOMEM, "no memory");
	dev->priv = vbd;
	vbd->look_fd = -1;
	vbd->cdrom = back_is(dev, "device-type", "cdrom");
	vbd->removable = back_is(dev, "removable", "1");
	vbd->readonly =
		vbd->cdrom || back_text(dev, "mode", mode, sizeof(mode)) != 0 || mode[0] != 'w';
	vbd->discard = !vbd->readonly && !back_is(dev, "discard-enable", "0");
	vbd->has_target = vbd_has_target(dev);
	if (!vbd->has_target)
		return 0;
	err = vbd_remote_find(dev);
	return err || !vbd->remote ? err : check_sharing(dev, vbd->image);
}

static int vbd_prepare(struct xenbus_device *dev)
{
	bool patient = !back_is(dev, "state", "1"); /* its guest is running */
	int err = dev->priv ? 0 : vbd_new(dev);
	struct vbd *vbd = dev->priv;

	if (!err)
		err = vbd->remote ? vbd_remote_ready(dev, patient) : check_target(dev);
	if (err && err != -EAGAIN && vbd) {
		remote_free(vbd->remote);
		dev->priv = NULL;
		free(vbd);
	}
	return err;
}

static int vbd_write_transport(struct xenbus_device *dev)
{
	const struct vbd *vbd = dev->priv;
	int err = back_write_u64(dev, "max-ring-page-order", BLK_MAX_RING_ORDER);

	/* One connection, one queue. */
	if (!err)
		err = back_write_u64(dev, "multi-queue-max-queues",
				     vbd->remote ? 1 : vbd_max_queues());
	if (!err)
		err = back_write_u64(dev, "feature-max-indirect-segments", BLK_MAX_INDIRECT);
	return err;
}

static void stop_looking(struct vbd *vbd)
{
	if (vbd->look_fd >= 0)
		close(vbd->look_fd);
	vbd->look_fd = -1;
}

/* Without locks (a file system that has none) writes are only known while their worker is. */
static void lock_image(struct xenbus_device *dev, int fd)
{
	struct vbd *vbd = dev->priv;
	int err = vbd->readonly ? -EROFS : image_lock_take(fd, &vbd->lock);

	vbd->locked = err == 0;
	if (err && err != -EROFS && log_meter_pay(&dev->meter, dev->name))
		log_warn(dev->name, "cannot lock disk image %s: %s", vbd->image, strerror(-err));
}

static int open_image(struct xenbus_device *dev, int *ret_fd)
{
	struct vbd *vbd = dev->priv;
	int err = image_path(dev, vbd->image, sizeof(vbd->image));

	if (!err)
		err = wait_for_writes(dev, vbd->image, false);
	if (err == -EAGAIN)
		return err;
	err = open_backing(dev, ret_fd);
	if (err)
		return err;
	err = vbd_sector_sizes(dev, &vbd->backing);
	if (err) {
		close(*ret_fd);
		return err;
	}
	lock_image(dev, *ret_fd);
	stop_looking(vbd);
	vbd->look_fd = open(vbd->image, O_PATH | O_CLOEXEC);
	return 0;
}

static int open_shared(struct xenbus_device *dev, int *fds, unsigned int *nr_fds)
{
	int err = vbd_stats_open(dev->name, &fds[BLK_FD_STATS]);

	if (err)
		return xenbus_error(dev, err, "cannot make room for its counters");
	*nr_fds = 2;
	err = guest_memory(dev, &fds[BLK_FD_GUEST]);
	if (err)
		return xenbus_error(dev, err, "cannot make room for its guest's limits");
	*nr_fds = 3;
	return 0;
}

static int vbd_connect(struct xenbus_device *dev, struct worker_msg *msg, int *fds,
		       unsigned int *nr_fds)
{
	struct blk_conf *conf = &msg->blk;
	struct vbd *vbd = dev->priv;
	int err = vbd_read_keys(dev, conf), life = -1;

	if (!err)
		err = vbd->remote ? vbd_remote_connect(dev, msg, &fds[BLK_FD_IMAGE], &life)
				  : open_image(dev, &fds[BLK_FD_IMAGE]);
	if (err)
		return err;
	*nr_fds = 1;
	err = open_shared(dev, fds, nr_fds);
	if (life >= 0)
		fds[(*nr_fds)++] = life; /* BLK_FD_LIFE, if all went well */
	if (err)
		return err;
	priority_read(dev, conf);
	limits_read(dev, &vbd->limits);
	vbd->limits.unsent = false;
	conf->limits = vbd->limits.own;
	conf->guest_limits = vbd->limits.guest;
	if (!vbd->backing.direct && log_meter_pay(&dev->meter, dev->name))
		log_warn(dev->name, "its file system takes no O_DIRECT of 512 bytes: going through "
				    "the page cache");
	conf->domid = dev->domid;
	conf->readonly = vbd->readonly;
	conf->sector_size = vbd->backing.sector_size;
	conf->sectors = vbd->backing.sectors;
	conf->discard = (uint8_t)(vbd->discard ? vbd->backing.discard : BLK_DISCARD_NONE);
	conf->discard_secure = vbd->backing.discard_secure;
	conf->engine = vbd_engine();
	return 0;
}

static int write_discard(struct xenbus_device *dev)
{
	const struct vbd *vbd = dev->priv;
	int err;

	if (!vbd->discard || vbd->backing.discard == BLK_DISCARD_NONE)
		return 0;
	err = back_write_u64(dev, "discard-granularity", vbd->backing.discard_granularity);
	if (!err)
		err = back_write_u64(dev, "discard-alignment", vbd->backing.discard_alignment);
	if (!err)
		err = back_write_u64(dev, "discard-secure", vbd->backing.discard_secure);
	if (!err)
		err = back_write_u64(dev, "feature-discard", 1);
	return err;
}

static int vbd_write_features(struct xenbus_device *dev)
{
	const struct vbd *vbd = dev->priv;
	unsigned int info = (vbd->cdrom ? VDISK_CDROM : 0) |
			    (vbd->removable ? VDISK_REMOVABLE : 0) |
			    (vbd->readonly ? VDISK_READONLY : 0);
	int err = back_write_u64(dev, "sectors", vbd->backing.sectors);

	if (!err)
		err = back_write_u64(dev, "sector-size", vbd->backing.sector_size);
	if (!err)
		err = back_write_u64(dev, "physical-sector-size",
				     vbd->backing.physical_sector_size);
	if (!err)
		err = back_write_u64(dev, "info", info);
	/* Never a barrier without it: blkfront would then take FUA for granted. */
	if (!err)
		err = back_write_u64(dev, "feature-flush-cache", 1);
	if (!err)
		err = back_write_u64(dev, "feature-barrier", 1);
	if (!err)
		err = back_write_u64(dev, "feature-persistent",
				     !vbd->remote && vbd_data() != BLK_DATA_COPY);
	return err ? err : write_discard(dev);
}

/* A size that is no whole number of its sectors is one on the way to another. */
static bool vbd_changed(struct xenbus_device *dev, struct worker_msg *msg)
{
	struct vbd *vbd = dev->priv;
	uint64_t sectors;

	if (vbd->limits.unsent)
		limits_send(dev, &vbd->limits);
	vbd_remote_look(dev);
	if (vbd->look_fd < 0 || backing_sectors(vbd->look_fd, &sectors) != 0 ||
	    sectors == vbd->backing.sectors || sectors * 512 % vbd->backing.sector_size != 0)
		return false;
	log_info(dev->name, "disk image %s has %" PRIu64 " sectors now, had %" PRIu64, vbd->image,
		 sectors, vbd->backing.sectors);
	vbd->backing.sectors = sectors;
	msg->type = WORKER_MSG_RESIZE;
	msg->blk.sectors = sectors;
	return true;
}

static void vbd_release(struct xenbus_device *dev)
{
	const struct vbd *vbd = dev->priv;

	remote_free(vbd->remote);
	statfile_remove(dev->name);
	stop_looking(dev->priv);
	guest_sweep(dev->bus, dev);
	free(dev->priv);
	dev->priv = NULL;
}

static void read_limits(struct xenbus_device *dev)
{
	struct vbd *vbd = dev->priv;

	if (vbd && limits_read(dev, &vbd->limits))
		limits_send(dev, &vbd->limits);
}

static void vbd_key(struct xenbus *bus, uint16_t domid, struct xenbus_device *dev, const char *key)
{
	if (!limits_is_key(key))
		return;
	if (dev) {
		read_limits(dev);
		return;
	}
	for (struct xenbus_device *d = xenbus_devices(bus); d; d = d->next)
		if (d->domid == domid)
			read_limits(d);
}

static void vbd_domains(struct xenbus *bus)
{
	guest_sweep(bus, NULL);
}

/* Of devices that went while nobody was here. */
static void vbd_scanned(struct xenbus *bus)
{
	statfile_sweep("vbd", xenbus_has, bus);
	guest_sweep(bus, NULL);
}

const struct xenbus_driver vbd_driver = {
	.kind = "vbd",
	.worker = "blkback-worker",
	.front_initialised_is_ready = true,
	.prepare = vbd_prepare,
	.write_transport = vbd_write_transport,
	.connect = vbd_connect,
	.write_features = vbd_write_features,
	.changed = vbd_changed,
	.key = vbd_key,
	.domains = vbd_domains,
	.message = vbd_remote_message,
	.disconnected = vbd_remote_disconnected,
	.let_go = vbd_remote_let_go,
	.release = vbd_release,
	.scanned = vbd_scanned,
};
