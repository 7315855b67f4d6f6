#!/bin/sh
# Checks qbatch against programs that are not its own, and installs what they need: a ctest run over the tests labelled `peers`.
# For now: Python's own sqlite3 module reads a file of the embedded engine and finds what was stored.
# usage: sh tests/peers.sh
set -eu
cd "$(dirname "$0")/.."
. tests/support/build.sh
build release
check release -L peers
