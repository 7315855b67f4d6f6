#!/bin/sh
# Installs those of the named Debian packages that are missing, as root or with sudo, without a question.
# usage: sh cmake/need.sh PACKAGE…
set -eu
missing=
for package in "$@"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ]; then as_root=
elif command -v sudo >/dev/null; then as_root=sudo
else
  echo "These Debian packages are missing:$missing" >&2
  echo "Install them, or run this again as root or with sudo installed." >&2
  exit 1
fi
echo "Installing$missing"
install="env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# The lists may be missing or too old; a mirror may hiccup: hence a second try.
for _ in 1 2; do
  # shellcheck disable=SC2086 # words on purpose
  if { $as_root apt-get update -qq && $as_root $install $missing; } >"$log" 2>&1; then exit 0; fi
done
cat "$log" >&2
echo "apt-get could not install$missing" >&2
exit 1
