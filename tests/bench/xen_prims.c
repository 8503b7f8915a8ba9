// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the single steps of a backend cost in this dom0: system calls, events, grant
 * copies, grants mapped, frames given to a tap. dom0 grants to itself, so no guest runs meanwhile.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <linux/if_tun.h>

#include <xenctrl.h> /* first: it makes the types that the others go without */
#include <xenevtchn.h>
#include <xengnttab.h>

#define PAGE 4096u
#define PAGES 64u
#define FRAME_MAX 65536u

/* The other side is played by ourselves: what it grants, and its end of an event channel. */
static struct {
	xenevtchn_handle *near, *far;
	uint32_t near_port, far_port;
	xengnttab_handle *gnttab;
	uint32_t refs[PAGES], own_refs[PAGES];
	uint8_t *area; /* ours, not granted */
	int tap;
	uint8_t frame[12 + FRAME_MAX]; /* behind a vnet header */
} lab;

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "xen-prims: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static void do_nothing(unsigned int size)
{
	(void)size;
	syscall(SYS_getppid);
}

static void do_notify(unsigned int size)
{
	(void)size;
	must(xenevtchn_notify(lab.far, lab.far_port) == 0, "notify");
}

/* One that arrives: sent, read, unmasked. */
static void do_event(unsigned int size)
{
	uint32_t port;
	int fd = xenevtchn_fd(lab.near);

	do_notify(size);
	must(read(fd, &port, sizeof(port)) == sizeof(port), "read an event");
	must(write(fd, &port, sizeof(port)) == sizeof(port), "unmask");
}

static void copy(unsigned int nr, uint16_t len, uint16_t flags)
{
	xengnttab_grant_copy_segment_t segs[PAGES];
	bool ok = true;

	for (unsigned int i = 0; i < nr; i++) {
		segs[i] = (xengnttab_grant_copy_segment_t){ .len = len, .flags = flags };
		if (flags & GNTCOPY_source_gref)
			segs[i].source.foreign.ref = lab.refs[i];
		else
			segs[i].source.virt = lab.area + (size_t)i * PAGE;
		if (flags == GNTCOPY_source_gref)
			segs[i].dest.virt = lab.area + (size_t)i * PAGE;
		else
			segs[i].dest.foreign.ref =
				flags & GNTCOPY_source_gref ? lab.own_refs[i] : lab.refs[i];
	}
	must(xengnttab_grant_copy(lab.gnttab, nr, segs) == 0, "grant copy");
	for (unsigned int i = 0; i < nr; i++)
		ok &= segs[i].status == GNTST_okay;
	must(ok, "status of a grant copy");
}

static void do_fetch_64(unsigned int nr)
{
	copy(nr, 64, GNTCOPY_source_gref);
}

static void do_fetch(unsigned int nr)
{
	copy(nr, PAGE, GNTCOPY_source_gref);
}

static void do_store(unsigned int nr)
{
	copy(nr, PAGE, GNTCOPY_dest_gref);
}

static void do_fetch_to_own(unsigned int nr)
{
	copy(nr, PAGE, GNTCOPY_source_gref | GNTCOPY_dest_gref);
}

static void do_map(unsigned int nr)
{
	void *addr = xengnttab_map_domain_grant_refs(lab.gnttab, nr, 0, lab.refs,
						     PROT_READ | PROT_WRITE);

	must(addr, "map grants");
	must(xengnttab_unmap(lab.gnttab, addr, nr) == 0, "unmap grants");
}

static void do_memcpy(unsigned int size)
{
	memcpy(lab.frame, lab.area, size);
	__asm__ volatile("" ::"r"(lab.frame) : "memory");
}

/* Of a type that nobody in this host takes, so that what is behind the tap counts little. */
static void do_tap_write(unsigned int size)
{
	must(write(lab.tap, lab.frame, 12 + size) >= 0, "write to the tap");
}

