#!/bin/bash
# Two guests talk to each other over the bridge; large frames go through as they are.
. net_lib.sh

net_guest one
net_guest two --one-channel
net_addresses one 2
net_addresses two 3
coproc SERVER { exec ip netns exec two net_traffic.py serve 10.99.0.3 fd99::3; }
read -r _ <&"${SERVER[0]}"
in_guest one net_traffic.py check 5000000 10.99.0.3 fd99::3
net_card_end one
net_card_end two
for name in one two; do
    [ "$(net_count $name gso_in)" -gt 0 ] || fail "no large frame came to guest $name"
done
