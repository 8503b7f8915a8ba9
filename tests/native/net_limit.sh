#!/bin/bash
# pvback-limit sets and shows the limits of a card, in the form that xl writes; what is no limit of a card is refused.
. net_lib.sh

limit() {
    "$PVBACK_SRC/tools/pvback-limit" "vif/$guest/0" "$@"
}
# shows TX RX: each as "NUMBER a second, at once NUMBER", or none
shows() {
    [ "$(limit | sed 's/  */ /')" = "tx-bytes $1
rx-bytes $2" ] || fail "it shows $(limit)"
}

net_domain guest
guest=${NET_DOMAIN["guest"]}
back=$(backend vif "$guest" 0)
shows none none
limit tx-bytes=10M rx-bytes=1Mi
expect "$back/rate" 500000,50000
expect "$back/rate-rx" 52428,50000
shows "10000000 a second, at once 500000" "1048560 a second, at once 131072"
limit rx-bytes=none
store_gone "$back/rate-rx" || fail "the limit stays"
xenstore-write "$back/rate" 200000,20000
shows "10000000 a second, at once 200000" none
for wrong in read-iops=5 tx-bytes=5 tx-bytes=fast tx-bytes; do
    ! limit "$wrong" 2>/dev/null || fail "$wrong is taken"
done
! "$PVBACK_SRC/tools/pvback-limit" "vif/$guest/7" 2>/dev/null || fail "a card that is not there"
