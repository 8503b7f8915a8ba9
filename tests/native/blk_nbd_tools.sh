#!/bin/bash
# nbdinfo, nbdcopy, qemu-io, qemu-img and mkfs see a disk through blk-nbd as it is.
. lib.sh
. blk_nbd_lib.sh
for tool in nbdinfo nbdcopy qemu-io qemu-img mkfs.ext4 e2fsck; do
    command -v "$tool" >/dev/null || skip "$tool is not installed"
done

uri="nbd+unix:///?socket=$TMPDIR/nbd"

# outside COMMAND...: without the stand-in's library
outside() {
    LD_PRELOAD='' timeout 50 "$@"
}

disk=$(image disk 32)
guest=$(toolstack create guest)
toolstack attach-vbd "$guest" 51712 "$disk"
nbd_serve "$guest" "$TMPDIR/nbd"

[ "$(outside nbdinfo --size "$uri")" = $((32 << 20)) ] || fail "size"
outside nbdinfo --can flush "$uri" || fail "flush is not offered"
! outside nbdinfo --is readonly "$uri" || fail "it is said to be read-only"

head -c 32M /dev/urandom >"$TMPDIR/source"
outside nbdcopy --flush "$TMPDIR/source" "$uri"
cmp "$TMPDIR/source" "$disk"
outside nbdcopy "$uri" "$TMPDIR/back"
cmp "$TMPDIR/source" "$TMPDIR/back"

outside qemu-io -f raw -c 'write -P 7 512 44k' -c 'write -P 9 1023k 3M' -c flush \
    -c 'read -P 7 512 44k' -c 'read -P 9 1023k 3M' "$uri" >"$TMPDIR/out" ||
    fail "qemu-io: $(cat "$TMPDIR/out")"
! outside qemu-io -f raw -c 'read 32M 512' "$uri" >"$TMPDIR/out" 2>&1 || fail "a read beyond the end"

outside mkfs.ext4 -q -F "$TMPDIR/source"
outside qemu-img convert -n -f raw -O raw "$TMPDIR/source" "$uri"
outside qemu-img compare -f raw -F raw "$TMPDIR/source" "$uri" >/dev/null || fail "qemu-img compare"
nbd_end
outside e2fsck -fn "$disk" >"$TMPDIR/out" 2>&1 || fail "e2fsck: $(cat "$TMPDIR/out")"

# A read-only disk is one for NBD's clients as well.
toolstack detach "$guest" vbd 51712
toolstack attach-vbd "$guest" 51712 "$disk" ro
nbd_serve "$guest" "$TMPDIR/nbd"
outside nbdinfo --is readonly "$uri" || fail "it is not said to be read-only"
nbd_end
[ "$(bad_requests)" = 0 ] || fail "requests failed: $(bad_requests)"
