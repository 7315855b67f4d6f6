#!/bin/sh
# Measures the official clients of a Qdrant server beside qbatch: uploads of the same size, in interleaved rounds and processes of their own,
# and a search. Installs the clients below build/peers. Appends the figures to the file that QBATCH_FIGURES names, where it is set.
# The Rust client needs a cargo newer than Debian 12's; without one it is left out, and that is said.
# usage: sh benchmarks/peers/run.sh URL GRPC_URL ROUNDS
set -eu
[ $# = 3 ] || { echo "usage: sh benchmarks/peers/run.sh URL GRPC_URL ROUNDS" >&2; exit 2; }
url=$1 grpc_url=$2 rounds=$3
cd "$(dirname "$0")/../.."
. tests/support/build.sh
. tests/peers/clients.sh
. benchmarks/support/no_figures.sh
python=$peers/venv/bin/python
javascript=$peers/javascript/node_modules/@qdrant/js-client-rest/dist/esm/index.js

# Built in a copy, so that neither its lock file nor what it compiles to lies among the sources.
build_rust() {
  command -v cargo >/dev/null || { echo "no cargo on this machine"; return 1; }
  mkdir -p $peers/rust_grpc
  # As old as they were, or cargo would compile again.
  cp -Rp benchmarks/peers/rust_grpc/. $peers/rust_grpc/
  (cd $peers/rust_grpc && cargo build --quiet --release --jobs 1) || { echo "cargo could not build benchmarks/peers/rust_grpc"; return 1; }
}
ways='qbatch rust python javascript search'
if ! why=$(build_rust); then
  no_figures "peers, the Rust client" "$why"
  ways='qbatch python javascript search'
fi
build release benchmarks/upload

once() { # once WAY: prints the figures of one round
  case $1 in
    qbatch) build/release/benchmarks/upload --way replace "$url" ;;
    rust) $peers/rust_grpc/target/release/rust_grpc "$grpc_url" ;;
    python) $python -B benchmarks/peers/upload.py "$url" ;;
    javascript) node benchmarks/peers/upload.mjs $javascript "$url" ;;
    search) $python -B benchmarks/peers/search.py "$url" ;;
  esac
}

echo "== peers: $rounds rounds"
measured=$peers/rounds.txt
: >$measured
round=0 failed=0
while [ "$round" -lt "$rounds" ]; do
  order=
  # Every other round runs backwards: what one leaves behind for the next does not always hit the same.
  for way in $ways; do
    if [ $((round % 2)) = 0 ]; then order="$order $way"; else order="$way $order"; fi
  done
  for way in $order; do
    if figures=$(once "$way"); then
      echo "$round $way $figures" >>$measured
    else
      no_figures "peers, $way, round $round" 'it failed'
      failed=1
    fi
  done
  round=$((round + 1))
done
python3 -B benchmarks/peers/figures.py $measured
exit $failed
