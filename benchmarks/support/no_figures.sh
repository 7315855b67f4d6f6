# Read with `.` by the scripts that run benchmarks: says that something has no figures and why, to people and in the file of figures.
no_figures() { # no_figures WHAT WHY, both without quotation marks
  echo "$1: no figures: $2" >&2
  [ -z "${QBATCH_FIGURES:-}" ] || printf '{"no_figures":"%s","why":"%s"}\n' "$1" "$2" >>"$QBATCH_FIGURES"
}
