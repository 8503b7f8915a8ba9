// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Each index of the guest is read once per use. Seen without luck: the page cannot be
 * accessed, so every access to it is a fault that is counted, let through by a single
 * step, and followed by another value. Whoever reads again reads something else.
 */
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include <xen/io/console.h>

#include "../../consoled/ring.h"

#define PAGE 4096
#define TRAP_FLAG 0x100 /* of the processor's flags: trap after one instruction */

static uint8_t *page, *alias; /* what is watched, and the same memory to write to */
static unsigned int reads_of[PAGE];
static size_t watched; /* offset that changes with every access */

static void on_fault(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	uintptr_t at = (uintptr_t)info->si_addr - (uintptr_t)page;

	(void)sig;
	if (at >= PAGE)
		_exit(2);
	reads_of[at]++;
	mprotect(page, PAGE, PROT_READ | PROT_WRITE);
	uc->uc_mcontext.gregs[REG_EFL] |= TRAP_FLAG;
}

static void on_step(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)sig;
	(void)info;
	uc->uc_mcontext.gregs[REG_EFL] &= ~(greg_t)TRAP_FLAG;
	if (reads_of[watched] == 1) /* it has just been read for the first time */
		*(volatile uint32_t *)(alias + watched) += 0x40000000;
	mprotect(page, PAGE, PROT_NONE);
}

static void arm(size_t offset)
{
	memset(reads_of, 0, sizeof(reads_of));
	watched = offset;
	mprotect(page, PAGE, PROT_NONE);
}

static void disarm(void)
{
	mprotect(page, PAGE, PROT_READ | PROT_WRITE);
}

static bool set_up(void)
{
	struct sigaction fault = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };
	struct sigaction step = { .sa_sigaction = on_step, .sa_flags = SA_SIGINFO };
	int fd = memfd_create("page", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, PAGE) < 0)
		return false;
	page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	alias = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return page != MAP_FAILED && alias != MAP_FAILED && sigaction(SIGSEGV, &fault, NULL) == 0 &&
	       sigaction(SIGTRAP, &step, NULL) == 0;
}

static int result(const char *what, bool fine, unsigned int reads, unsigned int allowed)
{
	if (fine && reads == allowed)
		return 0;
	fprintf(stderr, "%s was read %u times%s\n", what, reads, fine ? "" : ", with a wrong end");
	return 1;
}

static int output_index(void)
{
	const size_t offset = offsetof(struct xencons_interface, out_prod);
	struct con_ring r = { .shared = page, .out_cons = 100 };
	uint32_t n = 0;
	int err;

	((struct xencons_interface *)alias)->out_prod = 150;
	arm(offset);
	err = con_ring_avail(&r, &n);
	disarm();
	return result("out_prod", !err && n == 50, reads_of[offset], 1);
}

static int input_index(void)
{
	const size_t offset = offsetof(struct xencons_interface, in_cons);
	struct con_ring r = { .shared = page, .in_prod = 100 };
	uint32_t n = 0;
	int err;

	((struct xencons_interface *)alias)->in_cons = 90;
	arm(offset);
	err = con_ring_room(&r, &n);
	disarm();
	return result("in_cons", !err && n == 1024 - 10, reads_of[offset], 1);
}

/* Taking and putting move by what they were told, and look at no index of the guest. */
static int moving(void)
{
	struct con_ring r = { .shared = page };
	unsigned int reads;
	uint8_t bytes[64];

	arm(offsetof(struct xencons_interface, out_prod));
	con_ring_take(&r, bytes, sizeof(bytes));
	con_ring_put(&r, bytes, sizeof(bytes));
	disarm();
	reads = reads_of[offsetof(struct xencons_interface, out_prod)] +
		reads_of[offsetof(struct xencons_interface, in_cons)];
	return result("an index, for moving,", r.out_cons == 64 && r.in_prod == 64, reads, 0);
}

int main(void)
{
	if (!set_up()) {
		fprintf(stderr, "no page to watch\n");
		return 77;
	}
	return output_index() | input_index() | moving();
}
