// SPDX-License-Identifier: GPL-2.0-or-later
/* Who chooses the queue of a packet to the guest. */
#include "steer.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/log.h"
#include "net_steer.h"

_Static_assert(sizeof(struct net_toeplitz) == sizeof(((struct net_steer *)0)->hash), "same tables");
_Static_assert(NET_STEER_ENTRIES == NET_HASH_MAPPING_MAX, "same mapping");

int net_steering_open(struct net_steering *s, int tap, int program, int map)
{
	void *at = mmap(NULL, sizeof(*s->map), PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);
	int ret = -errno;

	close(map);
	if (at == MAP_FAILED) {
		close(program);
		return ret;
	}
	*s = (struct net_steering){ .tap = tap, .program = program, .map = at };
	return 0;
}

void net_steering_close(struct net_steering *s)
{
	if (s->program < 0)
		return;
	munmap(s->map, sizeof(*s->map));
	close(s->program);
}

static int tap_queue(int tap, bool attach)
{
	struct ifreq ifr = { .ifr_flags = attach ? IFF_ATTACH_QUEUE : IFF_DETACH_QUEUE };

	return ioctl(tap, TUNSETQUEUE, &ifr) < 0 ? -errno : 0;
}

/* The kernel numbers them in the order in which they are attached. */
void net_steering_sort(const struct net_card *card)
{
	int ret = 0;

	for (unsigned int i = 0; i < card->conf.nr_queues; i++)
		tap_queue(card->taps[i], false);
	for (unsigned int i = 0; i < card->conf.nr_queues; i++) {
		int err = tap_queue(card->taps[i], true);

		if (err)
			ret = err;
	}
	if (ret)
		log_warn(card->dev, "cannot sort the tap's queues: %s", strerror(-ret));
}

static void write_map(struct net_steering *s, const struct net_hash *h, unsigned int nr_queues)
{
	struct net_steer *map = s->map;

	net_toeplitz_init(&s->toeplitz, h->key);
	memcpy(map->hash, s->toeplitz.of, sizeof(map->hash));
	for (unsigned int i = 0; i < NET_STEER_ENTRIES; i++)
		map->queue[i] = h->nr_mapping ? h->mapping[i] : i % nr_queues;
	map->nr_entries = h->nr_mapping ? h->nr_mapping : nr_queues;
	map->types = h->types;
}

void net_steering_apply(struct net_steering *s, const struct net_card *card,
			const struct net_hash *h)
{
	bool on = net_hash_is_on(h);
	int program = on ? s->program : -1;

	if (s->program < 0)
		return;
	if (on)
		write_map(s, h, card->conf.nr_queues);
	if (on == s->on)
		return;
	if (ioctl(s->tap, TUNSETSTEERINGEBPF, &program) < 0)
		log_info(card->dev, "the kernel chooses the queue of packets, not the guest: %s",
			 strerror(errno));
	s->on = on;
}
