# Network frontends that write nonsense: one line names device and key, an error node is there, a guest beside works on.
need_guest 1
tiny 11
xl create -p "$LAB_GUESTS_DIR/guest11.cfg" 9>&-
id=$(domid 11)
good=(tx-ring-ref 8 rx-ring-ref 9 event-channel 5 request-rx-copy 1)
devid=0
garbage() {
    local expected=$1
    shift
    devid=$((devid + 1))
    fake_device vif "$id" $devid mac 00:16:3e:00:00:01 handle $devid type vif bridge xenbr0
    play_frontend "vif/$id/$devid" 4 "$@"
    refused netbackd "vif/$id/$devid" "$expected"
}
garbage multi-queue-num-queues "${good[@]}" multi-queue-num-queues 0
garbage event-channel "${good[@]}" event-channel x
garbage event-channel-rx "${good[@]}" event-channel-tx 4 event-channel-rx 0
garbage tx-ring-ref rx-ring-ref 9 event-channel 5 request-rx-copy 1
garbage rx-ring-ref "${good[@]}" rx-ring-ref 'some text'
garbage request-rx-copy "${good[@]}" request-rx-copy maybe
garbage 'event channel|grant' "${good[@]}" tx-ring-ref 77777
guest 1 'ping -c 3 -i 0.2 -W 2 10.77.0.1'
xl destroy guest11
