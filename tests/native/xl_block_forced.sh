#!/bin/bash
# xl block-detach -f takes a disk away from a guest that does not answer, soon, and
# runs the script's other half; without -f xl gives up and the disk goes on.
. "$PVBACK_SRC/tests/native/lib.sh"

domain=$(toolstack create guest)
back=$(backend vbd "$domain" 51712)
xl block-attach "$domain" "format=raw,vdev=xvda,access=rw,target=$(image disk 4)"
frontend "$domain" vbd 0 deaf
SECONDS=0
xl block-detach -f "$domain" xvda
[ "$SECONDS" -lt 8 ] || fail "it took $SECONDS s"
store_gone "$back" || fail "$back is still there"
[ "$(loops_used)" = 0 ] || fail "a loop device is left"
