#!/bin/bash
# With key complete-csum the guest gets every checksum complete, and no frame that it would have to segment; what it sends may be
# as open as ever. The key may change while the guest runs.
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
guest=${NET_DOMAIN["guest"]}
complete() { xenstore-write "$(backend vif "$guest" 0)/complete-csum" "$1"; }
# limited RATE: the worker has it
limited() {
    LD_PRELOAD='' "$PVBACK_SRC/tools/pvback-stat" "vif/$guest/0" | grep -q "limited to $1 bytes a second"
}
# in_force RATE: all that was written holds, as does this limit, which is written after it and hinders nobody
in_force() {
    xenstore-write "$(backend vif "$guest" 0)/rate" "$1,1000000"
    eventually 5 limited "$1"
}
carry() {
    net_addresses guest 2
    in_guest guest net_traffic.py check 200000 10.99.0.1 fd99::1
    net_card_end guest
    want blank_in "$1"
    want gso_in "$1"
    want blank_out yes
    want gso_out yes
}

complete 1
net_card guest
carry no

complete 0
net_card guest
complete 1
in_force 900000000
carry no

net_card guest
complete 0
in_force 800000000
carry yes
