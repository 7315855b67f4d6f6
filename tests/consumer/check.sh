#!/bin/sh
# Uses qbatch in one way as another project would. Called by ctest, which sets the environment (CMakeLists.txt).
set -eu
project=$(dirname "$0")/project

# Installations are moved after they were made: nothing in them may know where it was.
install() { # install BUILD PREFIX
  rm -rf "$2" "$2.first"
  "$CMAKE" --install "$1" --prefix "$2.first" >/dev/null
  mv "$2.first" "$2"
}
configure() { # configure NAME [CMAKE-ARGUMENT…]
  rm -rf "${WORK:?}/$1"
  name=$1
  shift
  "$CMAKE" -S "$project" -B "$WORK/$name" "$@"
}
build_and_run() { # build_and_run NAME PROGRAM [CMAKE-ARGUMENT…]
  name=$1 program=$2
  shift 2
  configure "$name" -DPROGRAM="$program" "$@"
  "$CMAKE" --build "$WORK/$name" --parallel 2 --target "$program"
  "$WORK/$name/$program"
}
# expect_refusal NAME WORDS [CMAKE-ARGUMENT…]: configuring must fail and say so.
expect_refusal() {
  name=$1 words=$2
  shift 2
  if configure "$name" "$@" >"$WORK/$name.log" 2>&1; then echo "configuring was expected to fail" >&2; exit 1; fi
  # CMake breaks long messages into lines.
  tr -s '\n ' ' ' <"$WORK/$name.log" | grep -F "$words" || { cat "$WORK/$name.log" >&2; exit 1; }
}
with_pkg_config() { # with_pkg_config NAME PREFIX PROGRAM PACKAGE [--static]
  name=$1 prefix=$2 program=$3 package=$4
  shift 4
  PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name qbatch.pc)")
  export PKG_CONFIG_PATH
  # shellcheck disable=SC2046 # words on purpose
  "$CXX" -std=c++20 "$project/$program.cpp" -o "$WORK/$name" $(pkg-config "$@" --cflags --libs "$package")
  LD_LIBRARY_PATH=$(pkg-config --variable=libdir qbatch) "$WORK/$name"
}

case $1 in
  install) install "$BUILD" "$WORK/static" ;;
  install_shared)
    "$CMAKE" -S "$SOURCE" -B "$WORK/shared-build" -DBUILD_SHARED_LIBS=ON -DQBATCH_BUILD_TESTS=OFF -DQBATCH_BUILD_EXAMPLES=OFF \
      -DQBATCH_BUILD_BENCHMARKS=OFF -DQBATCH_WITH_LOCAL="$LOCAL" -DQBATCH_WITH_SERVE="$SERVE" -DQBATCH_WARNINGS_AS_ERRORS="$WERROR" >/dev/null
    "$CMAKE" --build "$WORK/shared-build" --parallel 2
    install "$WORK/shared-build" "$WORK/shared"
    ;;
  program) "$WORK/static/bin/qbatch" --version ;;
  core) build_and_run core core -DCMAKE_PREFIX_PATH="$WORK/static" ;;
  find_package) build_and_run find_package store_and_search -DCMAKE_PREFIX_PATH="$WORK/static" ;;
  find_package_shared) build_and_run find_package_shared store_and_search -DCMAKE_PREFIX_PATH="$WORK/shared" ;;
  add_subdirectory) build_and_run add_subdirectory store_and_search -DQBATCH_SOURCE="$SOURCE" -DQBATCH_WARNINGS_AS_ERRORS="$WERROR" ;;
  pkg_config) with_pkg_config pkg_config "$WORK/static" store_and_search qbatch-local --static ;;
  pkg_config_shared) with_pkg_config pkg_config_shared "$WORK/shared" store_and_search qbatch-local ;;
  serve) build_and_run serve serve -DCMAKE_PREFIX_PATH="$WORK/static" ;;
  serve_pkg_config) with_pkg_config serve_pkg_config "$WORK/static" serve qbatch-serve --static ;;
  serve_shared)
    build_and_run serve_shared serve -DCMAKE_PREFIX_PATH="$WORK/shared"
    with_pkg_config serve_pkg_config_shared "$WORK/shared" serve qbatch-serve
    ;;
  missing_component)
    expect_refusal missing_component "built without the component 'nonsense'" -DCMAKE_PREFIX_PATH="$WORK/static" -DPROGRAM=core -DCOMPONENTS=nonsense
    [ -e "$WORK/static/include/qbatch/local.hpp" ] ||
      expect_refusal missing_local "built without the component 'local'" -DCMAKE_PREFIX_PATH="$WORK/static" -DPROGRAM=store_and_search
    [ -e "$WORK/static/include/qbatch/local_server.hpp" ] ||
      expect_refusal missing_serve "built without the component 'serve'" -DCMAKE_PREFIX_PATH="$WORK/static" -DPROGRAM=serve
    ;;
  other_version)
    for wanted in 0.2 1.0; do
      expect_refusal other_version "compatible with requested version \"$wanted\"" -DCMAKE_PREFIX_PATH="$WORK/static" -DPROGRAM=core -DWANTED=$wanted
    done
    ;;
  *) echo "check.sh: unknown way $1" >&2; exit 2 ;;
esac
