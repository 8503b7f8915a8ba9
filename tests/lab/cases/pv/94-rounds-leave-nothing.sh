# Eight guests (twenty with LONG) come, connect disk and card, and are destroyed: no process, tap, loop device or node stays, the daemons do not grow.
# limit: 900
# While one boots, the next is made: that keeps both of the machine's processors busy.
for number in 10 12; do
    tiny $number "/srv/lab/guest$number.img,raw,xvda,w" bridge=xenbr0
done
# state_of: "descriptors KiB" of each daemon in one line.
state_of() {
    local kind pid fds
    for kind in blk net con; do
        pid=$(backend_pid $kind)
        fds=("/proc/$pid/fd/"*)
        echo "${#fds[@]} $(awk '/^VmRSS/ { print $2 }' "/proc/$pid/status")"
    done | paste -sd ' '
}
connected=0
# finish ID: both devices come to state 4, then it is destroyed.
finish() {
    local left=120
    until [ "$(xenstore-read "/local/domain/0/backend/vbd/$1/51712/state" "/local/domain/0/backend/vif/$1/0/state" | paste -sd ' ')" = "4 4" ]; do
        left=$((left - 1))
        [ $left -gt 0 ] || fail "guest with id $1 is not connected"
        pause 0.5
    done
    connected=$((connected + 1))
    xl destroy "$1"
}
set +x
first=$(state_of) before='' last=''
rounds=8
[ ! "${LONG-}" ] || rounds=20
for ((round = 1; round <= rounds; round++)); do
    number=$((10 + round % 2 * 2))
    xl create "$LAB_GUESTS_DIR/guest$number.cfg" >/dev/null 9>&-
    id=$(domid $number)
    [ ! "$last" ] || finish "$last"
    last=$id
    state=$(state_of)
    [ "$round" != 4 ] || before=$state
    echo "round $round at $SECONDS s: $state"
done
finish "$last"
set -x
pause 5
left=$(leftovers)
[ ! "$left" ] || fail "$left"
state=$(state_of)
# Descriptors are those of before; the first rounds may fill what memory is kept for later ones.
awk -v first="$first" -v before="$before" -v after="$state" 'BEGIN {
    split(first, f); split(before, b); split(after, a)
    for (i = 1; i <= 6; i += 2) if (a[i] > f[i] || a[i + 1] > b[i + 1] + 256) exit 1
}' || fail "descriptors and KiB grow: $first, $before, $state"
remark "$connected rounds; descriptors and KiB of blk, net, con: first $first, after 4 rounds $before, at the end $state"
