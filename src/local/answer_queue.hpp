#pragma once
#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <variant>

#include "local/answer_turns.hpp"

namespace qbatch::local {

/// The claim on a key was dropped.
struct AnswerDrop {};
/// The claim's answer.
struct AnswerKeep {
  std::string answer{};
  std::function<void(std::string problem)> then{};
};
/// What is to be done about a key.
struct AnswerJob {
  std::string key{};
  std::variant<AnswerDrop, AnswerKeep, AnswerAsker> what{};
};

/// Jobs on their way to the one thread that carries them out, first in, first out. Pushing needs no memory, because claims are dropped in
/// destructors.
class AnswerQueue {
 public:
  struct Taken {
    std::list<AnswerJob> jobs{};
    bool closed = false;  ///< they are the last ones, or there are none
  };

  /// Takes the jobs over; false after close(), and then they are left where they are.
  [[nodiscard]] bool push(std::list<AnswerJob>& jobs) noexcept;
  /// Waits for jobs, or for close(), and takes all that wait.
  [[nodiscard]] Taken takeAll();
  /// What waits is still handed out.
  void close() noexcept;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<AnswerJob> jobs_;
  bool closed_ = false;
};

}  // namespace qbatch::local
