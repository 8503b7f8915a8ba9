// SPDX-License-Identifier: GPL-2.0-or-later
#include "vbd_remote.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/util.h"
#include "target.h"
#include "vbd_priv.h"
#include "worker/spawn.h"
#include "xenbus/keys.h"

#define SCRIPT "block-pvback"

bool vbd_has_target(struct xenbus_device *dev)
{
	char script[STORE_VALUE_MAX], *name;

	if (back_text(dev, "script", script, sizeof(script)) != 0)
		return false;
	name = strrchr(script, '/');
	return strcmp(name ? name + 1 : script, SCRIPT) == 0;
}

/* What can be known without opening it. */
static int check_file(struct xenbus_device *dev, const char *path, struct backing *file)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return xenbus_error(dev, -errno, "disk image %s", path);
	if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
		return xenbus_error(dev, -EINVAL,
				    "disk image %s: it is neither a file nor a block device", path);
	if (S_ISREG(st.st_mode)) {
		file->fs_dev = st.st_dev;
		file->fs_ino = st.st_ino;
	}
	return 0;
}

static int check_mode(struct xenbus_device *dev, const struct target *t, const char *text,
		      bool readonly)
{
	if (!t->readonly || readonly)
		return 0;
	return xenbus_error(dev, -EROFS,
			    "disk target %s cannot be written to; give the disk mode r (access=ro)",
			    text);
}

static void send_connection(struct xenbus_device *dev)
{
	struct remote *r = ((struct vbd *)dev->priv)->remote;
	struct worker_msg msg = { .type = WORKER_MSG_STORE, .id = remote_number(r) };
	int fds[REMOTE_FDS];
	unsigned int nr = remote_take(r, fds);

	/* A worker that has not read what it was sent before is as good as dead. */
	if (nr > 0)
		worker_send(dev->worker, &msg, fds, nr);
	while (nr > 0)
		close(fds[--nr]);
}

static void send_size(struct xenbus_device *dev)
{
	struct vbd *vbd = dev->priv;
	uint64_t sectors = remote_info(vbd->remote)->sectors;
	struct worker_msg msg = { .type = WORKER_MSG_RESIZE, .blk.sectors = sectors };

	if (sectors == vbd->backing.sectors)
		return;
	log_info(dev->name, "disk store has %" PRIu64 " sectors now, had %" PRIu64, sectors,
		 vbd->backing.sectors);
	vbd->backing.sectors = sectors;
	if (worker_send(dev->worker, &msg, NULL, 0) == 0)
		xenbus_publish_again(dev);
}

void vbd_remote_look(struct xenbus_device *dev)
{
	struct vbd *vbd = dev->priv;

	if (!vbd->remote || dev->worker_state != XENBUS_WORKER_SERVING ||
	    remote_state(vbd->remote) != REMOTE_UP)
		return;
	send_connection(dev);
	send_size(dev);
}

/* Somebody waits for it: a worker that has lost its connection, or a step of the device. */
static void on_changed(void *ctx)
{
	vbd_remote_look(ctx);
	xenbus_again(ctx);
}

int vbd_remote_find(struct xenbus_device *dev)
{
	struct vbd *vbd = dev->priv;
	struct store_conf conf = { .readonly = vbd->readonly, .discard = vbd->discard };
	char why[WORKER_TEXT_MAX];
	struct target t;
	int err = back_text(dev, "params", conf.target, sizeof(conf.target));

	if (err)
		return xenbus_error(dev, err, "cannot read key params");
	if (target_parse(conf.target, &t, why, sizeof(why)) != 0)
		return xenbus_error(dev, -EINVAL, "disk target %s: %s", conf.target, why);
	err = check_mode(dev, &t, conf.target, conf.readonly);
	if (!err && t.kind == TARGET_FORMAT)
		err = check_file(dev, t.path, &vbd->backing);
	if (err)
		return err;
	snprintf(vbd->image, sizeof(vbd->image), "%s", t.path ? t.path : conf.target);
	if (t.kind == TARGET_RAW)
		return 0;
	err = remote_new(xenbus_loop(dev->bus), dev->name, &conf, on_changed, dev, &vbd->remote);
	return err ? xenbus_error(dev, err, "cannot prepare its store") : 0;
}

static void measure(const struct remote *r, struct backing *b)
{
	const struct store_info *info = remote_info(r);

	b->direct = true;
	b->sectors = info->sectors;
	b->sector_size = b->physical_sector_size = info->sector_size;
	b->discard = info->discard ? BLK_DISCARD_NBD : BLK_DISCARD_NONE;
	b->discard_secure = false;
	b->discard_granularity = MAX(info->sector_size, XEN_PAGE_SIZE);
	b->discard_alignment = 0;
}

int vbd_remote_ready(struct xenbus_device *dev, bool patient)
{
	struct vbd *vbd = dev->priv;
	struct remote *r = vbd->remote;

	if (remote_state(r) == REMOTE_IDLE)
		remote_start(r, patient);
	if (remote_state(r) == REMOTE_FAILED)
		return xenbus_error(dev, -EINVAL, "disk store: %s", remote_why(r));
	if (remote_state(r) != REMOTE_UP)
		return -EAGAIN;
	measure(r, &vbd->backing);
	return 0;
}

int vbd_remote_connect(struct xenbus_device *dev, struct worker_msg *msg, int *ret_fd,
		       int *ret_life)
{
	struct remote *r = ((struct vbd *)dev->priv)->remote;
	int fds[REMOTE_FDS];
	unsigned int nr;
	int err = vbd_remote_ready(dev, true);

	if (err)
		return err;
	if (msg->blk.nr_queues != 1)
		return xenbus_error(dev, 0, "frontend wants %u queues, there is one",
				    msg->blk.nr_queues);
	/* Its former worker has had it, or the server has no more patience with it. */
	nr = remote_is_fresh(r) ? remote_take(r, fds) : 0;
	if (nr == 0) {
		remote_stop(r);
		return -EAGAIN;
	}
	*ret_fd = fds[0];
	*ret_life = nr > 1 ? fds[1] : -1;
	msg->id = remote_number(r);
	msg->blk.store = BLK_STORE_NBD;
	snprintf(msg->blk.export, sizeof(msg->blk.export), "%s", remote_info(r)->export);
	dev->program = "blkback-worker-nbd";
	/* What goes over a network is copied first: the kernel may send a page once
	 * more that the guest has back. */
	msg->blk.data = BLK_DATA_COPY;
	return 0;
}

bool vbd_remote_message(struct xenbus_device *dev, const struct worker_msg *msg)
{
	const struct vbd *vbd = dev->priv;

	if (msg->type != WORKER_MSG_STORE_LOST || !vbd || !vbd->remote)
		return false;
	remote_lost(vbd->remote, msg->id, msg->text);
	return true;
}

/* Its connection is of no use to another worker. */
void vbd_remote_disconnected(struct xenbus_device *dev)
{
	const struct vbd *vbd = dev->priv;

	if (vbd && vbd->remote)
		remote_stop(vbd->remote);
}

bool vbd_remote_let_go(struct xenbus_device *dev)
{
	const struct vbd *vbd = dev->priv;

	if (!vbd->remote)
		return true;
	if (remote_state(vbd->remote) != REMOTE_IDLE)
		remote_stop(vbd->remote);
	return remote_state(vbd->remote) == REMOTE_IDLE;
}