static void do_tap_read(unsigned int size)
{
	(void)size;
	while (read(lab.tap, lab.area, PAGES * PAGE) >= 0)
		;
	must(errno == EAGAIN, "read the tap");
}

static void open_events(void)
{
	xenevtchn_port_or_error_t port;
	uint32_t taken;

	lab.near = xenevtchn_open(NULL, 0);
	lab.far = xenevtchn_open(NULL, 0);
	must(lab.near && lab.far, "open event channels");
	port = xenevtchn_bind_unbound_port(lab.near, 0);
	must(port >= 0, "make an event channel");
	lab.near_port = (uint32_t)port;
	port = xenevtchn_bind_interdomain(lab.far, 0, lab.near_port);
	must(port >= 0, "bind an event channel");
	lab.far_port = (uint32_t)port;
	fcntl(xenevtchn_fd(lab.near), F_SETFL, O_NONBLOCK);
	while (read(xenevtchn_fd(lab.near), &taken, sizeof(taken)) > 0)
		xenevtchn_unmask(lab.near, taken);
}

static void open_grants(void)
{
	xengntshr_handle *shr = xengntshr_open(NULL, 0);

	lab.gnttab = xengnttab_open(NULL, 0);
	must(shr && lab.gnttab, "open grants (is the module xen-gntalloc there?)");
	must(xengntshr_share_pages(shr, 0, PAGES, lab.refs, 1), "grant pages");
	must(xengntshr_share_pages(shr, 0, PAGES, lab.own_refs, 1), "grant pages");
	lab.area = mmap(NULL, (size_t)PAGES * PAGE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	must(lab.area != MAP_FAILED, "mmap");
}

static void open_tap(void)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
	int len = 12;

	strcpy(ifr.ifr_name, "prims0");
	lab.tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
	must(lab.tap >= 0 && ioctl(lab.tap, TUNSETIFF, &ifr) == 0, "make a tap");
	must(ioctl(lab.tap, TUNSETVNETHDRSZ, &len) == 0, "size of the tap's header");
	must(system("ip link set prims0 up") == 0, "set the tap up");
	memset(lab.frame, 0, sizeof(lab.frame));
}

static double cost_ns(void (*op)(unsigned int size), unsigned int size)
{
	unsigned int times = size > 1 ? 200 : 2000;
	uint64_t begin;

	for (unsigned int i = 0; i < 5; i++)
		op(size);
	begin = now_ns();
	for (unsigned int i = 0; i < times; i++)
		op(size);
	return (double)(now_ns() - begin) / times;
}

int main(void)
{
	static const struct {
		const char *what;
		void (*op)(unsigned int size);
		unsigned int size;
	} steps[] = {
		{ "a system call", do_nothing, 1 },
		{ "notify", do_notify, 1 },
		{ "notify, read, unmask", do_event, 1 },
		{ "grant copy of 64 B", do_fetch_64, 1 },
		{ "... of 17 times 64 B", do_fetch_64, 17 },
		{ "... of a page", do_fetch, 1 },
		{ "... of 17 pages", do_fetch, 17 },
		{ "... of 17 pages to the guest", do_store, 17 },
		{ "... of 17 pages into granted pages", do_fetch_to_own, 17 },
		{ "map and unmap a page", do_map, 1 },
		{ "map and unmap 17 pages", do_map, 17 },
		{ "memcpy of 64 KiB", do_memcpy, FRAME_MAX },
		{ "write 64 B to a tap", do_tap_write, 64 },
		{ "write 64 KiB to a tap", do_tap_write, 65000 },
		{ "read a tap in vain", do_tap_read, 1 },
	};

	open_events();
	open_grants();
	open_tap();
	for (unsigned int i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		printf("%-36s %9.1f us\n", steps[i].what,
		       cost_ns(steps[i].op, steps[i].size) / 1e3);
		fflush(stdout);
	}
	return 0;
}
