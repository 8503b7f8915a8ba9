// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What blkbackd, netbackd and consoled make of the keys in XenStore: either
 * each key is as the models below want it and the worker is told just that, or
 * there is no worker and an error node says why.
 */
#include "fuzz.h"

#include <errno.h>

#include <xen/io/protocols.h>
#include <xen/io/xenbus.h>

#include "../../blkback/vbd.h"
#include "../../blkback/vbd_keys.h"
#include "../../blkback/vbd_options.h"
#include "../../consoled/keys.h"
#include "../../netback/vif.h"
#include "../../netback/vif_keys.h"
#include "fake_devices.h"
#include "fake_worker.h"
#include "fake_xs.h"
#include "key_values.h"
#include "xenbus/internal.h"

/* Models: true if the frontend's keys are as they must be. */

static bool model_protocol(struct fuzz *f, uint8_t *ret)
{
	static const char *const names[] = { XEN_IO_PROTO_ABI_X86_64, XEN_IO_PROTO_ABI_X86_32,
					     XEN_IO_PROTO_ABI_ARM, "x86_64-abi ", "" };
	uint8_t bits = fuzz_u8(f);
	struct value v = { .present = bits & 1 };

	*ret = BLK_ABI_X86_32;
	if (!(bits & 1))
		return true;
	if (bits & 2) {
		pick_front(f, "vbd", "protocol", &v);
	} else {
		v.len = (size_t)snprintf(v.data, sizeof(v.data), "%s", names[(bits >> 2) % 5]);
		fake_xs_set("/local/domain/1/device/vbd/0/protocol", v.data, v.len);
	}
	if (is(&v, XEN_IO_PROTO_ABI_X86_64))
		*ret = BLK_ABI_X86_64;
	else if (!is(&v, XEN_IO_PROTO_ABI_X86_32))
		return !v.present;
	return true;
}

static void set(const char *kind, const char *key, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), "/local/domain/0/backend/%s/1/0/%s", kind, key);
	fake_xs_set_text(path, value);
}

/* What the toolstack and its script have written; false: no image is named. */
static bool model_image(struct fuzz *f, struct blk_conf *conf)
{
	uint8_t bits = fuzz_u8(f);

	set("vbd", "params", bits & 1 ? "/proc/self/exe" : "aio:image"); /* a plain file, or not */
	if (!(bits & 2))
		set("vbd", "physical-device-path", "/dev/loop0");
	if (bits & 4)
		set("vbd", "mode", bits & 8 ? "w" : "r");
	if (bits & 16)
		set("vbd", "device-type", bits & 32 ? "cdrom" : "disk");
	if (bits & 64)
		set("vbd", "removable", "1");
	conf->readonly = (bits & 12) != 12 || (bits & 48) == 48;
	return bits & 1 || !(bits & 2);
}

/* Mostly a number that is good, and now and then anything. */
static bool model_quickly(struct fuzz *f, const char *dir, const char *name, uint64_t min,
			  uint64_t max, uint32_t *ret)
{
	uint8_t bits = fuzz_u8(f);
	char key[64], path[160], text[8];
	uint64_t value = 1u + bits;
	bool good = true;

	snprintf(key, sizeof(key), "%s%s", dir, name);
	if (bits >= 0xf0) {
		good = front_number(f, "vbd", key, min, max, true, 0, &value);
	} else {
		snprintf(path, sizeof(path), "/local/domain/1/device/vbd/0/%s", key);
		snprintf(text, sizeof(text), "%u", (unsigned int)value);
		fake_xs_set_text(path, text);
	}
	*ret = (uint32_t)value;
	return good;
}

/*
 * Of one ring. The name of the only page's key may have a number or not: the one that goes
 * with an order, if there is one, counts if both are there.
 */
static bool model_ring(struct fuzz *f, const char *dir, unsigned int pages, bool order,
		       struct blk_ring_conf *ring)
{
	uint64_t value = UINT64_MAX;
	bool good = true, plain = false;
	char name[64], path[128];

	if (pages == 1) {
		good = model_quickly(f, dir, "ring-ref", 0, UINT32_MAX, &ring->refs[0]);
		snprintf(path, sizeof(path), "/local/domain/1/device/vbd/0/%sring-ref", dir);
		plain = fake_xs_count(path) > 0;
	}
	if (pages == 1 && (fuzz_u8(f) & 1)) {
		bool fine;

		snprintf(name, sizeof(name), "%sring-ref0", dir);
		fine = front_number(f, "vbd", name, 0, UINT32_MAX, false, UINT64_MAX, &value);
		if ((!fine || value != UINT64_MAX) && (order || !plain)) {
			ring->refs[0] = (uint32_t)value;
			good = fine;
		}
	}
	for (unsigned int i = 0; pages > 1 && i < pages; i++) {
		snprintf(name, sizeof(name), "ring-ref%u", i);
		good &= model_quickly(f, dir, name, 0, UINT32_MAX, &ring->refs[i]);
	}
	return model_quickly(f, dir, "event-channel", 1, PORT_MAX, &ring->evtchn) && good;
}

