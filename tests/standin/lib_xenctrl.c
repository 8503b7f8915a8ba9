// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libxenctrl of the stand-in, as far as xenstored, oxenstored, xenconsoled and xl
 * (without create) look at what it returns. What else libxl refers to fails
 * with ENOSYS, see lib_xenctrl_absent.c.
 *
 * A handle is nothing: each call is a connection of its own, so that a child
 * which libxl forks can use its parent's.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define XC_WANT_COMPAT_MAP_FOREIGN_API
#include <xenctrl.h>
#include <xenforeignmemory.h>

#include "rpc.h"
#include "shared.h"

static char the_interface;

/* What a guest of 256 MiB looks like. */
#define GUEST_PAGES STANDIN_FRAMES

xc_interface *xc_interface_open(xentoollog_logger *logger, xentoollog_logger *dombuild_logger,
				unsigned open_flags)
{
	struct rpc_link *link;
	int err = rpc_open(0, &link, NULL);

	if (err) {
		errno = -err;
		return NULL;
	}
	rpc_close(link);
	return (xc_interface *)&the_interface;
}

int xc_interface_close(xc_interface *xch)
{
	return 0;
}

/* 0, or -1 and errno. */
static int call(struct rpc *r)
{
	struct rpc_link *link;
	int err = rpc_open(0, &link, NULL);

	if (!err) {
		err = rpc_call(link, r, NULL);
		rpc_close(link);
	}
	if (err)
		errno = -err;
	return err ? -1 : 0;
}

static int call_domain(enum rpc_op op, uint32_t domid, uint32_t a)
{
	struct rpc *r = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return -1;
	r->op = op;
	r->domid = domid;
	r->a = a;
	err = call(r);
	free(r);
	return err;
}

/*
 * libxl finds its files about a domain by this. The toolstack in tests/front
 * uses the same; domain 0's is zero.
 */
static void handle_of(uint32_t domid, xen_domain_handle_t handle)
{
	memset(handle, 0, sizeof(xen_domain_handle_t));
	if (domid == 0)
		return;
	handle[6] = 0x40;
	handle[8] = 0x80;
	handle[14] = (uint8_t)(domid >> 8);
	handle[15] = (uint8_t)domid;
}

static void fill(const uint32_t *words, xc_domaininfo_t *info)
{
	uint32_t flags = words[1];

	*info = (xc_domaininfo_t){
		.domain = (domid_t)words[0],
		.flags = (flags & INFO_DYING ? XEN_DOMINF_dying : 0) |
			 (flags & INFO_SHUTDOWN ? XEN_DOMINF_shutdown : 0) |
			 (flags & INFO_PAUSED ? XEN_DOMINF_paused : XEN_DOMINF_blocked) |
			 (flags >> INFO_REASON_SHIFT & XEN_DOMINF_shutdownmask)
				 << XEN_DOMINF_shutdownshift,
		.tot_pages = GUEST_PAGES,
		.max_pages = GUEST_PAGES,
		.nr_online_vcpus = 1,
	};
	/* Guests are PVH: no device model, and nothing in dom0 depends on it. */
	if (words[0] != 0)
		info->flags |= XEN_DOMINF_hvm_guest | XEN_DOMINF_hap;
	handle_of(words[0], info->handle);
}

int xc_domain_getinfolist(xc_interface *xch, uint32_t first_domain, unsigned int max_domains,
			  xc_domaininfo_t *info)
{
	struct rpc *r = calloc(1, sizeof(*r));
	unsigned int nr = 0;
	int err;

	if (!r)
		return -1;
	r->op = RPC_INFO;
	r->domid = first_domain;
	err = call(r);
	while (!err && nr < max_domains && (nr + 1) * 3 <= r->nr) {
		fill(r->list + (size_t)nr * 3, &info[nr]);
		nr++;
	}
	free(r);
	return err ? -1 : (int)nr;
}

static void to_dominfo(const xc_domaininfo_t *from, xc_dominfo_t *to)
{
	*to = (xc_dominfo_t){
		.domid = from->domain,
		.dying = !!(from->flags & XEN_DOMINF_dying),
		.shutdown = !!(from->flags & XEN_DOMINF_shutdown),
		.paused = !!(from->flags & XEN_DOMINF_paused),
		.blocked = !!(from->flags & XEN_DOMINF_blocked),
		.hvm = !!(from->flags & XEN_DOMINF_hvm_guest),
		.hap = !!(from->flags & XEN_DOMINF_hap),
		.shutdown_reason =
			from->flags >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask,
		.nr_pages = from->tot_pages,
		.max_memkb = from->max_pages * (STANDIN_PAGE / 1024),
		.nr_online_vcpus = 1,
	};
	if (to->shutdown && to->shutdown_reason == SHUTDOWN_crash) {
		to->shutdown = 0;
		to->crashed = 1;
	}
	memcpy(to->handle, from->handle, sizeof(to->handle));
}

int xc_domain_getinfo(xc_interface *xch, uint32_t first_domid, unsigned int max_doms,
		      xc_dominfo_t *info)
{
	xc_domaininfo_t *list = calloc(max_doms, sizeof(*list));
	int nr = list ? xc_domain_getinfolist(xch, first_domid, max_doms, list) : -1;

	for (int i = 0; i < nr; i++)
		to_dominfo(&list[i], &info[i]);
	free(list);
	return nr;
}

