#pragma once
#include <cstddef>
#include <functional>
#include <list>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "local/answer_file.hpp"
#include "local/answer_queue.hpp"
#include "local/answer_turns.hpp"

namespace qbatch::local {

/// Carries out what is to be done about keys, as much as possible in one transaction, so that many share the wait for the disk. Everybody
/// is told after the commit, or after everything was taken back. The jobs of one key keep their order. Used by one thread at a time.
class AnswerCommit {
 public:
  /// The file must outlive this.
  AnswerCommit(AnswerFile& file, AnswerLimits limits, std::function<WallTime()> clock)
      : file_(file), clock_(std::move(clock)), turns_(limits) {}

  /// Ends every job, but for asks that wait for a request that is running.
  void run(std::list<AnswerJob> jobs);
  /// The same for the last ones: what is kept is written, and nobody gets a first turn any more. Tries once more to write what could not
  /// be written.
  void close(std::list<AnswerJob> jobs);

  [[nodiscard]] const AnswerTurns& turns() const noexcept { return turns_; }

 private:
  using Turn = AnswerStore::Turn;
  /// A job that needs the file, and what it found there.
  struct Step {
    AnswerJob job{};
    Turn turn{};
  };

  std::vector<Step> takeGroup(std::list<AnswerJob>& jobs);
  bool settleAtOnce(AnswerJob& job);
  void carryOut(std::span<Step> steps);
  std::optional<std::string> attempt(std::span<Step> steps, bool tidy);
  bool apply(Step& step, WallTime now);
  bool applyAsk(Step& step, const AnswerAsker& asker, WallTime now);
  bool applyDrop(const std::string& key, WallTime now);
  void committed(Step& step);
  void failed(Step& step, const std::string& problem);
  void dropFailed(const std::string& key, const std::string& problem);
  void answerWaiting(const std::string& key, const std::string& answer);
  void addUnwritten(AnswerTurns::Unwritten entry);
  void writeAgain();
  bool writeOldest();

  AnswerFile& file_;
  std::function<WallTime()> clock_;
  AnswerTurns turns_;
  bool closing_ = false;
  std::size_t groups_ = 0, againAt_ = 0, pause_ = 1;  // groups that wrote; the one after which to write again; how many to let pass then
};

}  // namespace qbatch::local