static uint64_t pick_limit(struct fuzz *f, const char *dir, const char *key, const char *end,
			   uint64_t min)
{
	struct value v;
	uint64_t n = 0;
	char path[128];

	snprintf(path, sizeof(path), "/local/domain/0/backend/vbd/1%s/limit-%s%s", dir, key, end);
	pick(f, path, &v);
	if (number(&v, 64, 0, BLK_LIMIT_MAX, &n) <= 0 || n < min)
		return 0;
	return n;
}

/* Wrong ones are as good as none, and no reason to refuse a disk. */
static void model_limits(struct fuzz *f, const char *dir, struct blk_limits *limits)
{
	static const char *const names[] = { "read-iops", "write-iops", "read-bytes",
					     "write-bytes" };
	uint8_t bits = fuzz_u8(f);

	for (unsigned int i = 0; i < BLK_NR_LIMITS; i++) {
		uint64_t min = i >= BLK_LIMIT_READ_BYTES ? BLK_LIMIT_MIN_BYTES : 1;

		if (bits >> i & 1)
			limits->of[i].rate = pick_limit(f, dir, names[i], "", min);
		if (bits >> (i + 4) & 1)
			limits->of[i].burst = pick_limit(f, dir, names[i], "-burst", 1);
	}
}

static bool model_vbd(struct fuzz *f, struct blk_conf *conf)
{
	uint64_t queues, order, persistent;
	char dir[24] = "";
	bool has_order;
	bool good = front_number(f, "vbd", "multi-queue-num-queues", 1, vbd_max_queues(), false, 1,
				 &queues);

	good &= front_number(f, "vbd", "ring-page-order", 0, BLK_MAX_RING_ORDER, false, UINT64_MAX,
			     &order);
	has_order = order != UINT64_MAX;
	order = has_order ? order : 0;
	good &= front_number(f, "vbd", "feature-persistent", 0, 1, false, 0, &persistent);
	*conf = (struct blk_conf){ .domid = 1,
				   .data = persistent == 1 ? vbd_data() : BLK_DATA_COPY,
				   .nr_queues = (uint8_t)queues,
				   .ring_pages = 1u << (order & 7),
				   .sector_size = 512,
				   .sectors = 2048 };
	for (unsigned int i = 0; good && i < queues; i++) {
		if (queues > 1)
			snprintf(dir, sizeof(dir), "queue-%u/", i);
		good = model_ring(f, dir, conf->ring_pages, has_order, &conf->rings[i]);
	}
	good &= model_image(f, conf);
	model_limits(f, "/0", &conf->limits);
	model_limits(f, "", &conf->guest_limits);
	return model_protocol(f, &conf->abi) && good;
}

static bool model_net_queue(struct fuzz *f, const char *dir, struct net_queue_conf *queue)
{
	static const char *const names[] = { "tx-ring-ref", "rx-ring-ref", "event-channel-tx",
					     "event-channel-rx", "event-channel" };
	enum { TX_REF, RX_REF, TX, RX, BOTH, NR };
	uint64_t value[NR];
	bool good[NR];

	for (unsigned int i = 0; i < NR; i++) {
		bool ref = i <= RX_REF;
		char name[64];

		snprintf(name, sizeof(name), "%s%s", dir, names[i]);
		good[i] = front_number(f, "vif", name, !ref, ref ? UINT32_MAX : PORT_MAX,
				       ref || i == BOTH, 0, &value[i]);
	}
	/* The one for both directions counts only if one of the two is not there. */
	if (!value[TX] || !value[RX])
		value[TX] = value[RX] = value[BOTH];
	else
		good[BOTH] = true;
	*queue = (struct net_queue_conf){ .tx_ref = (uint32_t)value[TX_REF],
					  .rx_ref = (uint32_t)value[RX_REF],
					  .evtchn_tx = (uint32_t)value[TX],
					  .evtchn_rx = (uint32_t)value[RX] };
	return good[TX_REF] && good[RX_REF] && good[TX] && good[RX] && good[BOTH];
}

static bool model_ctrl(struct fuzz *f, struct net_conf *conf)
{
	const uint64_t none = UINT32_MAX;
	uint64_t ref, port;
	bool good = front_number(f, "vif", "ctrl-ring-ref", 0, none - 1, false, none, &ref);

	good &= front_number(f, "vif", "event-channel-ctrl", 1, PORT_MAX, false, 0, &port);
	conf->ctrl = port != 0;
	conf->ctrl_ref = (uint32_t)ref;
	conf->evtchn_ctrl = (uint32_t)port;
	return good && (ref != none) == conf->ctrl;
}

