# A logical volume given as phy:/dev/VolumeGroupXen/guest-01-disk,xvda2,w: ext4 is made, mounted, filled, checked.
need_guest 1
guest 1 'mkfs.ext4 -q /dev/xvda2 && mount /dev/xvda2 /mnt && dd if=/dev/urandom of=/mnt/a bs=64k count=100 && md5sum /mnt/a >/mnt/sum && umount /mnt'
guest 1 'e2fsck -fn /dev/xvda2 && mount /dev/xvda2 /mnt && md5sum -c /mnt/sum; s=$?; umount /mnt; exit $s'
