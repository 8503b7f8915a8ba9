# limit: 900
# TCP both ways, a flood of pings, and transfers whose checksums are compared, all at once on one card: every byte arrives,
# and the worker is afterwards no larger than its areas make it, whether it took seconds or minutes.
need_guest 1
seconds=${LONG:-8}
"$CASES/transfers" 7000 9>&- &
server=$!
listens() {
    true </dev/tcp/127.0.0.1/7001
}
eventually listens
worker=$(workers | awk -v d="vif/$(domid 1)/0" '$3 == d { print $1 }')
# resident: KiB; descriptors
resident() {
    awk '/^VmRSS/ { print $2 }' "/proc/$worker/status"
}
descriptors() {
    local fds=("/proc/$worker/fd"/*)
    echo ${#fds[@]}
}
# transfers SECONDS: there and back again, 1 MiB each time; prints how often
transfers() {
    echo "end=\$((\$(date +%s) + $1)) n=0; while [ \$(date +%s) -lt \$end ]; do" \
        '[ "$(nc 10.77.0.1 7000 </tmp/data)" = $(md5sum </tmp/data | cut -c 1-32) ] || exit 1;' \
        'nc 10.77.0.1 7001 </dev/null >/tmp/got;' \
        '[ "$(head -c 1048576 /tmp/got | md5sum | cut -c 1-32)" = "$(tail -c 32 /tmp/got)" ] || exit 2;' \
        'n=$((n + 1)); done; echo $n transfers'
}
guest 1 "dd if=/dev/urandom of=/tmp/data bs=64k count=16; $(transfers 1)"
before=$(resident) had=$(descriptors)
ping -q -f -w "$seconds" 10.77.0.2 >"$WORK/flood" &
flood=$!
guest 1 "iperf3 -c 10.77.0.1 --bidir -t $seconds >/tmp/iperf 2>&1 & $(transfers "$seconds")" $((seconds + 90)) >"$WORK/transfers"
wait $flood
# Where TCP fills a queue some are lost, as on any wire.
awk '/transmitted/ { print; exit !($4 >= $1 * 0.9) }' "$WORK/flood"
guest 1 'while pidof iperf3 >/dev/null; do sleep 1; done; grep receiver /tmp/iperf' | tee "$WORK/iperf"
equal "$(descriptors)" "$had" descriptors
after=$(resident)
# The queue's two areas of 2 MiB are touched by and by.
[ "$after" -le $((before + 4608)) ] || fail "the worker has grown from $before to $after KiB"
kill $server
remark "$seconds s: $(tail -n 1 "$WORK/transfers"), $(grep -oE '^[0-9]+ packets transmitted, [0-9]+' "$WORK/flood"), \
$(sed -n 's/^rtt [^=]*= //p' "$WORK/flood"), \
$(awk '/receiver/ { print $7 $8 }' "$WORK/iperf" | paste -sd ' '), worker $before to $after KiB"
