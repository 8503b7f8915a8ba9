# A file that another guest writes to is refused by blkbackd; the stock script protects devices only.
need_guest 1
truncate -s 8M /srv/lab/inuse.img
xl block-attach guest1 'format=raw,vdev=xvdh,access=rw,target=/srv/lab/inuse.img'
tiny 5 /srv/lab/inuse.img,raw,xvda,w
! within 20 xl create "$LAB_GUESTS_DIR/guest5.cfg" >"$WORK/create" 2>&1 9>&- || fail "a second guest gets the file"
remark "refused in $took s"
eventually said blkbackd 'vbd/[0-9]+/51712: .*/srv/lab/inuse.img is in use as vbd/'
xl block-detach guest1 xvdh
