# What the scripts share. Sourced by them; changes to the top folder of the repository.
# shellcheck shell=bash
set -euo pipefail
export LC_ALL=C.UTF-8
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

say() { printf '== %s\n' "$*"; }
die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# Runs a command as root: as it is, or through sudo.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo -- "$@"
  else
    die "this needs root, and there is no sudo: run as root:  $*"
  fi
}

# How many compilers run at once. One takes up to 1 GB, so memory bounds it as well as the cores do.
job_count() {
  local cores memory_gb
  cores=$(nproc)
  memory_gb=$(awk '/^MemAvailable:/ { print int($2 / 1048576) }' /proc/meminfo)
  [ "$memory_gb" -ge 1 ] || memory_gb=1
  echo $((cores < memory_gb ? cores : memory_gb))
}

# configure PRESET [OPTIONS...]: quiet when all is well, everything when not.
configure() {
  local preset=$1 output
  shift
  say "configure ($preset)"
  output=$(cmake --preset "$preset" "$@" 2>&1) || {
    printf '%s\n' "$output" >&2
    die "cmake could not configure the preset '$preset'"
  }
}

# build FOLDER TARGETS...: one line that moves on a terminal; elsewhere every 20th step, and all that is not a step.
build() {
  local folder=$1
  shift
  say "build $* ($(job_count) at once)"
  if [ -t 1 ]; then
    ninja -C "$folder" -j "$(job_count)" "$@"
  else
    ninja -C "$folder" -j "$(job_count)" "$@" 2>&1 |
      awk '/^\[[0-9]+\/[0-9]+\] / { if (++steps % 20) next } /^ninja: Entering/ { next } { print; fflush() }'
  fi
}
