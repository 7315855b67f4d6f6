#!/bin/sh
# From nothing to a search hit: installs what is missing from Debian's packages, builds the command line `qbatch`, stores the documented
# functions of this machine's own Python library, searches them, updates the metrics of what was found, and compares with one by one.
# usage: sh examples/demo.sh      as root or with sudo; from any folder
set -eu
cd "$(dirname "$0")/.."

say() { printf '\n== %s\n' "$*"; }
fail() { echo "demo.sh: $*" >&2; exit 1; }

packages='g++ cmake ninja-build libsimdjson-dev libboost-dev libfmt-dev libcurl4-openssl-dev libsqlite3-dev zlib1g-dev libcli11-dev python3'
if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
  # shellcheck disable=SC2086 # words on purpose
  sh cmake/need.sh $packages
else
  for program in c++ cmake python3; do
    command -v "$program" >/dev/null || fail "$program is missing, and without apt-get it cannot be installed here; on Debian it comes from these packages: $packages"
  done
fi
unset QBATCH_LOCAL QBATCH_EMBEDDER
export PYTHONUTF8=1

build=build/demo
say "Building the command line in $build (Release)"
# A folder that was configured somewhere else, or not to its end, is made anew.
grep -qs "^CMAKE_HOME_DIRECTORY:INTERNAL=$(pwd -P)\$" "$build/CMakeCache.txt" || rm -rf "$build"
set -- -DCMAKE_BUILD_TYPE=Release -DQBATCH_BUILD_TESTS=OFF -DQBATCH_BUILD_BENCHMARKS=OFF -DQBATCH_BUILD_EXAMPLES=ON -DQBATCH_INSTALL=OFF
if [ ! -e "$build/CMakeCache.txt" ] && command -v ninja >/dev/null; then set -- "$@" -G Ninja; fi
if command -v ccache >/dev/null; then set -- "$@" -DCMAKE_CXX_COMPILER_LAUNCHER=ccache; fi
cmake -S . -B "$build" "$@" >/dev/null
cmake --build "$build" --target qbatch_cli --parallel "$(nproc)"

# The data is fresh at each run and stays for a look afterwards.
data=$build/data
rm -rf "$data"
mkdir "$data"
# The server that QDRANT_URL names (QDRANT_API_KEY goes with it), or the embedded engine. Only collections whose names begin with qbatch_demo are
# touched, and on a server they are deleted at the end.
collection=qbatch_demo
others='qbatch_demo_single_1 qbatch_demo_single_2 qbatch_demo_single_3 qbatch_demo_batch_1 qbatch_demo_batch_2 qbatch_demo_batch_3'
if [ -n "${QDRANT_URL:-}" ]; then
  place="the Qdrant server at $QDRANT_URL"
  qbatch() { "$build/examples/cli/qbatch" --embedder hashing --collection "$collection" "$@"; }
  # shellcheck disable=SC2086 # words on purpose
  clean() { qbatch collections delete "$collection" $others >/dev/null 2>&1 || true; }
  clean
  trap clean EXIT
else
  unset QDRANT_URL
  place="the embedded engine"
  qbatch() { "$build/examples/cli/qbatch" --local "$data/demo.db" --embedder hashing --collection "$collection" "$@"; }
fi
say "Working on $place"
member() { python3 -c "import json, sys; print(json.load(sys.stdin)$1)"; }

say "Reading the documented functions of Python's standard library"
python3 examples/extract_patterns.py --out "$data/patterns.jsonl"
points=$(python3 - "$data/patterns.jsonl" <<'EOF'
import json, sys
patterns = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
print(len({(p["description"], p["code"], p["language"]) for p in patterns}))
EOF
)

say "Storing them in one batch"
qbatch store "$data/patterns.jsonl"
stored=$(qbatch --json collections list | python3 -c 'import json, sys
print(next(c["points"] for c in json.load(sys.stdin)["collections"] if c["name"] == sys.argv[1]))' "$collection")
[ "$stored" = "$points" ] || fail "$stored points are stored, but the patterns make $points different ones"
echo "$stored points in the collection, as many as there are different patterns"

cat >"$data/queries.txt" <<'EOF'
authentication implementation
database connection pooling
error handling best practices
logging configuration
api rate limiting
EOF
say "Searching five queries in one batch"
qbatch search --file "$data/queries.txt" --limit 3

say "Updating the metrics of the hits: one more use each, now"
qbatch --quiet --json search --file "$data/queries.txt" --limit 3 | python3 -c '
import datetime, json, sys
now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
ids = {hit["id"]: None for result in json.load(sys.stdin)["batch_results"] for hit in result["results"]}
for id in ids:
    print(json.dumps({"id": id, "increment_usage": True, "last_used": now}))' >"$data/updates.jsonl"
qbatch update "$data/updates.jsonl"

say "Searching again, among what has been used"
used='{"must":[{"key":"usage_count","range":{"gte":1}}]}'
qbatch search --file "$data/queries.txt" --limit 1 --filter "$used"
hits=$(qbatch --quiet --json search "logging" --limit 1000 --filter "$used" | member '["stats"]["points"]')
[ "$hits" = "$(wc -l <"$data/updates.jsonl")" ] || fail "$hits points pass the filter, but $(wc -l <"$data/updates.jsonl") were updated"

say "One by one, for comparison (same embedder, same place; medians of three)"
head -n 200 "$data/patterns.jsonl" >"$data/some.jsonl"
head -n 100 "$data/patterns.jsonl" | python3 -c '
import json, sys
for line in sys.stdin:
    print(json.dumps({"text": json.loads(line)["description"].splitlines()[0]}))' >"$data/some_queries.jsonl"
seconds() { qbatch --quiet --json "$@" | member '["stats"]["seconds"]["total"]'; }
for round in 1 2 3; do
  collection=qbatch_demo_single_$round
  seconds store "$data/some.jsonl" --one-by-one >>"$data/store_single"
  collection=qbatch_demo_batch_$round
  seconds store "$data/some.jsonl" >>"$data/store_batch"
  collection=qbatch_demo
  seconds search --file "$data/some_queries.jsonl" --one-by-one >>"$data/search_single"
  seconds search --file "$data/some_queries.jsonl" >>"$data/search_batch"
done
python3 - "$data" <<'EOF'
import statistics, sys
def median(name):
    return statistics.median(float(line) for line in open(f"{sys.argv[1]}/{name}"))
print(f"{'':20}{'one by one':>12}{'in one batch':>14}{'ratio':>8}")
for what, name in (("store 200 patterns", "store"), ("search 100 queries", "search")):
    single, batch = median(name + "_single"), median(name + "_batch")
    print(f"{what:20}{single:>10.3f} s{batch:>12.3f} s{single / batch:>8.1f}")
EOF
if [ -z "${QDRANT_URL:-}" ]; then
  printf '\nThe data is in %s. Try: %s --local %s --collection %s search "parse a date"\n' "$data" "$build/examples/cli/qbatch" "$data/demo.db" "$collection"
fi
