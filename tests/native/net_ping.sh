#!/bin/bash
# ping: the guest and the network reach each other, by IPv4 and IPv6, with packets of one slot and of many.
. net_lib.sh

net_bridge
net_guest guest
net_addresses guest 2
guest() { in_guest guest "$@"; }

ping() {
    command ping -q -n -c 10 -i 0.002 -W 5 "$@" >/dev/null || fail "ping $*"
}
for size in 0 56 1472 1473 4000 20000 65507; do
    ping -s $size 10.99.0.2
    guest ping -q -n -c 10 -i 0.002 -W 5 -s $size 10.99.0.1 >/dev/null || fail "ping from the guest, $size bytes"
done
for size in 56 1452 1453 65000; do
    ping -s $size fd99::2
    guest ping -q -n -c 10 -i 0.002 -W 5 -s $size fd99::1 >/dev/null || fail "ping from the guest, $size bytes"
done
net_card_end guest
