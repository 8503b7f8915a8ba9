// SPDX-License-Identifier: GPL-2.0-or-later
/* Event channels over libxenevtchn. */
#include "xen/evtchn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include <xenevtchn.h>

#include "base/log.h"

/* EINVAL is what Xen says of a port that somebody has bound; half a minute, as disks can be slow. */
#define BIND_TRIES 3000
#define BIND_WAIT_MS 10

struct evtchn {
	xenevtchn_handle *handle;
	int fd;
};

int evtchn_open(struct evtchn **ret)
{
	struct evtchn *ec = calloc(1, sizeof(*ec));
	int err;

	if (!ec)
		return -ENOMEM;
	ec->handle = xenevtchn_open(NULL, 0);
	if (!ec->handle) {
		err = -errno;
		goto err_free;
	}
	ec->fd = xenevtchn_fd(ec->handle);
	if (fcntl(ec->fd, F_SETFL, O_NONBLOCK) < 0) {
		err = -errno;
		goto err_close;
	}
	*ret = ec;
	return 0;

err_close:
	xenevtchn_close(ec->handle);
err_free:
	free(ec);
	return err;
}

void evtchn_close(struct evtchn *ec)
{
	if (!ec)
		return;
	xenevtchn_close(ec->handle);
	free(ec);
}

int evtchn_fd(const struct evtchn *ec)
{
	return ec->fd;
}

int evtchn_bind(struct evtchn *ec, uint16_t domid, uint32_t remote, uint32_t *ret_local)
{
	xenevtchn_port_or_error_t port = xenevtchn_bind_interdomain(ec->handle, domid, remote);

	if (port < 0)
		return -errno;
	*ret_local = (uint32_t)port;
	return 0;
}

int evtchn_bind_patiently(struct evtchn *ec, const char *dev, uint16_t domid, uint32_t remote,
			  int stop_fd, uint32_t *ret_local)
{
	struct pollfd stop = { .fd = stop_fd, .events = POLLIN };
	int err = evtchn_bind(ec, domid, remote, ret_local);

	if (err == -EINVAL)
		log_warn(dev, "event channel %u is not free for us, waiting for it", remote);

	for (int tries = 0; err == -EINVAL && tries < BIND_TRIES; tries++) {
		if (poll(&stop, 1, BIND_WAIT_MS) > 0)
			return -ECANCELED;
		err = evtchn_bind(ec, domid, remote, ret_local);
	}
	return err;
}

void evtchn_unbind(struct evtchn *ec, uint32_t local)
{
	xenevtchn_unbind(ec->handle, local);
}

int evtchn_restrict(struct evtchn *ec, uint16_t domid)
{
	return xenevtchn_restrict(ec->handle, domid) < 0 ? -errno : 0;
}

/*
 * The library reads and writes one port a call; the device takes many, and
 * its format (an array of 32-bit ports) is in xen/sys/evtchn.h.
 */
int evtchn_take(struct evtchn *ec, uint32_t *ports, unsigned int max)
{
	ssize_t got = read(ec->fd, ports, max * sizeof(*ports));

	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	return (int)((size_t)got / sizeof(*ports));
}

int evtchn_unmask(struct evtchn *ec, const uint32_t *ports, unsigned int nr)
{
	return write(ec->fd, ports, nr * sizeof(*ports)) < 0 ? -errno : 0;
}

int evtchn_notify(struct evtchn *ec, uint32_t local)
{
	return xenevtchn_notify(ec->handle, local) < 0 ? -errno : 0;
}
