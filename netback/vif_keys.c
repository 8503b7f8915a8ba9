// SPDX-License-Identifier: GPL-2.0-or-later
#include "vif_keys.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/num.h"
#include "base/util.h"
#include "xenbus/keys.h"

#define KEY_MAX 64
#define DEFAULT_MAX_QUEUES 8

static uint32_t max_queues; /* 0: not set */

int vif_set_max_queues(const char *text)
{
	return num_u32(text, 1, NET_MAX_QUEUES, &max_queues);
}

unsigned int vif_max_queues(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	if (max_queues)
		return max_queues;
	return cpus < 1 ? 1 : (unsigned int)MIN(cpus, DEFAULT_MAX_QUEUES);
}

const char *const vif_live_keys[] = { "request-multicast-control", "xdp-headroom", NULL };

int vif_read_live(struct xenbus_device *dev, struct net_live *live)
{
	uint32_t headroom;
	int ret = front_bool(dev, "request-multicast-control", false, &live->mcast_filter);

	if (!ret)
		ret = front_u32(dev, "xdp-headroom", 0, NET_MAX_HEADROOM, 0, &headroom);
	if (!ret)
		live->headroom = (uint16_t)headroom;
	return ret;
}

static int read_features(struct xenbus_device *dev, struct net_conf *conf)
{
	bool rx_copy, no_csum;
	int ret;

	if ((ret = front_bool(dev, "request-rx-copy", false, &rx_copy)) ||
	    (ret = front_bool(dev, "feature-rx-notify", false, &conf->rx_notify)) ||
	    (ret = front_bool(dev, "feature-sg", false, &conf->sg)) ||
	    (ret = front_bool(dev, "feature-gso-tcpv4", false, &conf->gso_tcpv4)) ||
	    (ret = front_bool(dev, "feature-gso-tcpv6", false, &conf->gso_tcpv6)) ||
	    (ret = front_bool(dev, "feature-no-csum-offload", false, &no_csum)) ||
	    (ret = front_bool(dev, "feature-ipv6-csum-offload", false, &conf->csum_ipv6)))
		return ret;
	if (!rx_copy)
		return xenbus_error(dev, -EOPNOTSUPP, "frontend does not ask for request-rx-copy");
	conf->csum_ipv4 = !no_csum;
	return 0;
}

/* Keys of a queue lie in a directory of its own only if there are several (netif.h). */
static const char *key_of(char buf[KEY_MAX], const struct net_conf *conf, unsigned int number,
			  const char *key)
{
	if (conf->nr_queues > 1)
		snprintf(buf, KEY_MAX, "queue-%u/%s", number, key);
	else
		snprintf(buf, KEY_MAX, "%s", key);
	return buf;
}

/* Either a channel for each direction or one for both, in each queue (netif.h). */
static int read_evtchns(struct xenbus_device *dev, struct net_conf *conf, unsigned int number)
{
	struct net_queue_conf *queue = &conf->queues[number];
	uint32_t tx, rx, both;
	char key[KEY_MAX];
	int ret;

	if ((ret = front_u32(dev, key_of(key, conf, number, "event-channel-tx"), 1, EVTCHN_MAX, 0,
			     &tx)) ||
	    (ret = front_u32(dev, key_of(key, conf, number, "event-channel-rx"), 1, EVTCHN_MAX, 0,
			     &rx)))
		return ret;
	if (!tx || !rx) {
		ret = front_need_u32(dev, key_of(key, conf, number, "event-channel"), 1, EVTCHN_MAX,
				     &both);
		if (ret)
			return ret;
		tx = rx = both;
	}
	queue->evtchn_tx = tx;
	queue->evtchn_rx = rx;
	return 0;
}

static int read_queue(struct xenbus_device *dev, struct net_conf *conf, unsigned int number)
{
	struct net_queue_conf *queue = &conf->queues[number];
	char key[KEY_MAX];
	int ret;

	if ((ret = front_need_u32(dev, key_of(key, conf, number, "tx-ring-ref"), 0, GREF_MAX,
				  &queue->tx_ref)) ||
	    (ret = front_need_u32(dev, key_of(key, conf, number, "rx-ring-ref"), 0, GREF_MAX,
				  &queue->rx_ref)))
		return ret;
	return read_evtchns(dev, conf, number);
}

/* Both or none. */
static int read_ctrl(struct xenbus_device *dev, struct net_conf *conf)
{
	const uint32_t none = GREF_MAX;
	int ret;

	if ((ret = front_u32(dev, "ctrl-ring-ref", 0, none - 1, none, &conf->ctrl_ref)) ||
	    (ret = front_u32(dev, "event-channel-ctrl", 1, EVTCHN_MAX, 0, &conf->evtchn_ctrl)))
		return ret;
	if ((conf->ctrl_ref == none) != (conf->evtchn_ctrl == 0))
		return xenbus_error(dev, 0,
				    "of the frontend's keys ctrl-ring-ref and "
				    "event-channel-ctrl one is missing");
	conf->ctrl = conf->evtchn_ctrl != 0;
	return 0;
}

int vif_read_keys(struct xenbus_device *dev, unsigned int offered, struct net_conf *conf)
{
	uint32_t queues = 1;
	int ret;

	*conf = (struct net_conf){ .domid = dev->domid };
	if ((ret = front_u32(dev, "multi-queue-num-queues", 1, offered, 1, &queues)) ||
	    (ret = read_features(dev, conf)) || (ret = vif_read_live(dev, &conf->live)) ||
	    (ret = read_ctrl(dev, conf)))
		return ret;
	conf->nr_queues = (uint8_t)queues;
	for (unsigned int i = 0; i < queues && !ret; i++)
		ret = read_queue(dev, conf, i);
	return ret;
}
