# An image on a file system mounted read-only cannot be a disk of mode w, but one of mode r.
need_guest 1
mkdir -p /srv/lab/ro-source /srv/lab/ro
truncate -s 8M /srv/lab/ro-source/disk
mountpoint -q /srv/lab/ro || mount --bind /srv/lab/ro-source /srv/lab/ro
mount -o remount,bind,ro /srv/lab/ro
! within 9 xl block-attach guest1 'format=raw,vdev=xvdh,access=rw,target=/srv/lab/ro/disk' || fail "xl takes it for writing"
remark "refused in $took s"
eventually said blkbackd 'vbd/[0-9]+/51824: .*/srv/lab/ro/disk.*(Read-only|denied|permitted)'
xl block-detach guest1 xvdh || xl block-detach -f guest1 xvdh || :
xl block-attach guest1 'format=raw,vdev=xvdh,access=ro,target=/srv/lab/ro/disk'
guest 1 'n=50; until [ -b /dev/xvdh ] || [ $n = 0 ]; do usleep 200000; n=$((n-1)); done; dd if=/dev/xvdh of=/dev/null bs=1M'
xl block-detach guest1 xvdh
umount /srv/lab/ro
