#!/bin/bash
# xl destroy of a guest with a connected disk and card: quick, with nothing left; the
# guest beside it goes on. xl list shows no zombie.
. "$PVBACK_SRC/tests/native/lib.sh"

make_guest() { # NAME
    local domain
    domain=$(toolstack create "$1")
    xl block-attach "$domain" "format=raw,vdev=xvda,access=rw,target=$(image "$1" 4)"
    xl network-attach "$domain" bridge=xenbr0
    frontend "$domain" vbd 0
    frontend "$domain" vif 0
    echo "$domain"
}

lists_only() { # NAME...
    [ "$(xl list | awk 'NR > 1 { print $1 }' | xargs)" = "$*" ]
}

first=$(make_guest first)
second=$(make_guest second)
SECONDS=0
xl destroy first
[ "$SECONDS" -lt 5 ] || fail "xl destroy took $SECONDS s"
eventually 5 lists_only Domain-0 second
for kind in vbd vif; do
    store_gone "/local/domain/0/backend/$kind/$first" || fail "backend/$kind/$first is left"
    store_gone "/local/domain/0/error/backend/$kind/$first" || fail "an error node is left"
done
[ ! -e "/sys/class/net/vif$first.0" ] || fail "a tap is left"
[ "$(loops_used)" = 1 ] || fail "$(loops_used) loop devices"
expect "$(backend vbd "$second" 51712)/state" 4
expect "$(backend vif "$second" 0)/state" 4

xl rename second other
xl block-attach other "format=raw,vdev=xvdb,access=ro,target=$(image more 1)"
expect "$(backend vbd "$second" 51728)/mode" r
xl destroy other
eventually 5 lists_only Domain-0
[ "$(loops_used)" = 0 ] || fail "a loop device is left"
