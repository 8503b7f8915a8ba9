#!/bin/bash
# With key complete-csum the guest gets every checksum complete, and no frame that it would have to segment; what it sends may be
# as open as ever.
. net_lib.sh

# want COUNTER yes|no: of frames
want() {
    local count
    count=$(net_count guest "$1")
    if [ "$2" = yes ]; then
        [ "$count" -gt 0 ] || fail "$1 is 0"
    else
        [ "$count" = 0 ] || fail "$1 is $count"
    fi
}

net_bridge
coproc SERVER { exec net_traffic.py serve 10.99.0.1 fd99::1; }
read -r _ <&"${SERVER[0]}"
net_domain guest
xenstore-write "$(backend vif "${NET_DOMAIN["guest"]}" 0)/complete-csum" 1
net_card guest
net_addresses guest 2
in_guest guest net_traffic.py check 200000 10.99.0.1 fd99::1
net_card_end guest
want blank_in no
want gso_in no
want blank_out yes
want gso_out yes
