// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/shm.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int shm_take(int fd, size_t bytes, void **ret)
{
	struct stat st;
	void *at = MAP_FAILED;
	int err = 0;

	/* Past its end it would kill us. */
	if (fstat(fd, &st) < 0 || st.st_size < (off_t)bytes)
		err = -EINVAL;
	else
		at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (!err && at == MAP_FAILED)
		err = -errno;
	close(fd);
	if (!err)
		*ret = at;
	return err;
}
