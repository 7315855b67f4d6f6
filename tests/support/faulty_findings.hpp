#pragma once
#include <cstddef>
#include <map>
#include <string>
#include <utility>

#include "support/faulty_server.hpp"

namespace qbatch::test {

/// What one campaign met and found.
class Findings {
 public:
  /// `kind` is the same words for the same kind of problem.
  void problem(const std::string& kind, const std::string& detail) {
    news_ = ++problems_[kind] == 1 || news_;
    here_ += "\n  " + kind + ": " + detail;
  }
  void count(const std::string& what, std::size_t often = 1) { counts_[what] += often; }
  [[nodiscard]] std::size_t counted(const std::string& what) const {
    const auto found = counts_.find(what);
    return found == counts_.end() ? 0 : found->second;
  }
  /// The problems of one schedule; empty where there are none.
  [[nodiscard]] std::string endSchedule(const FaultyServer& server) {
    for (std::size_t kind = 0; kind < troubleKinds; ++kind) count("trouble " + std::string(troubleNames[kind]), server.met(Trouble(kind)));
    for (std::size_t kind = 0; kind < meddlingKinds; ++kind)
      count("meddling " + std::string(meddlingNames[kind]), server.meddled(Meddling(kind)));
    count("half applied", server.halfApplied());
    count("too large", server.tooLarge());
    count("requests", server.requests());
    return std::exchange(here_, {});
  }

  /// True once after a problem of a kind that was not met before.
  [[nodiscard]] bool news() noexcept { return std::exchange(news_, false); }
  /// How often each kind of problem was met.
  [[nodiscard]] std::string problems() const { return listed(problems_); }
  [[nodiscard]] std::string counts() const { return listed(counts_); }

 private:
  static std::string listed(const std::map<std::string, std::size_t>& all) {
    std::string text;
    for (const auto& [what, often] : all) text += "\n  " + std::to_string(often) + " times: " + what;
    return text;
  }

  std::string here_{};
  bool news_ = false;
  std::map<std::string, std::size_t> problems_{}, counts_{};
};

}  // namespace qbatch::test
