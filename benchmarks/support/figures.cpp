#include "support/figures.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace bench {
namespace {

double secondsOf(const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6; }

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string jsonOf(const Figure& figure) {
  auto line = fmt::format(R"({{"group":{},"what":{},"against":{},"unit":{},"median":{},"low":{},"high":{},"rounds":{})",
                          quoted(figure.group), quoted(figure.what), quoted(figure.against), quoted(figure.unit), figure.value.median,
                          figure.value.low, figure.value.high, figure.value.rounds);
  if (figure.atMost) line += fmt::format(R"(,"at_most":{})", *figure.atMost);
  if (figure.atLeast) line += fmt::format(R"(,"at_least":{})", *figure.atLeast);
  if (!figure.note.empty()) line += ",\"note\":" + quoted(figure.note);
  return line + "}\n";
}

std::string verdictOf(const Figure& figure) {
  const double median = figure.value.median;
  if (figure.atMost) return fmt::format("  at most {:g}: {}", *figure.atMost, median <= *figure.atMost ? "reached" : "missed");
  if (figure.atLeast) return fmt::format("  at least {:g}: {}", *figure.atLeast, median >= *figure.atLeast ? "reached" : "missed");
  return {};
}

}  // namespace

Spread spreadOf(std::vector<double> values) {
  if (values.empty()) throw std::invalid_argument("no values to take a median of");
  std::sort(values.begin(), values.end());
  const auto last = values.size() - 1;
  return {values[values.size() / 2], values[last / 4], values[last - last / 4], values.size()};
}

Spread ratioOf(const std::vector<double>& one, const std::vector<double>& other) {
  if (one.size() != other.size()) throw std::invalid_argument("rounds of unequal number");
  std::vector<double> ratios;
  for (std::size_t i = 0; i < one.size(); ++i) ratios.push_back(one[i] / other[i]);
  return spreadOf(std::move(ratios));
}

void tell(const Figure& figure) {
  const auto against = figure.against.empty() ? "" : " / " + figure.against;
  fmt::print("{}: {}{}: {:.4g} {} ({:.4g} to {:.4g}, {} rounds){}{}\n", figure.group, figure.what, against, figure.value.median,
             figure.unit, figure.value.low, figure.value.high, figure.value.rounds, verdictOf(figure),
             figure.note.empty() ? "" : "  [" + figure.note + "]");
  std::fflush(stdout);
  const char* const path = std::getenv("QBATCH_FIGURES");
  if (!path) return;
  std::FILE* const file = std::fopen(path, "a");
  const auto line = jsonOf(figure);
  const bool written = file && std::fwrite(line.data(), 1, line.size(), file) == line.size();
  if (!file || std::fclose(file) != 0 || !written) throw std::runtime_error(std::string("cannot write the figures to ") + path);
}

double cpuSeconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return secondsOf(usage.ru_utime) + secondsOf(usage.ru_stime);
}

}  // namespace bench
