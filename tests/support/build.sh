# What run.sh and peers.sh share; read with `.` in the project's folder.
sh cmake/need.sh g++ cmake ninja-build ccache pkg-config python3 libsimdjson-dev libfmt-dev libboost-dev libcurl4-openssl-dev libsqlite3-dev zlib1g-dev libcli11-dev catch2 openssl

jobs=$(nproc)
# What ccache knows from one folder it knows in a clone, too.
export CCACHE_BASEDIR="$PWD" CCACHE_NOHASHDIR=1
# Without these it would not keep what is compiled with a precompiled header.
export CCACHE_SLOPPINESS=pch_defines,time_macros
# Under ThreadSanitizer a program may find its shadow memory taken where the kernel spreads addresses widely.
fixed=
if setarch "$(uname -m)" -R true 2>/dev/null; then fixed="setarch $(uname -m) -R"; fi

build() { # build PRESET [TARGET…]
  echo "== $1: build"
  preset=$1
  shift
  cmake --preset "$preset" -DCMAKE_CXX_COMPILER_LAUNCHER=ccache >/dev/null
  $fixed cmake --build "build/$preset" --parallel "$jobs" --target "${@:-all}"
}
check() { # check PRESET [CTEST-ARGUMENT…]
  echo "== $1: tests"
  preset=$1
  shift
  $fixed ctest --test-dir "build/$preset" --output-on-failure --parallel "$jobs" --timeout $((300 * ${QBATCH_CAMPAIGN:-1})) "$@" || {
    status=$?
    failed_output "$preset"
    return $status
  }
}
# What failed once more at the end, where whoever sees the last lines only finds it.
failed_output() {
  awk '
    /^[0-9]+\/[0-9]+ Testing: / { block = "" }
    { block = block $0 "\n" }
    /^Test Failed\.$|^Test timeout/ { print substr(block, 1, 6000) }
  ' "build/$1/Testing/Temporary/LastTest.log"
  printf '%s: these tests failed\n' "$1"
  cat "build/$1/Testing/Temporary/LastTestsFailed.log"
}
