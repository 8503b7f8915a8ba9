# While a guest reads, xl top's VBD columns and pvback-stat show it; a limit set meanwhile holds until it is lifted.
need_guest 1
disk=vbd/$(domid 1)/51760
guest 1 'fio --name=l --filename=/dev/xvdd --rw=randread --bs=4k --size=64m --direct=1 --ioengine=libaio --iodepth=8 --time_based --runtime=300 >/tmp/l.out 2>&1 & echo $! >/tmp/l'

# reads: what xentop says of the guest
reads() {
    xentop -b -i 1 | awk '$1 == "NAME" { for (i = 1; i <= NF; i++) if ($i == "VBD_RD") at = i }
                          $1 == "guest1" { print $at }'
}
# a_second: reads a second, of the disk
a_second() {
    "$LAB_SRC/tools/pvback-stat" -i 3 -n 1 "$disk" | awk '$2 == "read" { print $3 }'
}
# Here an answer may take longer than the 10 ms that xentop waits; then it shows none.
counts() {
    first=$(reads)
    [[ $first =~ ^[0-9]+$ ]]
}
moves() {
    local now
    now=$(reads)
    [[ $now =~ ^[0-9]+$ ]] && [ "$now" -gt "$first" ]
}

eventually pgrep -f "blkback-worker $disk"
eventually counts
eventually moves
"$LAB_SRC/tools/pvback-limit" "$disk" read-iops=100
limited=0 free=0
# Never more; a busy machine may make it less.
holds() {
    limited=$(a_second)
    [ "$limited" -le 110 ] || fail "$limited a second with a limit of 100"
    [ "$limited" -ge 60 ]
}
is_lifted() {
    free=$(a_second)
    [ "$free" -gt 150 ]
}
eventually holds
"$LAB_SRC/tools/pvback-limit" "$disk" read-iops=none
eventually is_lifted
guest 1 'kill $(cat /tmp/l); while kill -0 $(cat /tmp/l) 2>/dev/null; do sleep 1; done; cat /tmp/l.out'
remark "$free a second, limited to 100: $limited"
! xenstore-ls -f "$(back 1 vbd)" | grep limit- || fail "keys of the limit stay"
