/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The stand-in for Xen: what its processes share.
 *
 * Theory of operation
 * -------------------
 * A world is a directory ($STANDIN_DIR) with a socket "hv", on which the
 * program `standin hv` plays the hypervisor, and a file "world" with counters
 * and the faults that are to happen. The library libstandin.so has the symbols
 * of libxenevtchn, libxengnttab, libxenforeignmemory and of the part of
 * libxenctrl that xenstored, xenconsoled and xl use; preloaded, it puts any
 * unmodified program into the world as domain $STANDIN_DOMID (0 if not set).
 *
 * Each domain is one memory file: struct standin_domain, then its pages. What
 * the hypervisor has to judge or to remember (domains, ports, mappings) is a
 * call over the socket (rpc.h). What happens millions of times is done in the
 * calling process on the shared memory: a grant copy looks up the entry and copies; a
 * notification sets the port pending and, if it was neither pending nor
 * masked, writes the port number into the owner's descriptor. That descriptor is a stream
 * socket, from which the ports are read as from /dev/xen/evtchn.
 *
 * What it enforces, as Xen does
 * - grants: permission, the domain granted to, read-only, range of the reference, of
 *   the frame and of offset + length; status per copy; mapping all or nothing; a
 *   mapped entry shows as in use (GTF_reading, GTF_writing); unmap by exact start and count
 * - ports: bind only to a port that waits for the caller's domain, else EINVAL; local port
 *   pending at once; a port goes back to unbound when its peer closes or its process
 *   dies; sends to an unbound port vanish; a delivered port is masked until unmasked; one VIRQ,
 *   one owner; restriction to one domain
 * - domains: nothing can be granted, mapped or bound any more after death; a dead
 *   domain whose pages are still mapped stays in the list as dying; a number can
 *   be used again
 * What it does not promise
 * - isolation: any process of the world could write anywhere in the shared memory; a guest
 *   that wants to cheat the stand-in itself, can
 * - time: no call costs what it costs on Xen, there is no scheduler of vCPUs and no pause
 *   (a paused domain's frontend programs go on)
 * - grant table version 2, transfers, sub-page and transitive grants, more than
 *   STANDIN_GREFS entries, more than STANDIN_PORTS ports, page tables, ballooning
 * - that a revoked grant ends a mapping (nor does Xen), or that a copy is atomic
 */
#ifndef STANDIN_SHARED_H
#define STANDIN_SHARED_H

#include <stdatomic.h>
#include <stdint.h>

#include <xenctrl.h>
#include <xen/grant_table.h>

#define STANDIN_PAGE 4096u
#define STANDIN_PORTS 4096u
#define STANDIN_GREFS 32768u  /* 64 frames, Xen's default */
#define STANDIN_FRAMES 65536u /* 256 MiB, of which only touched pages cost */

enum standin_port_state { PORT_FREE, PORT_UNBOUND, PORT_INTERDOMAIN, PORT_VIRQ };

/* Bits of standin_port.event. Masked: delivered, or its owner is at it. */
#define EVENT_PENDING 1u
#define EVENT_MASKED 2u

struct standin_port {
	_Atomic uint32_t state; /* enum standin_port_state; the hypervisor writes it and: */
	_Atomic uint32_t peer;	/* UNBOUND, INTERDOMAIN: domain << 16 | port */
	_Atomic uint32_t sink;	/* handle that owns the port; its number is never used again */
	_Atomic uint32_t event; /* everybody writes this one */
};

struct standin_domain {
	uint32_t domid;
	uint32_t instance;     /* tells two lives of one number apart */
	_Atomic uint32_t dead; /* drop your mapping, ask again */
	grant_entry_v1_t grants[STANDIN_GREFS];
	struct standin_port ports[STANDIN_PORTS];
	_Atomic uint8_t frame_used[STANDIN_FRAMES];
	_Alignas(STANDIN_PAGE) unsigned char pages[]; /* STANDIN_FRAMES of them */
};

#define STANDIN_DOMAIN_SIZE (sizeof(struct standin_domain) + (size_t)STANDIN_FRAMES * STANDIN_PAGE)

/* What is to go wrong, of its own accord, in calls of the backends. */
enum standin_copy_fault {
	COPY_FINE,
	COPY_CALL_FAILS, /* the call returns -1, errno = value, statuses are left alone */
	COPY_STATUS,	 /* the copy's status is value, nothing is copied */
	COPY_UNWRITTEN, /* the call returns 0, the status is left alone, nothing is copied (XSA-318) */
};

struct standin_fault {
	_Atomic uint32_t copy; /* enum standin_copy_fault */
	_Atomic int32_t copy_value;
	_Atomic uint32_t copy_every; /* only every n-th copy (or call); 1 = all */
	_Atomic uint32_t copies_seen;
	_Atomic int32_t map_errno;  /* mapping fails with it if not 0 */
	_Atomic uint32_t map_times; /* so many times */
};

struct standin_world {
	struct standin_fault fault;
	/* what backends and guests did, since the world began */
	_Atomic uint64_t copy_calls, copies, copied_bytes, copies_failed;
	_Atomic uint64_t maps, unmaps;
	_Atomic uint64_t notifies, deliveries;
};

#endif
