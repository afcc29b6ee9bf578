#!/usr/bin/env bash
# lintian, Debian's own judge of packages, has neither an error nor a warning for those in FOLDER, but for the overrides in
# deploy/debian, which say why.
#
#   check_lintian.sh FOLDER
set -euo pipefail
command -v lintian >/dev/null || {
  echo "skipped: there is no lintian here (tools/install-packages --for dev)"
  exit 77
}
folder=$(cd "$1" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cp "$folder"/loopstate_*.deb "$folder"/libloopstate0_*.deb "$scratch"
# The library's archives have a section for each function, which takes lintian many minutes: they are left out.
dpkg-deb -R "$folder"/libloopstate-dev_*.deb "$scratch/library"
find "$scratch/library" -name '*.a' -delete
(cd "$scratch/library" && find usr -type f -exec md5sum {} + >DEBIAN/md5sums)
dpkg-deb --root-owner-group -b "$scratch/library" "$scratch/$(basename "$folder"/libloopstate-dev_*.deb)" >/dev/null
cd "$scratch"
lintian --allow-root --fail-on error,warning ./*.deb
echo "lintian has nothing to say"
