#!/bin/bash
# Frames of 9000 and of 65517 bytes, the most there can be, pass unfragmented when the bridge, the tap and the guest say so.
. net_lib.sh

# pass MTU SIZE...: pings of that many bytes pass, one more does not
pass() {
    local mtu=$1 size
    ip link set xenbr0 mtu "$mtu"
    ip link set "vif${NET_DOMAIN["guest"]}.0" mtu "$mtu"
    ip -n guest link set eth0 mtu "$mtu"
    shift
    for size; do
        ping -q -n -c 5 -i 0.002 -W 5 -M "do" -s "$size" 10.99.0.2 >/dev/null || fail "to the guest: $size bytes"
        in_guest guest ping -q -n -c 5 -i 0.002 -W 5 -M "do" -s "$size" 10.99.0.1 >/dev/null ||
            fail "from the guest: $size bytes"
    done
    ! ping -q -n -c 1 -W 0.3 -M "do" -s $((size + 1)) 10.99.0.2 >/dev/null 2>&1 || fail "$((size + 1)) bytes should be too many"
}

ip link set xenbr0 mtu 9000
net_guest guest --mtu 9000
net_addresses guest 2
pass 9000 1472 1473 4068 4069 8972
pass 65517 16342 65000 65489
net_card_end guest
