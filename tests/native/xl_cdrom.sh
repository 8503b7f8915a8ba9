#!/bin/bash
# CD-ROMs of a guest without a device model: xl gives one that has a medium to us, and a drive without one to QEMU;
# cd-insert it has for HVM guests only. The medium is changed by detaching and attaching.
. "$PVBACK_SRC/tests/native/lib.sh"

domain=$(toolstack create guest)
truncate -s 1M "$TMPDIR/first.iso"
truncate -s 3M "$TMPDIR/second.iso"
first=vdev=xvda,devtype=cdrom,access=ro,target=$TMPDIR/first.iso
xl block-attach "$domain" "$first"
frontend "$domain" vbd 0
back=$(backend vbd "$domain" 51712)
expect "$back/state" 4
[ "$(store "$back/sectors")" = 2048 ] || fail "the first has $(store "$back/sectors") sectors"
[ "$(store "$back/info")" = 7 ] || fail "info is $(store "$back/info"): not a CD-ROM, removable and read-only"

if xl cd-insert "$domain" xvda "$TMPDIR/second.iso" 2>"$TMPDIR/said"; then
    fail "xl has cd-insert for this guest: then blkbackd has to know what it does"
fi
grep -q 'requires an HVM domain' "$TMPDIR/said" || fail "cd-insert: $(cat "$TMPDIR/said")"
expect "$back/state" 4

xl block-attach "$domain" 'vdev=xvdb,devtype=cdrom,format=empty'
[ "$(store "/local/domain/0/backend/qdisk/$domain/51728/params")" = aio: ] || fail "the empty drive is not QEMU's"
[ ! "$(store "$(backend vbd "$domain" 51728)/params" 2>/dev/null)" ] || fail "the empty drive is ours"
