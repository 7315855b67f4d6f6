#!/bin/sh
# The campaigns at full size: every property and kill test 20 times as long as in tests/run.sh. Takes hours.
# usage: [QBATCH_CAMPAIGN=N] sh tests/long.sh [OPTION…]      options as for tests/run.sh
set -eu
QBATCH_CAMPAIGN=${QBATCH_CAMPAIGN:-20}
export QBATCH_CAMPAIGN
exec sh "$(dirname "$0")/run.sh" "$@"
