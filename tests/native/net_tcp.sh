#!/bin/bash
# 20 MB by TCP each way, and datagrams of all sizes: what arrives is what was sent.
. net_lib.sh

net_bridge
net_guest guest
net_addresses guest 2
coproc SERVER { exec net_traffic.py serve 10.99.0.1 fd99::1; }
read -r _ <&"${SERVER[0]}"
in_guest guest net_traffic.py check 20000000 10.99.0.1
in_guest guest net_traffic.py check 2000000 fd99::1
net_card_end guest
[ "$(net_count guest gso_out)" -gt 0 ] || fail "no large frame left the guest"
[ "$(net_count guest gso_in)" -gt 0 ] || fail "no large frame came to the guest"
