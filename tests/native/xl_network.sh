#!/bin/bash
# The real xl and the real vif-bridge script: the tap joins the bridge, the guest
# connects, the carrier follows, and after network-detach the tap is gone.
. "$PVBACK_SRC/tests/native/lib.sh"

domain=$(toolstack create guest)
back=$(backend vif "$domain" 0)
tap=vif$domain.0

carrier_is() {
    [ "$(cat "/sys/class/net/$tap/carrier" 2>/dev/null)" = "$1" ]
}

for mtu in 1500 1400; do
    xl network-attach "$domain" mac=00:16:3e:00:00:01 bridge=xenbr0 mtu=$mtu
    expect "$back/hotplug-status" connected
    [ "$(readlink "/sys/class/net/$tap/master")" ] || fail "$tap is in no bridge"
    [ "$(basename "$(readlink "/sys/class/net/$tap/master")")" = xenbr0 ] || fail "$tap is in another bridge"
    [ "$(cat "/sys/class/net/$tap/mtu")" = $mtu ] || fail "MTU is $(cat "/sys/class/net/$tap/mtu")"
    expect "$(frontend_dir vif "$domain" 0)/mtu" $mtu
    carrier_is 0 || fail "a carrier before the guest is there"
    frontend "$domain" vif 0
    expect "$back/state" 4
    carrier_is 1 || fail "no carrier when connected"
    xl network-list "$domain" | grep -qi "00:16:3e:00:00:01 *0 *4 " || fail "xl network-list: $(xl network-list "$domain")"
    xl network-detach "$domain" 0
    store_gone "$back" || fail "$back is still there"
    [ ! -e "/sys/class/net/$tap" ] || fail "$tap is left"
done
