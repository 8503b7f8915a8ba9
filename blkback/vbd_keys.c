// SPDX-License-Identifier: GPL-2.0-or-later
#include "vbd_keys.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <xen/io/protocols.h>

#include "base/log.h"
#include "base/util.h"
#include "vbd_options.h"
#include "xenbus/keys.h"

#define KEY_MAX 64

unsigned int vbd_max_queues(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	return cpus < 1 ? 1 : (unsigned int)MIN(cpus, (long)BLK_MAX_QUEUES);
}

/*
 * Without the key, the kernel's backend and tapdisk assume 32-bit x86 there,
 * and the frontends that do not write it were made with them; the comment in
 * xen/io/blkif.h says native.
 */
static int read_abi(struct xenbus_device *dev, uint8_t *ret)
{
	char text[32];
	int err = store_read(xenbus_store(dev->bus), text, sizeof(text), "%s/protocol", dev->front);

	if (err == -ENOENT) {
#if defined(__x86_64__) || defined(__i386__)
		if (log_meter_pay(&dev->meter, dev->name))
			log_info(dev->name, "frontend names no protocol, taking %s",
				 XEN_IO_PROTO_ABI_X86_32);
		*ret = BLK_ABI_X86_32;
#else
		*ret = BLK_ABI_NATIVE;
#endif
		return 0;
	}
	if (err)
		return xenbus_error(dev, err, "cannot read frontend key protocol");
	if (strcmp(text, XEN_IO_PROTO_ABI_X86_64) == 0)
		*ret = BLK_ABI_X86_64;
	else if (strcmp(text, XEN_IO_PROTO_ABI_X86_32) == 0)
		*ret = BLK_ABI_X86_32;
	else if (strcmp(text, XEN_IO_PROTO_ABI_NATIVE) == 0)
		*ret = BLK_ABI_NATIVE;
	else
		return xenbus_error(dev, 0,
				    "frontend key protocol names an ABI that is not known here");
	return 0;
}

static bool front_has(struct xenbus_device *dev, const char *key)
{
	return store_exists(xenbus_store(dev->bus), "%s/%s", dev->front, key);
}

/*
 * The ring-ref of a ring of one page: with a number if the frontend speaks of
 * an order, without if it does not. A former life of the guest (a boot loader,
 * a kernel before kexec) may have left the other key, which is of no concern;
 * one that has written the other one only means that.
 */
static int read_single_ref(struct xenbus_device *dev, const char *dir, uint32_t *ret)
{
	bool numbered = front_has(dev, "ring-page-order");
	char key[KEY_MAX];

	snprintf(key, sizeof(key), "%sring-ref%s", dir, numbered ? "0" : "");
	if (!front_has(dev, key))
		snprintf(key, sizeof(key), "%sring-ref%s", dir, numbered ? "" : "0");
	return front_need_u32(dev, key, 0, GREF_MAX, ret);
}

static int read_refs(struct xenbus_device *dev, const char *dir, uint32_t nr, uint32_t *refs)
{
	char key[KEY_MAX];
	int err = 0;

	if (nr == 1)
		return read_single_ref(dev, dir, &refs[0]);
	for (uint32_t i = 0; i < nr && !err; i++) {
		snprintf(key, sizeof(key), "%sring-ref%u", dir, i);
		err = front_need_u32(dev, key, 0, GREF_MAX, &refs[i]);
	}
	return err;
}

/* Keys of a ring lie in a directory of its own only if there are several. */
static int read_ring(struct xenbus_device *dev, const struct blk_conf *conf, unsigned int number,
		     struct blk_ring_conf *ring)
{
	char dir[KEY_MAX / 2] = "", key[KEY_MAX];
	int err;

	if (conf->nr_queues > 1)
		snprintf(dir, sizeof(dir), "queue-%u/", number);
	snprintf(key, sizeof(key), "%sevent-channel", dir);
	err = read_refs(dev, dir, conf->ring_pages, ring->refs);
	if (!err)
		err = front_need_u32(dev, key, 1, EVTCHN_MAX, &ring->evtchn);
	return err;
}

int vbd_read_keys(struct xenbus_device *dev, struct blk_conf *conf)
{
	uint32_t order = 0, queues = 1;
	bool persistent = false;
	int err = front_u32(dev, "multi-queue-num-queues", 1, vbd_max_queues(), 1, &queues);

	if (!err)
		err = front_u32(dev, "ring-page-order", 0, BLK_MAX_RING_ORDER, 0, &order);
	if (!err)
		err = front_bool(dev, "feature-persistent", false, &persistent);
	if (err)
		return err;
	conf->nr_queues = (uint8_t)queues;
	/* A frontend may say so without having been offered it; its pages are not to be kept then. */
	conf->data = persistent ? vbd_data() : BLK_DATA_COPY;
	conf->ring_pages = 1u << order;
	for (unsigned int i = 0; i < queues && !err; i++)
		err = read_ring(dev, conf, i, &conf->rings[i]);
	return err ? err : read_abi(dev, &conf->abi);
}
