// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests of the control ring. Pure.
 *
 * Theory of operation
 * -------------------
 * Sizes and offsets are the guest's 32-bit numbers; each is compared with its
 * bound before it is added to another, so that no sum can wrap (XSA-270). What a
 * grant holds is copied first and judged then (older kernels did it the other way
 * round), and takes effect as a whole or not at all.
 *
 * Where netif.h leaves open what an error is called, it is called as Linux'
 * netback calls it, apart from sizes that we could not hold, which have a name of
 * their own (BUFFER_OVERFLOW).
 */
#include "ctrl_parse.h"

#include <string.h>

#define ENTRY_BYTES 4u /* of a mapping table in a grant */

static void done(struct net_ctrl_step *step, uint32_t status, uint32_t data)
{
	*step = (struct net_ctrl_step){ .status = status, .data = data };
}

static void set_algorithm(uint32_t algorithm, struct net_hash *h, struct net_ctrl_step *step)
{
	if (algorithm > XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ) {
		done(step, XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER, 0);
		return;
	}
	h->algorithm = (uint8_t)algorithm;
	done(step, XEN_NETIF_CTRL_STATUS_SUCCESS, 0);
}

static void get_flags(const struct net_hash *h, struct net_ctrl_step *step)
{
	if (h->algorithm == XEN_NETIF_CTRL_HASH_ALGORITHM_NONE)
		done(step, XEN_NETIF_CTRL_STATUS_NOT_SUPPORTED, 0);
	else
		done(step, XEN_NETIF_CTRL_STATUS_SUCCESS, NET_HASH_TYPES);
}

static void set_flags(uint32_t types, struct net_hash *h, struct net_ctrl_step *step)
{
	if (h->algorithm == XEN_NETIF_CTRL_HASH_ALGORITHM_NONE ||
	    types & ~(uint32_t)NET_HASH_TYPES) {
		done(step, XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER, 0);
		return;
	}
	h->types = (uint8_t)types;
	done(step, XEN_NETIF_CTRL_STATUS_SUCCESS, 0);
}

static void fetch(struct net_ctrl_step *step, uint32_t gref, size_t bytes)
{
	*step = (struct net_ctrl_step){ .fetch = true, .gref = gref, .bytes = (uint16_t)bytes };
}

static void set_key(const struct xen_netif_ctrl_request *req, struct net_hash *h,
		    struct net_ctrl_step *step)
{
	uint32_t bytes = req->data[1];

	if (bytes > NET_HASH_KEY_MAX) {
		done(step, XEN_NETIF_CTRL_STATUS_BUFFER_OVERFLOW, 0);
	} else if (bytes) {
		fetch(step, req->data[0], bytes);
	} else {
		memset(h->key, 0, sizeof(h->key));
		done(step, XEN_NETIF_CTRL_STATUS_SUCCESS, 0);
	}
}

static void set_mapping_size(uint32_t nr, struct net_hash *h, struct net_ctrl_step *step)
{
	if (nr > NET_HASH_MAPPING_MAX) {
		done(step, XEN_NETIF_CTRL_STATUS_BUFFER_OVERFLOW, 0);
		return;
	}
	h->nr_mapping = (uint16_t)nr;
	memset(h->mapping, 0, sizeof(h->mapping));
	done(step, XEN_NETIF_CTRL_STATUS_SUCCESS, 0);
}

static void set_mapping(const struct xen_netif_ctrl_request *req, const struct net_hash *h,
			struct net_ctrl_step *step)
{
	uint32_t nr = req->data[1], first = req->data[2];

	if (nr > NET_HASH_MAPPING_MAX)
		done(step, XEN_NETIF_CTRL_STATUS_BUFFER_OVERFLOW, 0);
	else if (first > h->nr_mapping || nr > h->nr_mapping - first)
		done(step, XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER, 0);
	else if (nr)
		fetch(step, req->data[0], nr * ENTRY_BYTES);
	else
		done(step, XEN_NETIF_CTRL_STATUS_SUCCESS, 0);
}

void net_ctrl_judge(const struct xen_netif_ctrl_request *req, struct net_hash *h,
		    struct net_ctrl_step *step)
{
	switch (req->type) {
	case XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM:
		set_algorithm(req->data[0], h, step);
		break;
	case XEN_NETIF_CTRL_TYPE_GET_HASH_FLAGS:
		get_flags(h, step);
		break;
	case XEN_NETIF_CTRL_TYPE_SET_HASH_FLAGS:
		set_flags(req->data[0], h, step);
		break;
	case XEN_NETIF_CTRL_TYPE_SET_HASH_KEY:
		set_key(req, h, step);
		break;
	case XEN_NETIF_CTRL_TYPE_GET_HASH_MAPPING_SIZE:
		done(step, XEN_NETIF_CTRL_STATUS_SUCCESS, NET_HASH_MAPPING_MAX);
		break;
	case XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING_SIZE:
		set_mapping_size(req->data[0], h, step);
		break;
	case XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING:
		set_mapping(req, h, step);
		break;
	default:
		done(step, XEN_NETIF_CTRL_STATUS_NOT_SUPPORTED, 0);
	}
}

bool net_gref_judge(const struct xen_netif_ctrl_request *req, unsigned int nr_queues,
		    struct net_ctrl_step *step)
{
	if (req->type < XEN_NETIF_CTRL_TYPE_GET_GREF_MAPPING_SIZE ||
	    req->type > XEN_NETIF_CTRL_TYPE_DEL_GREF_MAPPING)
		return false;
	if (req->data[0] >= nr_queues)
		done(step, XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER, 0);
	else if (req->type == XEN_NETIF_CTRL_TYPE_GET_GREF_MAPPING_SIZE)
		done(step, XEN_NETIF_CTRL_STATUS_SUCCESS, NET_GREFS_MAX);
	else if (req->data[2] > NET_GREFS_MAX)
		done(step, XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER, 0);
	else if (req->data[2])
		fetch(step, req->data[1], req->data[2] * sizeof(struct xen_netif_gref));
	else
		done(step, XEN_NETIF_CTRL_STATUS_SUCCESS, 0);
	return true;
}

static uint32_t take_mapping(const struct xen_netif_ctrl_request *req, const uint8_t *from,
			     unsigned int nr_queues, struct net_hash *h)
{
	uint8_t queues[NET_HASH_MAPPING_MAX] = { 0 };

	for (uint32_t i = 0; i < req->data[1]; i++) {
		uint32_t queue;

		memcpy(&queue, from + (size_t)i * ENTRY_BYTES, sizeof(queue));
		if (queue >= nr_queues)
			return XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
		queues[i] = (uint8_t)queue;
	}
	memcpy(h->mapping + req->data[2], queues, req->data[1]);
	return XEN_NETIF_CTRL_STATUS_SUCCESS;
}

void net_ctrl_fetched(const struct xen_netif_ctrl_request *req, const void *from,
		      unsigned int nr_queues, struct net_hash *h, struct net_ctrl_step *step)
{
	uint32_t status = XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;

	if (from && req->type == XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING) {
		status = take_mapping(req, from, nr_queues, h);
	} else if (from) {
		memset(h->key, 0, sizeof(h->key));
		memcpy(h->key, from, step->bytes);
		status = XEN_NETIF_CTRL_STATUS_SUCCESS;
	}
	done(step, status, 0);
}
