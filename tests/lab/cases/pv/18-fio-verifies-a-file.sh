# fio writes blocks of all sizes at random on a disk on a file, from four jobs, and finds what it has written.
# limit: 900
need_guest 3
verify_with_fio xvdb
