#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace bench {

/// What one way did in one round.
struct Figures {
  double seconds{};
  std::size_t requests{}, lostRounds{};
  std::int64_t missing{};  ///< increments that were handed over less those that are there
};

struct Spread {
  double least{}, median{}, most{};
};
inline Spread spread(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return {values.front(), values[values.size() / 2], values.back()};
}

/// One way's figures of all rounds, beside those of the way that it is measured against.
struct Way {
  const char* title;
  std::vector<Figures> rounds{};
  double operations = 1;  ///< an increment

  [[nodiscard]] Spread over(const std::function<double(const Figures&)>& figure) const {
    std::vector<double> values;
    for (const auto& round : rounds) values.push_back(figure(round));
    return spread(std::move(values));
  }
  /// Of the times, round by round.
  [[nodiscard]] Spread to(const Way& other) const {
    std::vector<double> values;
    for (std::size_t i = 0; i < rounds.size(); ++i) values.push_back(rounds[i].seconds / other.rounds[i].seconds);
    return spread(std::move(values));
  }
};

inline std::string text(const Spread& values, const char* form) {
  const auto one = [&](double value) { return fmt::format(fmt::runtime(form), value); };
  return one(values.median) + " (" + one(values.least) + " to " + one(values.most) + ")";
}

}  // namespace bench
