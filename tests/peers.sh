#!/bin/sh
# Checks qbatch against programs that are not its own, and installs what they need: a ctest run over the tests labelled `peers`.
# - Python's own sqlite3 module reads a file of the embedded engine and finds what was stored.
# - Qdrant's Python client and its JavaScript client carry out one script on `qbatch local-server`; what is answered has to be what the
#   Python client's own local mode answers.
# - The qbatch program works on a collection of the server, and the Python client reads and writes the same points.
# - The documented usage of qbatch-service, written in Python with httpx, on the embedded engine and on `qbatch local-server` over REST.
# usage: sh tests/peers.sh
set -eu
cd "$(dirname "$0")/.."
. tests/support/build.sh
. tests/peers/clients.sh

build release qbatch_cli qbatch_service
check release -L peers
