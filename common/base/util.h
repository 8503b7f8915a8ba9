/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small helpers that need nothing. Pure. */
#ifndef PVBACK_UTIL_H
#define PVBACK_UTIL_H

#include <stddef.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

#define container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

#define NS_PER_SEC 1000000000ull
#define NS_PER_MS 1000000ull

/* Inside of a loop that waits for another processor. */
static inline void cpu_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

/* For text of somebody who is not trusted, before it goes into a line of ours. */
static inline void make_printable(char *text)
{
	for (; *text != '\0'; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

/* One Xen page and one grant, whatever the page size of the host. */
#define XEN_PAGE_SIZE 4096u

#endif
