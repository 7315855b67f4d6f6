#!/bin/sh
# Installs what is missing from Debian's packages, builds qbatch with warnings as errors and runs its tests: a release build, one without
# the embedded engine, all tests under AddressSanitizer and UBSan, and those with threads under ThreadSanitizer.
# usage: sh tests/run.sh [--quick] [--clang]
#   --quick   the release build alone
#   --clang   also builds and tests with clang 14
# QBATCH_CAMPAIGN=N makes the property and kill tests N times as long (tests/long.sh sets it).
set -eu
cd "$(dirname "$0")/.."

quick='' clang=''
for option in "$@"; do
  case $option in
    --quick) quick=1 ;;
    --clang) clang=1 ;;
    *) echo "tests/run.sh: unknown option $option; there are --quick and --clang" >&2; exit 2 ;;
  esac
done
. tests/support/build.sh

build release
if [ -z "$quick" ]; then
  build core
  check core
  build asan-ubsan
  check asan-ubsan
  build tsan qbatch_threads_tests
  check tsan -L threads
fi
if [ -n "$clang" ]; then
  sh cmake/need.sh clang-14
  build clang
  check clang -LE 'peers|consumer|structure'
fi
check release -LE peers
