#!/bin/bash
# Frames of 9000 bytes pass unfragmented when the bridge, the tap and the guest say so.
. net_lib.sh

ip link set xenbr0 mtu 9000
net_guest guest --mtu 9000
net_addresses guest 2
ip link set "vif${NET_DOMAIN["guest"]}.0" mtu 9000
for size in 1472 1473 4068 4069 8972; do
    ping -q -n -c 5 -i 0.002 -W 5 -M "do" -s $size 10.99.0.2 >/dev/null || fail "to the guest: $size bytes"
    in_guest guest ping -q -n -c 5 -i 0.002 -W 5 -M "do" -s $size 10.99.0.1 >/dev/null ||
        fail "from the guest: $size bytes"
done
! ping -q -n -c 1 -W 0.3 -M "do" -s 8973 10.99.0.2 >/dev/null 2>&1 || fail "8973 bytes should be too many"
net_card_end guest
