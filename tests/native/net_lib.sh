# shellcheck shell=bash
# Guests with a network card for shell tests: each is a network namespace whose
# eth0 is the guest's end (net-tap). The other end is in xenbr0, 10.99.0.1 and fd99::1.
# shellcheck source=tests/native/lib.sh
. lib.sh

declare -A NET_TAP NET_DOMAIN

net_bridge() {
    ip addr add fd99::1/64 dev xenbr0 nodad
}

# net_domain NAME: a domain with a card that nobody drives yet
net_domain() {
    NET_DOMAIN[$1]=$(toolstack create "$1")
    toolstack attach-vif "${NET_DOMAIN[$1]}" 0
    ip netns add "$1"
    ip -n "$1" link set lo up
}

# net_guest NAME [OPTION OF net-tap]...: and its driver; its eth0 has no addresses
net_guest() {
    net_domain "$1"
    net_card "$@"
}

# net_card NAME [OPTION]...: the guest's driver starts
net_card() {
    local name=$1
    shift
    rm -f "$TMPDIR/$name.tap"
    net-tap "${NET_DOMAIN[$name]}" 0 --netns "$name" "$@" >"$TMPDIR/$name.tap" 2>&1 &
    NET_TAP[$name]=$!
    eventually 10 grep -qs ready "$TMPDIR/$name.tap"
}

# net_addresses NAME NUMBER
net_addresses() {
    ip -n "$1" addr add "10.99.0.$2/24" dev eth0
    ip -n "$1" addr add "fd99::$2/64" dev eth0 nodad
}

# net_card_end NAME: it has seen nothing wrong, and all is answered
net_card_end() {
    kill "${NET_TAP[$1]}"
    wait "${NET_TAP[$1]}" || fail "$1: $(cat "$TMPDIR/$1.tap")"
}

# net_count NAME COUNTER: what net-tap said at its end
net_count() {
    sed -n "s/.*\b$2=\([0-9]*\).*/\1/p" "$TMPDIR/$1.tap"
}

# in_guest NAME COMMAND...
in_guest() {
    ip netns exec "$@"
}
