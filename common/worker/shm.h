/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that came as a descriptor of the supervisor's. */
#ifndef PVBACK_WORKER_SHM_H
#define PVBACK_WORKER_SHM_H

#include <stddef.h>

/* Map @bytes of @fd to write, and close @fd: after the seal it could be used to take memory. */
int shm_take(int fd, size_t bytes, void **ret);

#endif
