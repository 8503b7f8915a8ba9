# At queue depth 32 a worker needs well under one system call per request; its own counters say so.
# fio takes and hands over 16 requests at a time: an emulated guest that submits one by one is slower than any worker.
need_guest 1
truncate -s 64M "$LAB_GUESTS_DIR/deep.img"
xl block-attach guest1 "format=raw,vdev=xvdg,access=rw,target=$LAB_GUESTS_DIR/deep.img"
guest 1 'n=50; until [ -b /dev/xvdg ] || [ $n = 0 ]; do usleep 200000; n=$((n-1)); done; fio --name=d --filename=/dev/xvdg --rw=randread --bs=4k --direct=1 --ioengine=libaio --iodepth=32 --iodepth_batch=16 --iodepth_batch_complete_min=16 --time_based --runtime=8 | grep err='
xl block-detach guest1 xvdg
eventually said blkbackd "vbd/[0-9]+/51808: in "
remark "$(said blkbackd 'vbd/[0-9]+/51808: (served|in) ' | awk '
    / served / { for (i = 2; i <= NF; i++) if ($i ~ /^(reads|writes|flushes),$/) requests += $(i - 1) }
    / in /     { for (i = 2; i < NF; i++) {
                     if ($(i + 1) == "grant" || $(i + 1) == "io_uring") calls += $i
                     if ($(i + 1) == "events") calls += 2 * $i
                     if ($(i + 1) == "sent") calls += $i } }
    END { printf "%d calls for %d requests: %.2f", calls, requests, calls / (requests ? requests : 0.001) }')"
read -r calls _ _ requests _ <"$WORK/reason"
[ "${requests%:}" -gt 1000 ] || fail "only $(cat "$WORK/reason")"
[ $((calls * 10)) -lt $((${requests%:} * 8)) ] || fail "$(cat "$WORK/reason")"
