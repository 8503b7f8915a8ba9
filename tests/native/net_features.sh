#!/bin/bash
# Every combination of what a guest's driver can do carries TCP and UDP intact, both ways, by
# IPv4 and IPv6, and the guest gets nothing that it cannot do (net-tap sees to that).
. net_lib.sh

BYTES=200000

# want COUNTER yes|no: the feature was in use, or was not
want() {
    local count
    count=$(net_count guest "$1")
    if [ "$2" = yes ]; then
        [ "$count" -gt 0 ] || fail "${options[*]}: $1 is 0"
    else
        [ "$count" = 0 ] || fail "${options[*]}: $1 is $count"
    fi
}

net_bridge
coproc SERVER { exec net_traffic.py serve 10.99.0.1 fd99::1; }
read -r _ <&"${SERVER[0]}"
net_domain guest
# One process for all, as starting it takes longer than what it does.
mkfifo "$TMPDIR/ask" "$TMPDIR/said"
in_guest guest net_traffic.py checks $BYTES 10.99.0.1 fd99::1 <"$TMPDIR/ask" >"$TMPDIR/said" &
exec 3>"$TMPDIR/ask" 4<"$TMPDIR/said"
other=
for sg in '' --no-sg; do
    for gso in '' --no-gso; do
        for csum in '' --no-csum6 --no-csum; do
            # These two take turns, as nothing else depends on them.
            [ "$other" ] && other= || other='--no-notify --one-channel'
            # shellcheck disable=SC2206 # empty ones are none
            options=($sg $gso $csum $other)
            net_card guest "${options[@]}"
            net_addresses guest 2
            echo check >&3
            read -r -t 20 said <&4 && [ "$said" = right ] || fail "${options[*]}: not all came as it was sent"
            net_card_end guest
            large=yes blank=yes
            [ -z "$sg$gso" ] && [ "$csum" != --no-csum ] || large=no
            [ "$csum" != --no-csum ] || blank=no
            want gso_out $large
            want gso_in $large
            want blank_out $blank
            want blank_in $blank
        done
    done
done
