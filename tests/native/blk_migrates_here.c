// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guest that is migrated to the host it is on, or restored where its old life is not quite
 * gone: both domains have its disk for a while, the new one is served while the old one still
 * stands, and data that the old one wrote is there. The old one's end harms nothing. Another
 * guest does not get the disk.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blk_case.h"
#include "toolstack.h"

/* libxl gives both domains the same one of these. */
static void same_vm(const struct disk *old, const struct disk *new)
{
	char path[64], vm[96];

	snprintf(path, sizeof(path), "/local/domain/%u/vm", old->domid);
	check(toolstack_read(path, vm, sizeof(vm)) == 0, "%s", path);
	snprintf(path, sizeof(path), "/local/domain/%u/vm", new->domid);
	check(toolstack_write(path, vm) == 0, "%s", path);
}

void blk_case(void)
{
	struct disk old, new, other;

	disk_new(&old, MIB, false);
	disk_connect(&old, BLKABI_NATIVE);
	disk_works(&old);
	disk_prepare(&other, MIB, false);
	check(toolstack_attach_vbd(other.domid, other.devid, old.image, false) == -ECONNREFUSED,
	      "another guest has got the disk");
	disk_prepare(&new, MIB, false);
	same_vm(&old, &new);
	memcpy(new.model, old.model, MIB);
	snprintf(new.image, sizeof(new.image), "%s", old.image);
	disk_attach(&new, new.image);
	disk_connect(&new, BLKABI_X86_64);
	disk_works(&new); /* which reads, too */
	/* Suspended, the old one says nothing any more. */
	disk_abandon(&old);
	check(toolstack_destroy(old.domid) == 0, "the old domain cannot be destroyed");
	disk_works(&new);
	disk_free(&new);
}
