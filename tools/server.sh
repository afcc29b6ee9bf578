# What the scripts share that install a program for the tests and run it on a port of 127.0.0.1. Sourced by them; unlike
# lib.sh it stays in the caller's folder, where `run` finds its command.
# shellcheck shell=bash
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# cache_folder NAME: where what is built once for all clones on this machine stays. NAME says the version.
cache_folder() {
  local cache=${XDG_CACHE_HOME:-${HOME:?names no folder to build into}/.cache}
  echo "$cache/loopstate/$1-$(uname -m)"
}

# install_once MARK COMMAND...: COMMAND, which fills $home, unless the file MARK says that this was done.
install_once() {
  local mark=$1
  shift
  [ -f "$mark" ] && return
  mkdir -p "$home"
  # Two test runs may install at once: the second waits for the first. MARK is made last, so that what was cut off halfway is
  # done again.
  exec 8>"$home/.lock"
  flock 8
  [ -f "$mark" ] && return
  "$@" >&2
  touch "$mark"
  exec 8>&-
}

# The kernel's choice; somebody else could take it before the server does.
free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# 0 once an HTTP server answers on port $1.
answers() {
  (exec 3<>"/dev/tcp/127.0.0.1/$1" && printf 'GET / HTTP/1.0\r\n\r\n' >&3 && read -r -t 5 _ <&3) 2>/dev/null
}

# The rest is for scripts that end in `server_command "$@"`. Before, they say:
#   home                  the folder where it is installed
#   fetch                 a command that installs it there
#   become_server PORT    a command that runs it in the foreground: its last word is an exec
#   start_seconds         how long it may take to answer
#   endpoint_variable     what `run` tells its command the address in
#   endpoint_scheme       of that address, where it is not http

install() { install_once "$home/.complete" fetch; }

start() {
  install
  local port pid log attempt tries
  for attempt in 1 2 3; do
    port=${1:-$(free_port)}
    log=$(mktemp)
    become_server "$port" >"$log" 2>&1 </dev/null 8>&- &
    pid=$!
    for tries in $(seq 1 $((start_seconds * 10))); do
      if answers "$port"; then
        rm -f "$log"
        echo "$pid $port"
        return
      fi
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
    kill "$pid" 2>/dev/null || true
    cat "$log" >&2
    rm -f "$log"
  done
  echo "$(basename "$0"): it did not start; its messages are above" >&2
  exit 1
}

stop() {
  kill "$1" 2>/dev/null || return 0
  for _ in $(seq 1 100); do
    kill -0 "$1" 2>/dev/null || return 0
    sleep 0.05
  done
  kill -9 "$1" 2>/dev/null || true
}

run() {
  local pid port status=0
  read -r pid port < <(start)
  [ -n "${port:-}" ] || exit 1
  trap 'stop "$pid"' EXIT
  export "$endpoint_variable=${endpoint_scheme:-http}://127.0.0.1:$port"
  "$@" || status=$?
  exit "$status"
}

# Prints the comment at the head of the script.
usage() {
  sed -n '2,/^[^#]/{ /^#/p }' "$0" >&2
  exit 2
}

server_command() {
  case "${1:-}" in
    install) install ;;
    start) start "${2:-}" ;;
    stop) stop "$2" ;;
    run) shift; run "$@" ;;
    *) usage ;;
  esac
}
