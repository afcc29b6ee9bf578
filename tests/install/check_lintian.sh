#!/usr/bin/env bash
# lintian, Debian's own judge of packages, has neither an error nor a warning for these.
#
#   check_lintian.sh PACKAGE.deb...
set -euo pipefail
command -v lintian >/dev/null || {
  echo "skipped: there is no lintian here (tools/install-packages --for dev)"
  exit 77
}
lintian --allow-root --fail-on error,warning "$@"
echo "lintian has nothing to say"
