# Frontends that write nonsense: one line names device and key, an error node is there, a guest beside works on.
need_guest 1
guest 1 'fio --name=b --filename=/dev/xvdd --rw=randread --bs=4k --size=64m --direct=1 --time_based --runtime=25 >/tmp/b.out 2>&1 & echo $! >/tmp/b'
tiny 11
xl create -p "$LAB_GUESTS_DIR/guest11.cfg" 9>&-
id=$(domid 11)
truncate -s 1M /srv/lab/garbage.img
good=(ring-ref 8 event-channel 5 protocol x86_64-abi)
devid=51712
# garbage EXPECTED KEY VALUE...: good keys, and then those.
garbage() {
    local expected=$1
    shift
    devid=$((devid + 16))
    fake_device vbd "$id" $devid params /srv/lab/garbage.img physical-device-path /srv/lab/garbage.img mode w type phy \
        device-type disk dev xvdz
    play_frontend "vbd/$id/$devid" 3 "$@"
    refused blkbackd "vbd/$id/$devid" "$expected"
}
garbage multi-queue-num-queues "${good[@]}" multi-queue-num-queues 0
garbage ring-page-order "${good[@]}" ring-page-order 99
garbage event-channel "${good[@]}" event-channel x
garbage ring-ref event-channel 5 protocol x86_64-abi
garbage ring-ref "${good[@]}" ring-ref 'some text'
garbage ring-ref "${good[@]}" ring-ref 99999999999999999999
garbage protocol "${good[@]}" protocol pdp11-abi
garbage 'event channel|grant' "${good[@]}" ring-ref 77777
xl destroy guest11
guest 1 'while kill -0 $(cat /tmp/b) 2>/dev/null; do sleep 1; done; grep "err= 0" /tmp/b.out'
