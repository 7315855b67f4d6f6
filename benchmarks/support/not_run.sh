# Read with `.` by the scripts that run benchmarks: says that a program has no figures and why, to people and in the file of figures.
not_run() { # not_run PROGRAM WHY, both without quotation marks
  echo "$1 was not run: $2" >&2
  [ -z "${QBATCH_FIGURES:-}" ] || printf '{"not_run":"%s","why":"%s"}\n' "$1" "$2" >>"$QBATCH_FIGURES"
}
