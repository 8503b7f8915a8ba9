#!/bin/bash
# The guest is told its card's MTU, whatever vif-bridge makes of it: as configured or as its bridge has it, also when vifname= has
# renamed the tap; up to 65517 bytes, the most that netif and a tap both carry.
. net_lib.sh

# card VIFNAME MTU [OPTION]: and its end
card() {
    local tap=${1:-vif$domain.0}
    xl network-attach "$domain" bridge=xenbr0 ${1:+vifname=$1} ${3:+$3}
    [ "$(cat "/sys/class/net/$tap/mtu")" = "$2" ] || fail "$tap has $(cat "/sys/class/net/$tap/mtu")"
    wait_for "$(frontend_dir vif "$domain" 0)/mtu" "$2"
    xl network-detach "$domain" 0
    eventually 5 store_gone "$(backend vif "$domain" 0)"
}

domain=$(toolstack create guest)
card lan0 1400 mtu=1400
ip link set xenbr0 mtu 9000
card lan0 9000
card lan0 65517 mtu=65517

# A guest whose MTU that is.
ip link set xenbr0 mtu 65517
net_guest big --mtu 65517
net_addresses big 2
ip link set "vif${NET_DOMAIN["big"]}.0" mtu 65517
ping -q -n -c 3 -i 0.002 -W 5 -M "do" -s $((65507 - 18)) 10.99.0.2 >/dev/null || fail "to the guest"
in_guest big ping -q -n -c 3 -i 0.002 -W 5 -M "do" -s $((65507 - 18)) 10.99.0.1 >/dev/null || fail "from the guest"
net_card_end big
