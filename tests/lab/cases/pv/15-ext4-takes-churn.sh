# ext4 on a file: made, mounted, churned, unmounted, checked, read again; no data is lost or somebody else's.
# limit: 900
need_guest 3
churn_file_system ext4 'mkfs.ext4 -q -F' 'e2fsck -fn'
