#!/bin/bash
# netbackd is killed at each of the steps of making a tap: its successor knows what is left, and every card is served.
. net_lib.sh
LD_PRELOAD='' command -v strace >/dev/null || skip "strace is not installed"

# dies_at N: at the Nth thing that it asks the kernel of network devices
dies_at() {
    local status=0 standin=$LD_PRELOAD
    LD_PRELOAD='' strace -f -qq -o /dev/null -E "LD_PRELOAD=$standin" -e trace=sendmsg -e "inject=sendmsg:signal=KILL:when=$1" \
        timeout 20 "$(daemon_program netbackd)" >>"$WORLD_LOGS/netbackd.log" 2>&1 || status=$?
    [ $status = 137 ] || fail "netbackd was not killed at step $1 but ended with $status"
}

guest=$(toolstack create guest)
for step in 1 2 3 4 5 6; do
    toolstack attach-vif "$guest" "$step" unwaited
    dies_at "$step"
done
daemons_start netbackd
for step in 1 2 3 4 5 6; do
    wait_for "$(backend vif "$guest" "$step")/state" 2
    ip -d link show "vif$guest.$step" | grep -q "alias.*vif/$guest/$step" || fail "vif$guest.$step is not marked"
done
