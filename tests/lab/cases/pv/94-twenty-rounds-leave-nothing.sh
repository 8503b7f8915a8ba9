# Twenty guests come, connect disk and card, and are destroyed: no process, tap, loop device or node stays, the daemons do not grow.
# limit: 600
tiny 10 "/srv/lab/guest10.img,raw,xvda,w" bridge=xenbr0
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
# round: created, both devices at state 4, destroyed.
round() {
    local id left=60
    xl create "$LAB_GUESTS_DIR/guest10.cfg" 9>&-
    id=$(domid 10)
    until [ "$(xenstore-read "/local/domain/0/backend/vbd/$id/51712/state" "/local/domain/0/backend/vif/$id/0/state" | paste -sd ' ')" = "4 4" ]; do
        left=$((left - 1))
        [ $left -gt 0 ] || fail "round $1: not connected"
        pause 0.5
    done
    connected=$((connected + 1))
    xl destroy guest10
}
set +x
for number in {1..20}; do
    round "$number" || exit 1
    [ "$number" != 5 ] || before=$(state_of)
    echo "round $number: $(state_of)"
done
set -x
pause 1
left=$(leftovers)
[ ! "$left" ] || fail "$left"
after=$(state_of)
awk -v before="$before" -v after="$after" 'BEGIN {
    split(before, b); split(after, a)
    for (i = 1; i <= 6; i += 2) if (a[i] > b[i] || a[i + 1] > b[i + 1] + 256) exit 1
}' || fail "descriptors and KiB grow: $before to $after"
remark "$connected rounds, $before to $after"
