#!/bin/bash
# A disk that cannot be served makes xl fail at once, not after ten seconds, with
# the reason in the log and in the error node; the same name works afterwards.
. "$PVBACK_SRC/tests/native/lib.sh"

domain=$(toolstack create guest)
odd=$TMPDIR/odd
: >"$odd"
SECONDS=0
if xl block-attach "$domain" "format=raw,vdev=xvda,access=rw,target=$odd" 2>/dev/null; then
    fail "an empty file was attached"
fi
[ "$SECONDS" -lt 5 ] || fail "xl took $SECONDS s"
logged blkbackd "vbd/$domain/51712: .*$odd" || fail "no line about it"
[ "$(store "/local/domain/0/error/backend/vbd/$domain/51712/error")" ] || fail "no error node"
xl block-detach "$domain" xvda 2>/dev/null || xl block-detach -f "$domain" xvda
truncate -s 1M "$odd"
xl block-attach "$domain" "format=raw,vdev=xvda,access=rw,target=$odd"
frontend "$domain" vbd 0
expect "$(backend vbd "$domain" 51712)/state" 4
