#!/bin/bash
# A card with key vlan is not served where its bridge does not filter VLANs, nor with a value that makes no sense; both are told.
# In no bridge of Linux' the key is its script's. (That VLANs are kept apart takes a kernel that can: a case of the lab.)
. net_lib.sh

# card NAME VLANS: a guest with that key
card() {
    net_domain "$1"
    back=$(backend vif "${NET_DOMAIN[$1]}" 0)
    xenstore-write "$back/vlan" "$2"
    tap=vif${NET_DOMAIN[$1]}.0
}
# refused NAME TEXT: it is not connected, and this is why
refused() {
    net-tap "${NET_DOMAIN[$1]}" 0 --netns "$1" >/dev/null 2>&1 &
    wait_for "$back/state" 5
    grep -qF "$2" <<<"$(store "/local/domain/0/error/backend/vif/${NET_DOMAIN[$1]}/0/error")" ||
        fail "not told: $2"
}

card plain 10p/20/30-40
refused plain "the bridge of $tap does not filter VLANs"
card odd '10p/5000'
refused odd 'must be like "10p/20/30-40"'
card routed 10p
ip link set dev "$tap" nomaster
net_card routed
logged netbackd "$tap is in no bridge" || fail "not told that its script has to do it"
net_card_end routed
