# A directory as image. xl gives it to qdisk unless told otherwise, and must fail either way without a rest; blkbackd,
# which only sees what a script has made of its target, says that it is a directory.
mkdir -p /srv/lab/bad/directory
tiny 5 "backendtype=phy,format=raw,vdev=xvda,access=rw,target=/srv/lab/bad/directory"
! within 5 xl create "$LAB_GUESTS_DIR/guest5.cfg" >"$WORK/create" 2>&1 9>&- || fail "xl create succeeds"
remark "refused in $took s: $(xl_says "$WORK/create")"
tiny 11
xl create -p "$LAB_GUESTS_DIR/guest11.cfg" 9>&-
id=$(domid 11)
fake_device vbd "$id" 51728 params /srv/lab/bad/directory physical-device-path /srv/lab/bad/directory mode w type phy \
    device-type disk dev xvdb
play_frontend "vbd/$id/51728" 3 ring-ref 8 event-channel 5 protocol x86_64-abi
refused blkbackd "vbd/$id/51728" "is a directory"
xl destroy guest11
