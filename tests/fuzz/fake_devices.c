// SPDX-License-Identifier: GPL-2.0-or-later
/* Images, taps and links that are always there, for the supervisors' drivers. */
#include "fake_devices.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "../../blkback/backing.h"
#include "../../blkback/image_lock.h"
#include "../../blkback/xentop.h"
#include "../../netback/bridge.h"
#include "../../netback/link.h"
#include "../../netback/tap.h"
#include "fuzz.h"
#include "../../netback/vif_memory.h"
#include "../../netback/vif_steer.h"
#include "stats/statfile.h"

/* Descriptors given out by the stand-ins below. */
static int opened[32];
static unsigned int nr_opened;

static int open_something(void)
{
	int fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);

	CHECK(fd >= 0 && nr_opened < 32);
	opened[nr_opened++] = fd;
	return fd;
}

void fake_devices_check_closed(void)
{
	while (nr_opened > 0)
		CHECK(fcntl(opened[--nr_opened], F_GETFD) < 0);
}

int backing_open(const char *path, bool readonly, struct backing *ret, int *ret_fd, char *why,
		 size_t why_size)
{
	*ret = (struct backing){ .direct = true, .sector_size = 512, .sectors = 2048 };
	*ret_fd = open_something();
	return 0;
}

int backing_sectors(int fd, uint64_t *ret)
{
	*ret = 2048;
	return 0;
}

int vif_steer_open(int *ret_program, int *ret_map)
{
	*ret_program = open_something();
	*ret_map = open_something();
	return 0;
}
int vif_memory_open(const char *dev, bool fresh, int *ret_fd)
{
	*ret_fd = open_something();
	return 0;
}
void vif_memory_remove(const char *dev)
{
}
void vif_memory_sweep(bool (*keep)(void *ctx, unsigned int domid, unsigned int devid), void *ctx)
{
	keep(ctx, 1, 0);
}
int statfile_open(const char *dev, const struct statfile_new *fresh, int *ret_fd)
{
	*ret_fd = open_something();
	return 0;
}

const void *statfile_map(const char *dev, size_t bytes)
{
	return NULL;
}

void statfile_unmap(const void *page, size_t bytes)
{
}

void statfile_remove(const char *dev)
{
}

void statfile_sweep(const char *kind,
		    bool (*keep)(void *ctx, unsigned int domid, unsigned int devid), void *ctx)
{
	keep(ctx, 1, 0);
}

int image_lock_take(int fd, uint32_t *ret)
{
	*ret = (uint32_t)fd;
	return 0;
}

bool image_lock_foreign(const char *path, bool (*ours)(void *ctx, uint32_t number), void *ctx)
{
	return false;
}

int bridge_set_vlans(const char *port, const struct net_vlans *vlans)
{
	return 0;
}

int tap_create(const char *name, int *ret_fd)
{
	*ret_fd = open_something();
	return 0;
}

int tap_keep(int fd)
{
	return 0;
}

int tap_adopt(const char *name, bool *ret_multi, int *ret_fd)
{
	*ret_multi = true;
	return tap_create(name, ret_fd);
}

int tap_add_queue(int fd, int *ret_fd)
{
	return tap_create("", ret_fd);
}

int tap_forsake(int fd)
{
	return 0;
}

int tap_name(int fd, char name[IFNAMSIZ])
{
	return -ENODEV;
}

int tap_set_carrier(int fd, bool on)
{
	return 0;
}

int tap_set_offload(int fd, const struct net_conf *conf)
{
	return 0;
}

void tap_unsteer(int fd)
{
}
void tap_drain(int fd)
{
}

int link_dress(const char *name, const char *dev)
{
	return 0;
}

int link_mtu(const char *name, unsigned int *ret)
{
	return -ENODEV;
}

int link_find(const char *dev, char name[IFNAMSIZ])
{
	return -ENOENT;
}

int link_check(const char *name, const char *dev)
{
	return -ENOENT;
}

int link_sweep(bool (*keep)(void *ctx, const char *dev), void *ctx)
{
	return 0;
}

int xentop_open(struct xenbus *bus, uint16_t domid, struct xentop **ret)
{
	return -EOPNOTSUPP;
}

void xentop_close(struct xentop *x)
{
}

void xentop_sweep(struct xenbus *bus)
{
}
