// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pairs of cards whose workers share memory.
 *
 * Theory of operation
 * -------------------
 * When a worker begins to serve, a pair is made of it and each other of its group that serves:
 * memory and a socket pair, of which we keep nothing. That the pair is at its end each of the
 * two hears from the socket, when the other is gone. Here is only written down who has been
 * paired with whom, so that it happens once.
 *
 * A frame past the tap is not seen by the bridge, so it has to be one that the bridge would have
 * let through: same bridge, same VLAN without a tag, no larger than either tap's MTU, and from
 * the guest's own MAC, which is why the filter is on for such cards.
 */
#include "vif_direct.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/num.h"
#include "base/util.h"
#include "link.h"
#include "tap.h"
#include "vif_vlan.h"
#include "xenbus/keys.h"

#define ETH_HLEN 14u

static bool is_name(const char *text)
{
	for (; *text; text++)
		if (!isalnum((unsigned char)*text) && !strchr("._-", *text))
			return false;
	return true;
}

/* 0 with an empty group: there is no key. */
static int read_group(struct xenbus_device *dev, char *group)
{
	char text[VIF_DIRECT_NAME] = "";
	int ret = back_text(dev, "direct", text, sizeof(text));

	group[0] = '\0';
	if (ret == -ENOENT)
		return 0;
	if (ret || !is_name(text))
		return -EINVAL;
	memcpy(group, text, sizeof(text));
	return 0;
}

static int read_vlan(struct xenbus_device *dev)
{
	char text[VIF_VLAN_TEXT];
	struct net_vlans vlans;
	int ret = vif_vlan_read(dev, text, &vlans);

	if (ret == -ENOENT)
		return -1;
	return ret ? 0 : vlans.untagged;
}

static int read_mac(struct xenbus_device *dev, uint8_t mac[6])
{
	static const uint8_t nobody[6];
	char text[32] = "";

	if (back_text(dev, "mac", text, sizeof(text)) || num_mac(text, mac) || mac[0] & 1 ||
	    !memcmp(mac, nobody, sizeof(nobody)))
		return -EINVAL;
	return 0;
}

void vif_direct_read(struct xenbus_device *dev, int tap, struct vif_direct *direct)
{
	const char *wrong = NULL;

	*direct = (struct vif_direct){ .tap = tap };
	if (read_group(dev, direct->group))
		wrong = "key direct must be a name of at most 31 letters, digits and ._-";
	else if (direct->group[0] && read_mac(dev, direct->mac))
		wrong = "key direct needs a MAC address in key mac";
	if (wrong && log_meter_pay(&dev->meter, dev->name))
		log_err(dev->name, "%s; all frames go through the tap", wrong);
	if (wrong || !direct->group[0])
		return;
	direct->vlan = read_vlan(dev);
	if (back_text(dev, "bridge", direct->bridge, sizeof(direct->bridge)))
		direct->bridge[0] = '\0';
	direct->on = direct->able = true;
}

bool vif_direct_is_key(const char *key)
{
	return !strcmp(key, "direct");
}

static struct xenbus_device **find(struct vif_direct *direct, const struct xenbus_device *peer)
{
	for (unsigned int i = 0; i < NET_PAIR_PEERS; i++)
		if (direct->peers[i] == peer)
			return &direct->peers[i];
	return NULL;
}

static bool belong_together(const struct vif_direct *a, const struct vif_direct *b)
{
	return !strcmp(a->group, b->group) && !strcmp(a->bridge, b->bridge) && a->vlan == b->vlan &&
	       a->vlan != 0 && memcmp(a->mac, b->mac, sizeof(a->mac)) != 0;
}