int xc_domain_pause(xc_interface *xch, uint32_t domid)
{
	return call_domain(RPC_PAUSE, domid, 1);
}

int xc_domain_unpause(xc_interface *xch, uint32_t domid)
{
	return call_domain(RPC_PAUSE, domid, 0);
}

int xc_domain_destroy(xc_interface *xch, uint32_t domid)
{
	return call_domain(RPC_DESTROY, domid, 0);
}

int xc_domain_shutdown(xc_interface *xch, uint32_t domid, int reason)
{
	return call_domain(RPC_SHUTDOWN, domid, (uint32_t)reason);
}

int xc_evtchn_status(xc_interface *xch, xc_evtchn_status_t *status)
{
	static const uint32_t states[] = {
		[PORT_FREE] = EVTCHNSTAT_closed,
		[PORT_UNBOUND] = EVTCHNSTAT_unbound,
		[PORT_INTERDOMAIN] = EVTCHNSTAT_interdomain,
		[PORT_VIRQ] = EVTCHNSTAT_virq,
	};
	struct rpc *r = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return -1;
	r->op = RPC_PORT_STATUS;
	/* DOMID_SELF: all who ask are in domain 0. */
	r->domid = status->dom == DOMID_SELF ? 0 : status->dom;
	r->a = status->port;
	err = call(r);
	if (!err) {
		status->status = states[r->a];
		status->vcpu = 0;
		status->u.interdomain.dom = (domid_t)(r->b >> 16);
		status->u.interdomain.port = r->b & 0xffff;
	}
	free(r);
	return err;
}

/* oxenstored takes a guest's ring this way, and gives it back with munmap(). */
void *xc_map_foreign_range(xc_interface *xch, uint32_t dom, int size, int prot, unsigned long mfn)
{
	static xenforeignmemory_handle *memory;
	xen_pfn_t pages[16];
	size_t nr = ((size_t)size + STANDIN_PAGE - 1) / STANDIN_PAGE;

	if (!memory)
		memory = xenforeignmemory_open(NULL, 0);
	if (!memory || nr > sizeof(pages) / sizeof(pages[0]))
		return NULL;
	for (size_t i = 0; i < nr; i++)
		pages[i] = mfn + i;
	return xenforeignmemory_map(memory, dom, prot, nr, pages, NULL);
}

int xc_readconsolering(xc_interface *xch, char *buffer, unsigned int *pnr_chars, int clear,
		       int incremental, uint32_t *pindex)
{
	*pnr_chars = 0; /* this hypervisor has nothing to say */
	return 0;
}

int xc_hvm_param_get(xc_interface *handle, uint32_t dom, uint32_t param, uint64_t *value)
{
	*value = 0;
	return 0;
}

const char *xc_domain_get_native_protocol(xc_interface *xch, uint32_t domid)
{
#ifdef __x86_64__
	return "x86_64-abi";
#else
	return NULL;
#endif
}

int xc_domain_sethandle(xc_interface *xch, uint32_t domid, xen_domain_handle_t handle)
{
	return 0;
}

const xc_error *xc_get_last_error(xc_interface *handle)
{
	static const xc_error none = { .code = XC_ERROR_NONE };

	return &none;
}

int xc_get_max_cpus(xc_interface *xch)
{
	return 1;
}

int xc_get_online_cpus(xc_interface *xch)
{
	return 1;
}

int xc_get_max_nodes(xc_interface *xch)
{
	return 1;
}

int xc_physinfo(xc_interface *xch, xc_physinfo_t *info)
{
	*info = (xc_physinfo_t){
		.threads_per_core = 1,
		.cores_per_socket = 1,
		.nr_cpus = 1,
		.nr_nodes = 1,
		.cpu_khz = 1000000,
		.capabilities = XEN_SYSCTL_PHYSCAP_hvm | XEN_SYSCTL_PHYSCAP_hap,
		.total_pages = 64 * GUEST_PAGES,
		.free_pages = 32 * GUEST_PAGES,
	};
	return 0;
}

int xc_vcpu_getinfo(xc_interface *xch, uint32_t domid, uint32_t vcpu, xc_vcpuinfo_t *info)
{
	*info = (xc_vcpuinfo_t){ .online = 1 };
	return 0;
}

int xc_version(xc_interface *xch, int cmd, void *arg)
{
	switch (cmd) {
	case XENVER_version:
		return 4 << 16 | 17;
	case XENVER_pagesize:
		return STANDIN_PAGE;
	case XENVER_extraversion:
		strcpy(arg, ".standin");
		return 0;
	case XENVER_compile_info:
		memset(arg, 0, sizeof(xen_compile_info_t));
		return 0;
	case XENVER_capabilities:
	case XENVER_commandline:
		memset(arg, 0, sizeof(xen_capabilities_info_t));
		return 0;
	case XENVER_changeset:
		memset(arg, 0, sizeof(xen_changeset_info_t));
		return 0;
	case XENVER_platform_parameters:
		memset(arg, 0, sizeof(xen_platform_parameters_t));
		return 0;
	default:
		errno = ENOSYS;
		return -1;
	}
}
