#!/bin/bash
# Hotplug scripts of a card that fail, that hang until libxl kills them (after 40 s, which are not waited for here), and that
# end without a word: what xl and the log say, that other guests do not wait meanwhile, and that nothing is left behind.
. "$PVBACK_SRC/tests/native/lib.sh"

domain=$(toolstack create guest)
other=$(toolstack create other)
back=$(backend vif "$domain" 0)
error=/local/domain/0/error/backend/vif/$domain/0/error

# script NAME LINE...
script() {
    local name=$1
    shift
    printf '%s\n' '#!/bin/bash' "echo \$\$ >$TMPDIR/$name.pid" "$@" >"$TMPDIR/$name"
    chmod 755 "$TMPDIR/$name"
}

attach() {
    xl network-attach "$domain" "script=$TMPDIR/$1" mac=00:16:3e:00:00:01 bridge=xenbr0
}

# libxl leaves it to us to detach what could not be attached.
nothing_left() {
    xl network-detach "$domain" 0
    store_gone "$back" || fail "$1: $back is still there"
    store_gone "$(frontend_dir vif "$domain" 0)" || fail "$1: the frontend's directory is still there"
    eventually 5 store_gone "$error"
    [ ! -e "/sys/class/net/vif$domain.0" ] || fail "$1: its tap is left"
    [ ! -e "/proc/$(cat "$TMPDIR/$1.pid")" ] || fail "$1: the script still runs"
}

# as Xen's own scripts do
script fails "[ \$1 = online ] || exit 0" "xenstore-write \$XENBUS_PATH/hotplug-error 'the cable is cut' \$XENBUS_PATH/hotplug-status error" \
    "sleep 0.2; exit 1"
! attach fails 2>"$TMPDIR/said" || fail "attached, though the script failed"
grep -q 'the cable is cut' "$TMPDIR/said" || fail "xl said: $(cat "$TMPDIR/said")"
logged netbackd "vif/$domain/0: the hotplug script has failed: the cable is cut" || fail "no line about it"
nothing_left fails

script hangs "[ \$1 = online ] || exit 0" "exec sleep 1000"
attach hangs 2>"$TMPDIR/said" &
eventually 5 test -s "$TMPDIR/hangs.pid"
SECONDS=0
toolstack attach-vif "$other" 0
frontend "$other" vif 0
expect "$(backend vif "$other" 0)/state" 4
[ $SECONDS -lt 4 ] || fail "another guest waited for $SECONDS s"
expect "$back/state" 2
kill -9 "$(cat "$TMPDIR/hangs.pid")"
! wait $! || fail "attached, though the script was killed"
grep -q 'signal Killed' "$TMPDIR/said" || fail "xl said: $(cat "$TMPDIR/said")"
nothing_left hangs

# libxl takes it for a success. The guest waits, and can be helped.
script says_nothing "exit 0"
attach says_nothing
expect "$back/state" 2
xenstore-write "$back/hotplug-status" connected
frontend "$domain" vif 0
expect "$back/state" 4
nothing_left says_nothing
