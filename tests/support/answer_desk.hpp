#pragma once
#include <list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "local/answer_commit.hpp"

namespace qbatch::test {

inline PointId hashOf(std::string_view request) { return PointId::forContent("", request, ""); }

/// Carries out jobs on answers at a time of its own, on this thread, and remembers what everybody was told.
class AnswerDesk {
 public:
  using Turn = AnswerStore::Turn;

  explicit AnswerDesk(const std::string& name = ":memory:", local::AnswerLimits limits = {1000, 0}, local::WallTime time = 1'000'000)
      : now(time), file(name, limits), commit(file, limits, [this] { return now; }) {}

  // These put a job into the next run(); they give its number.
  std::size_t ask(const std::string& key, std::string_view request, bool repeatable = false) {
    const std::size_t number = turns.size();
    turns.emplace_back();
    jobs.push_back({key, local::AnswerAsker{hashOf(request), repeatable, [this, number](Turn turn) {
                                              again_ = again_ || turns[number].has_value();
                                              turns[number] = std::move(turn);
                                            }}});
    return number;
  }
  std::size_t keep(const std::string& key, std::string answer) {
    const std::size_t number = kept.size();
    kept.emplace_back();
    jobs.push_back({key, local::AnswerKeep{std::move(answer), [this, number](std::string problem) {
                                             again_ = again_ || kept[number].has_value();
                                             kept[number] = std::move(problem);
                                           }}});
    return number;
  }
  void drop(const std::string& key) { jobs.push_back({key, local::AnswerDrop{}}); }

  void run() { commit.run(std::exchange(jobs, {})); }
  void close() { commit.close(std::exchange(jobs, {})); }

  /// What this one is told at once: "first", "repeat: answer" and so on; "waits" where it is told nothing yet.
  std::string asked(const std::string& key, std::string_view request, bool repeatable = false) {
    const auto number = ask(key, request, repeatable);
    run();
    return told(number);
  }
  std::string told(std::size_t number) const {
    if (!turns[number]) return "waits";
    switch (turns[number]->kind) {
      case Turn::Kind::first:
        return "first";
      case Turn::Kind::repeat:
        return "repeat: " + turns[number]->answer;
      case Turn::Kind::otherRequest:
        return "other request";
      case Turn::Kind::interrupted:
        return "interrupted";
      case Turn::Kind::broken:
        return "broken";
    }
    return "";
  }
  /// What keep()'s callback got.
  std::string keptNow(const std::string& key, std::string answer) {
    const auto number = keep(key, std::move(answer));
    run();
    return kept[number].value_or("nothing was said");
  }
  void dropNow(const std::string& key) {
    drop(key);
    run();
  }
  /// Somebody was told twice.
  [[nodiscard]] bool toldTwice() const noexcept { return again_; }

  local::WallTime now;
  local::AnswerFile file;
  local::AnswerCommit commit;
  std::vector<std::optional<Turn>> turns;
  std::vector<std::optional<std::string>> kept;
  std::list<local::AnswerJob> jobs;

 private:
  bool again_ = false;
};

}  // namespace qbatch::test
