#!/bin/bash
# Images in Ceph, on a cluster of our own: written through a guest and read back; a
# snapshot is read-only and keeps what was there; an image that is missing is refused.
. lib.sh
. blk_store_lib.sh
. "$PVBACK_SRC/tests/native/ceph_lib.sh"

ceph_start "$TMPDIR/ceph"
guest=$(toolstack create guest)
options="?conf=$CEPH_CONF"
fill "$TMPDIR/source" 16
outside rbd -c "$CEPH_CONF" create --size 16M rbd/disk

attach "$guest" "rbd:rbd/disk$options"
disk_open "$guest"
outside nbdcopy --flush "$TMPDIR/source" "$DISK"
outside nbdcopy "$DISK" "$TMPDIR/back"
cmp "$TMPDIR/source" "$TMPDIR/back" || fail "read back"
disk_close
xl block-detach "$guest" xvda

outside rbd -c "$CEPH_CONF" snap create rbd/disk@then 2>/dev/null
attach "$guest" "rbd:rbd/disk$options"
disk_open "$guest"
outside qemu-io -f raw -c 'write -P 4 1M 64k' -c flush "$DISK" >/dev/null
disk_close
xl block-detach "$guest" xvda
! attach "$guest" "rbd:rbd/disk@then$options" 2>/dev/null || fail "a snapshot is attached for writing"
xl block-detach "$guest" xvda 2>/dev/null || xl block-detach -f "$guest" xvda 2>/dev/null || :
attach "$guest" "rbd:rbd/disk@then$options" ro
disk_open "$guest"
outside nbdcopy "$DISK" "$TMPDIR/back"
cmp "$TMPDIR/source" "$TMPDIR/back" || fail "the snapshot"
disk_close
xl block-detach "$guest" xvda

! attach "$guest" "rbd:rbd/nothing$options" 2>/dev/null || fail "attached what is not there"
logged blkbackd "disk store: .*nothing.*No such file" || fail "no line: $(tail -n 2 "$WORLD_LOGS/blkbackd.log")"
ceph_stop