static int make_memory(int *ret_fd)
{
	int fd = memfd_create("vif-pair", MFD_CLOEXEC | MFD_ALLOW_SEALING), ret = 0;

	if (fd < 0)
		return -errno;
	/* Who has it mapped would be killed if the other could make it shorter. */
	if (ftruncate(fd, sizeof(struct net_pair_memory)) < 0 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
		ret = -errno;
	if (ret)
		close(fd);
	else
		*ret_fd = fd;
	return ret;
}

static uint32_t mtu_of(int tap)
{
	char name[IFNAMSIZ];
	unsigned int mtu;

	return tap_name(tap, name) || link_mtu(name, &mtu) ? 0 : mtu;
}

/* Tell @dev of @peer. */
static int tell(struct xenbus_device *dev, struct xenbus_device **room, struct xenbus_device *peer,
		struct worker_msg *msg, int memory, int sock)
{
	const int fds[NET_PAIR_NR_FDS] = {
		[NET_PAIR_FD_MEMORY] = memory, [NET_PAIR_FD_SOCKET] = sock
	};

	msg->pair.slot = (uint8_t)(room - vif_direct_of(dev)->peers);
	msg->pair.domid = peer->domid;
	msg->pair.devid = peer->devid;
	memcpy(msg->pair.mac, vif_direct_of(peer)->mac, sizeof(msg->pair.mac));
	return xenbus_tell_fds(dev, msg, fds, NET_PAIR_NR_FDS);
}

/* If only the first hears of it, it finds the other end of its socket closed. */
static int join(struct xenbus_device *a, struct xenbus_device *b, struct xenbus_device **room_a,
		struct xenbus_device **room_b, uint32_t mtu)
{
	struct worker_msg msg = { .type = WORKER_MSG_NET_PAIR };
	int memory = -1, socks[2], ret = make_memory(&memory);

	if (ret)
		return ret;
	ret = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, socks) < 0 ? -errno : 0;
	if (ret)
		goto out;
	msg.pair.max_len = mtu + ETH_HLEN;
	ret = tell(a, room_a, b, &msg, memory, socks[0]);
	msg.pair.half = 1;
	if (!ret)
		ret = tell(b, room_b, a, &msg, memory, socks[1]);
	close(socks[0]);
	close(socks[1]);
out:
	close(memory);
	return ret;
}

static void consider(struct xenbus_device *dev, struct xenbus_device *other)
{
	struct vif_direct *own = vif_direct_of(dev), *peer = vif_direct_of(other);
	struct xenbus_device **room_own, **room_peer;
	int ret;

	if (other == dev || !peer || !peer->on || other->worker_state != XENBUS_WORKER_SERVING ||
	    !belong_together(own, peer) || find(own, other))
		return;
	room_own = find(own, NULL);
	room_peer = find(peer, NULL);
	if (!room_own || !room_peer) {
		if (!own->full_told)
			log_warn(dev->name,
				 "group \"%s\" has more than %d cards: frames for %s go through "
				 "the tap",
				 own->group, NET_PAIR_PEERS + 1, other->name);
		own->full_told = true;
		return;
	}
	ret = join(dev, other, room_own, room_peer, MIN(mtu_of(own->tap), mtu_of(peer->tap)));
	if (ret) {
		log_debug(dev->name, "no memory shared with %s yet: %s", other->name,
			  strerror(-ret));
		return;
	}
	*room_own = other;
	*room_peer = dev;
}

void vif_direct_forget(struct xenbus_device *dev)
{
	struct vif_direct *own = vif_direct_of(dev);

	for (unsigned int i = 0; i < NET_PAIR_PEERS; i++) {
		if (!own->peers[i])
			continue;
		*find(vif_direct_of(own->peers[i]), dev) = NULL;
		own->peers[i] = NULL;
	}
}

/* The others find the ends of their sockets closed. -errno: not all have come to an end yet. */
static int part(struct xenbus_device *dev, struct vif_direct *own)
{
	struct worker_msg msg = { .type = WORKER_MSG_NET_PAIR };
	int ret = 0;

	for (unsigned int i = 0; i < NET_PAIR_PEERS && !ret; i++) {
		msg.pair.slot = (uint8_t)i;
		if (own->peers[i])
			ret = xenbus_tell(dev, &msg);
	}
	if (!ret)
		vif_direct_forget(dev);
	return ret;
}

/* The MAC is the one that the worker was told. */
static void look_again(struct xenbus_device *dev, struct vif_direct *own)
{
	struct vif_direct now;

	vif_direct_read(dev, own->tap, &now);
	own->stale = false;
	if (!own->able && now.on && log_meter_pay(&dev->meter, dev->name))
		log_info(dev->name, "key direct goes for the next connection");
	if (!own->able || (now.on == own->on && !strcmp(now.group, own->group)))
		return;
	own->stale = part(dev, own) != 0;
	if (own->stale)
		return;
	own->on = now.on;
	memcpy(own->group, now.group, sizeof(own->group));
	memcpy(own->bridge, now.bridge, sizeof(own->bridge));
	own->vlan = now.vlan;
}

void vif_direct_pair(struct xenbus_device *dev)
{
	struct vif_direct *own = vif_direct_of(dev);
	struct xenbus_device *other;

	if (dev->worker_state != XENBUS_WORKER_SERVING)
		return;
	if (own->stale)
		look_again(dev, own);
	if (!own->on)
		return;
	for (other = xenbus_devices(dev->bus); other; other = other->next)
		consider(dev, other);
}