/* The admin's: a name, and nothing is refused because of it. */
static bool model_direct(struct fuzz *f)
{
	static const char good[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	static const char *const macs[] = { "00:16:3e:00:00:01", "01:16:3e:00:00:01",
					    "00:00:00:00:00:00", "00:16:3e:00:00:0" };
	uint8_t bits = fuzz_u8(f);
	struct value v;

	if (bits & 4)
		set("vif", "mac", macs[bits & 3]);
	pick(f, "/local/domain/0/backend/vif/1/0/direct", &v);
	for (size_t i = 0; i < v.len; i++)
		if (!v.data[i] || !strchr(good, v.data[i]))
			return false;
	return (bits & 7) == 4 && v.len > 0 && v.len < 32;
}

static bool model_vif(struct fuzz *f, struct net_conf *conf)
{
	static const char *const flags[] = {
		"request-rx-copy",	     "feature-rx-notify",	 "feature-sg",
		"feature-gso-tcpv4",	     "feature-gso-tcpv6",	 "feature-no-csum-offload",
		"feature-ipv6-csum-offload", "request-multicast-control"
	};
	uint64_t queues, flag[8], headroom;
	char dir[24] = "";
	bool good = front_number(f, "vif", "multi-queue-num-queues", 1, vif_max_queues(), false, 1,
				 &queues);

	for (unsigned int i = 0; i < 8; i++)
		good &= front_number(f, "vif", flags[i], 0, 1, false, 0, &flag[i]);
	good &= front_number(f, "vif", "xdp-headroom", 0, 2048, false, 0, &headroom);
	*conf = (struct net_conf){ .domid = 1,
				   .nr_queues = (uint8_t)queues,
				   .rx_notify = flag[1],
				   .sg = flag[2],
				   .gso_tcpv4 = flag[3],
				   .gso_tcpv6 = flag[4],
				   .csum_ipv4 = !flag[5],
				   .csum_ipv6 = flag[6],
				   .live = { .mcast_filter = flag[7],
					     .headroom = (uint16_t)headroom } };
	good &= model_ctrl(f, conf);
	for (unsigned int i = 0; good && i < queues; i++) {
		if (queues > 1)
			snprintf(dir, sizeof(dir), "queue-%u/", i);
		good = model_net_queue(f, dir, &conf->queues[i]);
	}
	conf->direct = good && model_direct(f);
	return good && flag[0];
}

static void check_vbd(const struct blk_conf *got, const struct blk_conf *want)
{
	CHECK(got->domid == want->domid && got->abi == want->abi);
	CHECK(got->readonly == want->readonly);
	CHECK(got->nr_queues == want->nr_queues && got->ring_pages == want->ring_pages);
	CHECK(got->data == want->data && got->discard == BLK_DISCARD_NONE);
	for (unsigned int i = 0; i < want->nr_queues; i++) {
		CHECK(got->rings[i].evtchn == want->rings[i].evtchn);
		for (unsigned int k = 0; k < want->ring_pages; k++)
			CHECK(got->rings[i].refs[k] == want->rings[i].refs[k]);
	}
	CHECK(got->sector_size == want->sector_size && got->sectors == want->sectors);
	CHECK(memcmp(&got->limits, &want->limits, sizeof(want->limits)) == 0);
	CHECK(memcmp(&got->guest_limits, &want->guest_limits, sizeof(want->guest_limits)) == 0);
}

static void check_vif(const struct net_conf *got, const struct net_conf *want)
{
	CHECK(got->domid == want->domid && got->nr_queues == want->nr_queues);
	CHECK(memcmp(got->queues, want->queues, sizeof(want->queues)) == 0);
	CHECK(got->sg == want->sg && got->rx_notify == want->rx_notify);
	CHECK(got->gso_tcpv4 == want->gso_tcpv4 && got->gso_tcpv6 == want->gso_tcpv6);
	CHECK(got->steer == (got->ctrl && got->nr_queues > 1));
	CHECK(got->ctrl == want->ctrl && got->ctrl_ref == want->ctrl_ref);
	CHECK(got->evtchn_ctrl == want->evtchn_ctrl);
	CHECK(got->live.headroom == want->live.headroom);
	CHECK(got->direct == want->direct && got->live.filter.on == want->direct);
	CHECK(got->live.mcast_filter == want->live.mcast_filter);
	CHECK(got->csum_ipv4 == want->csum_ipv4 && got->csum_ipv6 == want->csum_ipv6);
}

static void check_refused(const char *kind)
{
	char path[128];
	const char *text;

	snprintf(path, sizeof(path), "/local/domain/0/error/backend/%s/1/0/error", kind);
	text = fake_xs_get(path);
	CHECK(!fake_workers && text && strlen(text) > 0);
	for (; *text; text++) /* what a guest wrote may be shown, but not obeyed */
		CHECK(*text >= ' ' && *text <= '~');
	snprintf(path, sizeof(path), "/local/domain/0/backend/%s/1/0/state", kind);
	CHECK(strcmp(fake_xs_get(path), "5") == 0);
}

static void end_device(struct xenbus *bus, const char *kind)
{
	char path[128];

	snprintf(path, sizeof(path), "/local/domain/0/backend/%s", kind);
	fake_xs_remove(path);
	bus->devices->dirty = true;
	xenbus_settle(bus);
	if (fake_workers) {
		CHECK(fake_workers->asked);
		fake_worker_end(fake_workers);
	}
	snprintf(path, sizeof(path), "/local/domain/0/error/backend/%s/", kind);
	CHECK(!xenbus_devices(bus) && fake_xs_count(path) == 0);
	xenbus_free(bus);
	fake_devices_check_closed();
}

/* A device whose toolstack, script and guest are done, but for the guest's keys. */
static void device(struct fuzz *f, struct store *store, bool net)
{
	const char *kind = net ? "vif" : "vbd";
	struct worker_msg want = { 0 };
	char front[64], path[80];
	struct xenbus *bus;
	bool good;

	snprintf(front, sizeof(front), "/local/domain/1/device/%s/0", kind);
	snprintf(path, sizeof(path), "%s/state", front);
	fake_xs_domain(1, true);
	set(kind, "frontend", front);
	set(kind, "online", "1");
	set(kind, "hotplug-status", "connected");
	set(kind, "state", "1");
	fake_xs_set_text(path, "4");
	good = net ? model_vif(f, &want.net) : model_vbd(f, &want.blk);
	CHECK(xenbus_new(NULL, store, net ? &vif_driver : &vbd_driver, &bus) == 0);
	if (good) {
		CHECK(fake_workers && !fake_workers->next);
		if (net)
			check_vif(&fake_workers->conf.net, &want.net);
		else
			check_vbd(&fake_workers->conf.blk, &want.blk);
	} else {
		check_refused(kind);
	}
	end_device(bus, kind);
}

static void console(struct fuzz *f, struct store *store)
{
	struct value port, ref, limit, type, backend, vm;
	uint64_t want_port = 0, want_ref = 0, want_limit = 1 << 20, id = 0;
	struct con_keys keys = { .port = 0xa5a5 };
	uint8_t bits = fuzz_u8(f);
	int err;

	pick(f, "/local/domain/1/console/port", &port);
	pick(f, "/local/domain/1/console/ring-ref", &ref);
	pick(f, "/local/domain/1/console/limit", &limit);
	pick(f, "/local/domain/1/console/type", &type);
	pick(f, "/local/domain/1/console/backend-id", &backend);
	pick(f, "/local/domain/1/vm", &vm);
	if (bits & 1) {
		fake_xs_set_text("/local/domain/1/console/type", "xenconsoled");
		type = (struct value){ .present = true, .len = 11, .data = "xenconsoled" };
	}
	err = con_keys_read(store, 1, &keys);
	if (number(&port, 32, 1, PORT_MAX, &want_port) < 1 ||
	    number(&ref, 32, 0, UINT64_MAX, &want_ref) < 1) {
		CHECK(err == -ENOENT || err == -EINVAL);
		CHECK(err != -ENOENT || !port.present || !ref.present);
	} else if ((type.present && !is(&type, "xenconsoled")) ||
		   number(&backend, 32, 0, 65535, &id) < 0 || id != 0) {
		CHECK(err == -ENOTSUP);
	} else {
		number(&limit, 32, 0, UINT64_MAX, &want_limit);
		want_limit = want_limit < 65536 ? 65536 : want_limit;
		want_limit = want_limit > 1 << 20 ? 1 << 20 : want_limit;
		CHECK(err == 0 && keys.port == want_port && keys.ring_ref == want_ref);
		CHECK(keys.limit == want_limit && memchr(keys.vm, '\0', sizeof(keys.vm)));
		CHECK(keys.vm[0] == '\0' || is(&vm, keys.vm));
		return;
	}
	CHECK(keys.port == 0xa5a5);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size };
	struct store *store;
	uint8_t kind;

	fake_xs_reset();
	fake_xs_set_text("domid", "0");
	CHECK(store_open(&store) == 0);
	kind = fuzz_u8(&f) % 3;
	if (kind < 2)
		device(&f, store, kind == 1);
	else
		console(&f, store);
	store_close(store);
	fake_xs_reset();
	return 0;
}
