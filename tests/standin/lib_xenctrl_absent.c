// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What libxl refers to and nobody here needs. The real ones must not run: they
 * would take our handle for one of theirs.
 */
#include <errno.h>
#include <stddef.h>

#define EXPORTED __attribute__((visibility("default"), used))

EXPORTED int standin_absent(void);
EXPORTED void *standin_absent_pointer(void);

int standin_absent(void)
{
	errno = ENOSYS;
	return -1;
}

void *standin_absent_pointer(void)
{
	errno = ENOSYS;
	return NULL;
}

/* clang-format off: many names */
#define ABSENT(name) \
	__asm__(".globl " #name "\n.type " #name ", @function\n.set " #name ", standin_absent\n")
#define ABSENT_POINTER(name)                                                \
	__asm__(".globl " #name "\n.type " #name ", @function\n.set " #name \
		", standin_absent_pointer\n")

ABSENT_POINTER(xc_cpupool_getinfo);
ABSENT_POINTER(xc_dom_allocate);

ABSENT(xc_assign_device);
ABSENT(xc_cpuid_apply_policy);
ABSENT(xc_cpupool_addcpu);
ABSENT(xc_cpupool_create);
ABSENT(xc_cpupool_destroy);
ABSENT(xc_cpupool_infofree);
ABSENT(xc_cpupool_movedomain);
ABSENT(xc_cpupool_removecpu);
ABSENT(xc_cputopoinfo);
ABSENT(xc_deassign_device);
ABSENT(xc_domain_create);
ABSENT(xc_domain_dumpcore);
ABSENT(xc_domain_getvnuma);
ABSENT(xc_domain_max_vcpus);
ABSENT(xc_domain_node_getaffinity);
ABSENT(xc_domain_node_setaffinity);
ABSENT(xc_domain_resume);
ABSENT(xc_domain_send_trigger);
ABSENT(xc_domain_set_pod_target);
ABSENT(xc_domain_set_target);
ABSENT(xc_domain_set_time_offset);
ABSENT(xc_domain_setmaxmem);
ABSENT(xc_domain_setvnuma);
ABSENT(xc_domain_soft_reset);
ABSENT(xc_evtchn_alloc_unbound);
ABSENT(xc_flask_context_to_sid);
ABSENT(xc_flask_getenforce);
ABSENT(xc_flask_load);
ABSENT(xc_flask_relabel_domain);
ABSENT(xc_flask_setenforce);
ABSENT(xc_flask_sid_to_context);
ABSENT(xc_hvm_param_set);
ABSENT(xc_numainfo);
ABSENT(xc_pcitopoinfo);
ABSENT(xc_sched_credit2_domain_get);
ABSENT(xc_sched_credit2_params_get);
ABSENT(xc_sched_credit_domain_get);
ABSENT(xc_sched_credit_params_get);
ABSENT(xc_sched_id);
ABSENT(xc_send_debug_keys);
ABSENT(xc_sharing_freed_pages);
ABSENT(xc_sharing_used_frames);
ABSENT(xc_test_assign_device);
ABSENT(xc_vcpu_getaffinity);
ABSENT(xc_vcpu_setaffinity);
