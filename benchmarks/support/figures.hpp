#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

// What the benchmarks have in common: figures with their spread, for people on stdout and for benchmarks/report.py in a file.
namespace bench {

/// The middle of several rounds and the quarter marks around it.
struct Spread {
  double median{}, low{}, high{};
  std::size_t rounds{};
};
/// `values` has at least one.
[[nodiscard]] Spread spreadOf(std::vector<double> values);
/// Of one[i] / other[i]: both of the same length, measured in the same rounds.
[[nodiscard]] Spread ratioOf(const std::vector<double>& one, const std::vector<double>& other);

/// One line of the table in docs/performance.md.
struct Figure {
  std::string group;    ///< of figures that stand together: the program, mostly
  std::string what;     ///< "upload, replace: wall time"
  std::string against;  ///< what it is measured against, in the same run; "" where it stands alone
  std::string unit;     ///< "ratio", "us/point", "ns/item", "bytes/item", "s"
  Spread value{};
  std::optional<double> atMost{}, atLeast{};  ///< what is to be reached
  std::string note{};                         ///< conditions that the reader should know, "" mostly
};

/// Prints it, and appends it as one line of JSON to the file that QBATCH_FIGURES names, where it is set. Throws std::runtime_error where
/// that file cannot be written.
void tell(const Figure& figure);

/// CPU time of this process so far, user and system, in seconds.
[[nodiscard]] double cpuSeconds();

}  // namespace bench
