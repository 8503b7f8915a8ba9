# shellcheck shell=bash
# Functions for shell tests in a world (see world, which sources this as well).
# A test says `. lib.sh` and then what it does; it fails with the first command that fails.
set -euo pipefail

# --- our daemons -------------------------------------------------------------

WORLD_RUN=/run/world

# daemon_program NAME: its executable
daemon_program() {
    case $1 in
    blkbackd) echo "$PVBACK_BUILD/blkback/blkbackd" ;;
    netbackd) echo "$PVBACK_BUILD/netback/netbackd" ;;
    consoled) echo "$PVBACK_BUILD/consoled/consoled" ;;
    esac
}

# daemons_start NAME...: returns when all of them are ready. DAEMON_OPTIONS, words, are for each of them.
daemons_start() {
    local name pipe
    [ $# -gt 0 ] || return 0
    exec {pipe}<> <(:)
    for name; do
        # shellcheck disable=SC2086 # words
        "$(daemon_program "$name")" ${DAEMON_OPTIONS-} --log-level "$WORLD_LOG_LEVEL" --ready-fd 9 \
            9>&"$pipe" {pipe}>&- >>"$WORLD_LOGS/$name.log" 2>&1 </dev/null &
        echo $! >"$WORLD_RUN/$name.pid"
        disown
    done
    read -rN $# -t 10 -u "$pipe" || {
        echo "not all of these became ready: $*" >&2
        exit 1
    }
    exec {pipe}>&-
}

daemon_pid() {
    cat "$WORLD_RUN/$1.pid"
}

# daemon_gone NAME SECONDS: wait for its end
daemon_gone() {
    local pid i
    pid=$(daemon_pid "$1")
    for ((i = 0; i < $2 * 100; i++)); do
        # A zombie whose parent has not looked yet is gone as well.
        [ -d "/proc/$pid" ] && ! grep -q '^State:.Z' "/proc/$pid/status" 2>/dev/null || return 0
        sleep 0.01
    done
    echo "$1 does not end" >&2
    return 1
}

# daemon_stop NAME [SIGNAL]: on purpose
daemon_stop() {
    kill "-${2:-TERM}" "$(daemon_pid "$1")"
    daemon_gone "$1" 10
    rm "$WORLD_RUN/$1.pid"
}

# daemons_end: at the end of a world. Fails when one has died or does not stop.
daemons_end() {
    local file name err=0
    for file in "$WORLD_RUN"/*.pid; do
        [ -e "$file" ] || continue
        name=${file##*/}
        name=${name%.pid}
        if kill -TERM "$(cat "$file")" 2>/dev/null; then
            daemon_gone "$name" 15 || err=1
        else
            echo "$name had died" >&2
            err=1
        fi
    done
    return $err
}

# --- what to expect ------------------------------------------------------------

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

skip() {
    echo "skipped: $*" >&2
    exit 77
}

# eventually SECONDS COMMAND...: until it succeeds
eventually() {
    local i seconds=$1
    shift
    for ((i = 0; i < seconds * 50; i++)); do
        ! "$@" || return 0
        sleep 0.02
    done
    fail "not within $seconds s: $*"
}

# store PATH: value, or nothing
store() {
    xenstore-read "$1" 2>/dev/null || :
}

# expect PATH VALUE
expect() {
    local value
    value=$(store "$1")
    [ "$value" = "$2" ] || fail "$1 is \"$value\", not \"$2\""
}

store_is() {
    [ "$(store "$1")" = "$2" ]
}

store_gone() {
    ! xenstore-exists "$1"
}

# wait_for PATH VALUE [SECONDS]
wait_for() {
    eventually "${3:-10}" store_is "$1" "$2"
}

# backend KIND DOMAIN DEVICE: its directory
backend() {
    echo "/local/domain/0/backend/$1/$2/$3"
}

frontend_dir() {
    echo "/local/domain/$2/device/$1/$3"
}

# as_guest DOMAIN COMMAND...: a program of libxenstore with a guest's rights
as_guest() {
    local domain=$1
    shift
    XENSTORED_PATH=$STANDIN_DIR/dom$domain.xs "$@"
}

# logged NAME PATTERN: a daemon has a line that matches
logged() {
    grep -qE -- "$2" "$WORLD_LOGS/$1.log"
}

# image NAME MEBIBYTES: a file for a disk; prints its path
image() {
    truncate -s "${2}M" "$TMPDIR/$1"
    echo "$TMPDIR/$1"
}

# loops_used: how many loop devices this world has attached
loops_used() {
    local first=${STANDIN_LOOPS% *} count=${STANDIN_LOOPS#* } nr used=0
    for ((nr = first; nr < first + count; nr++)); do
        [ ! -e "/sys/block/loop$nr/loop/backing_file" ] || used=$((used + 1))
    done
    echo $used
}
