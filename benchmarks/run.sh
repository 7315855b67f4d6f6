#!/bin/sh
# Runs the benchmarks and writes docs/performance.md with its plots. Installs what is missing from Debian's packages, and builds the release
# preset's benchmarks. A program that was not built or that fails is told of in the document; the script ends with 1 after a failure.
# usage: sh benchmarks/run.sh [--quick] [PROGRAM…]
#   --quick    3 rounds, without the official clients
#   PROGRAM…   only these of: kernels machine_report batch_speedup embedding_scaling import_stages import_memory upload search gzip_link counting service_overhead peers
# A quick run and one of some programs write build/benchmarks/performance.md instead.
# QDRANT_URL names a Qdrant server for those that need one, without TLS and key; QDRANT_GRPC_URL its gRPC port, if that is not 6334 beside
# 6333. Without a server, uploads and searches go into a sink alone. QBATCH_BENCH_ROUNDS sets the rounds (11).
set -eu
cd "$(dirname "$0")/.."
known='kernels machine_report batch_speedup embedding_scaling import_stages import_memory upload search gzip_link counting service_overhead peers'

quick='' chosen=''
for word in "$@"; do
  case " --quick $known " in
    *" $word "*) if [ "$word" = --quick ]; then quick=1; else chosen="$chosen $word"; fi ;;
    *) echo "benchmarks/run.sh: there is no $word; there are --quick and $known" >&2; exit 2 ;;
  esac
done
url=${QDRANT_URL:-}
grpc_url=${QDRANT_GRPC_URL:-$(echo "$url" | sed 's/:6333/:6334/')}
rounds=${QBATCH_BENCH_ROUNDS:-${quick:+3}}
rounds=${rounds:-11}
export QBATCH_BENCH_ROUNDS="$rounds"

. tests/support/build.sh
. benchmarks/support/no_figures.sh
sh cmake/need.sh libbenchmark-dev nlohmann-json3-dev
build release benchmarks/all

mkdir -p build/benchmarks
export QBATCH_FIGURES="$PWD/build/benchmarks/figures.jsonl"
rm -f "$QBATCH_FIGURES"
python3 -B benchmarks/machine.py "$QBATCH_FIGURES" build/release

failed=0
run() { # run PROGRAM [ARGUMENT…]
  program=$1
  shift
  case " ${chosen:-$known} " in *" $program "*) ;; *) return 0 ;; esac
  echo "== $program $*"
  if [ ! -x "build/release/benchmarks/$program" ]; then
    no_figures "$program" 'it was not built'
  elif ! "build/release/benchmarks/$program" "$@"; then
    no_figures "$program${*:+ $*}" 'it failed'
    failed=1
  fi
}
run kernels
run machine_report
run batch_speedup "$rounds"
run embedding_scaling
run import_stages
run import_memory
run upload --sink
run search --sink
if [ -n "$url" ]; then
  run upload "$url" "$rounds"
  run search "$url" "$rounds"
else
  case " ${chosen:-$known} " in *' upload '* | *' search '* | *' peers '*)
    no_figures 'what needs a Qdrant server' 'QDRANT_URL was not set' ;;
  esac
fi
run gzip_link
run counting "$rounds"
run service_overhead build/release/examples/service/qbatch-service "$rounds"
case " ${chosen:-$known} " in *' peers '*)
  if [ -n "$quick" ]; then
    no_figures peers 'the run was a quick one'
  elif [ -n "$url" ]; then
    sh benchmarks/peers/run.sh "$url" "$grpc_url" "$rounds" || { no_figures peers 'not all could be measured'; failed=1; }
  fi ;;
esac

into=docs
if [ -n "$quick$chosen" ]; then into=build/benchmarks; fi
python3 -B benchmarks/report.py "$QBATCH_FIGURES" $into/performance.md $into/performance
exit $failed
