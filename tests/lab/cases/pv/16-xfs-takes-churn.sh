# xfs on a file: made, mounted, churned, unmounted, checked, read again; no data is lost or somebody else's.
# limit: 900
need_guest 3
churn_file_system xfs 'mkfs.xfs -q -f' 'xfs_repair -n'
