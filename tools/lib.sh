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

# Ninja's steps as a line for each tenth of them. Not in awk, some of which read a pipe in blocks, so that nothing would be seen for long.
show_tenths() {
  local line last=0 tenth
  while IFS= read -r line; do
    if [[ $line =~ ^\[([0-9]+)/([0-9]+)\]\  ]]; then
      tenth=$((10 * BASH_REMATCH[1] / BASH_REMATCH[2]))
      [ "$tenth" = "$last" ] || printf '   %s of %s steps\n' "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"
      last=$tenth
    elif [[ $line != 'ninja: Entering'* ]]; then
      printf '%s\n' "$line"
    fi
  done
}

# build FOLDER TARGETS...: one line that moves on a terminal; elsewhere a line for each tenth of the steps. All that is not a step is
# shown.
build() {
  local folder=$1
  shift
  say "build $* ($(job_count) at once)"
  if [ -t 1 ]; then
    NINJA_STATUS='[%f of %t, %e s] ' ninja -C "$folder" -j "$(job_count)" "$@"
  else
    ninja -C "$folder" -j "$(job_count)" "$@" 2>&1 | show_tenths
  fi
}
