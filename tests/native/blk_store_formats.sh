#!/bin/bash
# Images of QEMU's formats through a guest: what is written there is in the image
# when the disk is detached, and what is in the image is read; backing files show
# through; a read-only disk is not written to.
. lib.sh
. blk_store_lib.sh

guest=$(toolstack create guest)
fill "$TMPDIR/source" 8

# round_trip NAME DRIVER [OPTION]...: as target NAME:, an image of DRIVER
round_trip() {
    local image="$TMPDIR/a b.$1" bytes
    outside qemu-img create -q -f "$2" "${@:3}" "$image" 8M
    attach "$guest" "$1:$image"
    disk_open "$guest"
    bytes=$(outside nbdinfo --size "$DISK")
    [ "$bytes" -ge $((8 << 20)) ] || fail "$1: $bytes bytes"
    outside nbdcopy --flush "$TMPDIR/source" "$DISK"
    outside nbdcopy "$DISK" "$TMPDIR/back"
    cmp -n $((8 << 20)) "$TMPDIR/source" "$TMPDIR/back" || fail "$1: read back"
    disk_close
    xl block-detach "$guest" xvda
    outside qemu-img convert -f "$2" -O raw "$image" "$TMPDIR/content"
    cmp -n $((8 << 20)) "$TMPDIR/source" "$TMPDIR/content" || fail "$1: content of the image"
}

round_trip qcow2 qcow2
round_trip vhd vpc
round_trip vhdx vhdx
round_trip vmdk vmdk
round_trip vdi vdi
round_trip raw raw

# Only what is written goes into the overlay.
outside qemu-img create -q -f raw "$TMPDIR/base.raw" 8M
cp "$TMPDIR/source" "$TMPDIR/base.raw"
outside qemu-img create -q -f qcow2 -b "$TMPDIR/base.raw" -F raw "$TMPDIR/overlay"
attach "$guest" "qcow2:$TMPDIR/overlay"
disk_open "$guest"
outside qemu-io -f raw -c 'write -P 7 1M 64k' -c flush "$DISK" >/dev/null
outside nbdcopy "$DISK" "$TMPDIR/back"
disk_close
xl block-detach "$guest" xvda
cmp "$TMPDIR/source" "$TMPDIR/base.raw" || fail "the backing file has been written to"
outside qemu-io -f raw -c 'write -P 7 1M 64k' "$TMPDIR/source" >/dev/null
cmp "$TMPDIR/source" "$TMPDIR/back" || fail "through the overlay"
outside qemu-img compare -f raw -F qcow2 "$TMPDIR/source" "$TMPDIR/overlay" >/dev/null || fail "the overlay"

before=$(sha256sum <"$TMPDIR/overlay")
attach "$guest" "qcow2:$TMPDIR/overlay" ro
disk_open "$guest"
outside nbdinfo --is readonly "$DISK" || fail "not read-only"
outside nbdcopy "$DISK" "$TMPDIR/back"
disk_close
xl block-detach "$guest" xvda
cmp "$TMPDIR/source" "$TMPDIR/back" || fail "read-only"
[ "$before" = "$(sha256sum <"$TMPDIR/overlay")" ] || fail "a read-only image has changed"
[ "$(bad_requests)" = 0 ] || fail "requests failed: $(bad_requests)"
! compgen -G '/run/pvback/store*' || fail "something is left in /run/pvback"
