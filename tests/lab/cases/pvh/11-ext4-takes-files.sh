# ext4 made, mounted, filled and checked in a PVH guest.
need_guest 1
guest 1 'mkfs.ext4 -q /dev/xvda && mount /dev/xvda /mnt && dd if=/dev/urandom of=/mnt/a bs=64k count=100 && md5sum /mnt/a >/mnt/sum && umount /mnt && e2fsck -fn /dev/xvda && mount /dev/xvda /mnt && md5sum -c /mnt/sum && umount /mnt'
