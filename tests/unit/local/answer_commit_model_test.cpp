// Random jobs on a few keys, with full disks, ends and crashes, compared with what a simple model allows.
#include <algorithm>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/answer_desk.hpp"
#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/scratch_folder.hpp"
#include "support/seed.hpp"

using namespace qbatch;
using namespace qbatch::local;
using namespace qbatch::test;
namespace fs = std::filesystem;

namespace {

constexpr WallTime keepTime = 1000;

/// What a file may say of a key; without an answer it was begun.
struct Row {
  std::string request{};
  std::optional<std::string> answer{};
  WallTime at{};
  bool operator==(const Row&) const = default;
};
using Said = std::optional<Row>;

struct Job {
  enum class Kind { ask, keep, drop } kind{};
  std::size_t number{};
  std::string text{};  // the request, or the answer
  bool repeatable{};
};

/// One key, in this process.
class Key {
 public:
  struct Counts {
    std::size_t firsts = 0, repeats = 0, interrupted = 0, broken = 0, unwritten = 0, passed = 0;
  };

  [[nodiscard]] bool running() const noexcept { return running_.has_value(); }
  [[nodiscard]] const std::deque<Job>& waiting() const noexcept { return waiting_; }

  /// Compares what became of a job with what may.
  void see(const Job& job, const AnswerDesk& desk, bool full, Counts& counts) {
    if (answer_ && over(*answer_, desk)) {
      answer_.reset();
      free_ = true;
    }
    for (Said& said : file_)
      if (said && over(*said, desk)) said.reset();
    switch (job.kind) {
      case Job::Kind::ask:
        return running_ ? seeWaiting(job, desk) : seeAsk(job, desk, full, counts);
      case Job::Kind::keep:
        return seeKeep(job, desk, full, counts);
      case Job::Kind::drop:
        return seeDrop(desk, full, counts);
    }
  }
  /// The next process has the file. At an end that was no crash, what could not be written before was written if it could.
  void end(bool flushed, const AnswerDesk& desk) {
    if (flushed && answer_ && !over(*answer_, desk)) file_ = {answer_};
    if (flushed && !answer_ && free_ && !running_) file_ = {std::nullopt};
    answer_.reset();
    running_.reset();
    waiting_.clear();
    free_ = false;
  }

 private:
  static bool over(const Row& row, const AnswerDesk& desk) { return row.at <= desk.now - keepTime; }
  static std::string turnFor(const std::string& request, const Said& known) {
    if (!known) return "first";
    if (known->request != request) return "other request";
    return known->answer ? "repeat: " + *known->answer : "interrupted";
  }
  void mayBe(Said said) {
    if (std::find(file_.begin(), file_.end(), said) == file_.end()) file_.push_back(std::move(said));
  }

  void seeWaiting(const Job& job, const AnswerDesk& desk) {
    if (job.text == *running_) return waiting_.push_back(job);
    CHECK(desk.told(job.number) == "other request");
  }

  void seeAsk(const Job& job, const AnswerDesk& desk, bool full, Counts& counts) {
    const std::string told = desk.told(job.number);
    if (told == "broken") {
      // Only the first can be, and only where it has to be written that it is begun.
      ++counts.broken;
      CHECK(full);
      CHECK_FALSE(job.repeatable);
      CHECK_FALSE(answer_);
      CHECK((free_ || std::find(file_.begin(), file_.end(), std::nullopt) != file_.end()));
      return;
    }
    if (answer_) {
      CHECK(told == turnFor(job.text, answer_));
    } else if (free_) {
      CHECK(told == "first");
    } else {
      std::erase_if(file_, [&](const Said& said) { return turnFor(job.text, said) != told; });
      CAPTURE(told);
      CHECK_FALSE(file_.empty());
    }
    counts.repeats += told.starts_with("repeat") ? 1 : 0;
    counts.interrupted += told == "interrupted" ? 1 : 0;
    if (told == "first") start(job, desk, counts);
  }
  void start(const Job& job, const AnswerDesk& desk, Counts& counts) {
    ++counts.firsts;
    running_ = job.text;
    mayBeBegun_ = !job.repeatable || file_ != std::vector<Said>{std::nullopt};
    surelyBegun_ = !job.repeatable;
    if (surelyBegun_) file_ = {Row{job.text, std::nullopt, desk.now}};
    free_ = false;
  }

  void seeKeep(const Job& job, const AnswerDesk& desk, bool full, Counts& counts) {
    const std::string problem = desk.kept[job.number].value_or("nothing was said");
    answer_ = Row{*running_, job.text, desk.now};
    if (problem.empty()) {
      file_ = {answer_};
    } else {
      ++counts.unwritten;
      CHECK(full);
      CHECK(problem.find("the answer file") != std::string::npos);
      mayBe(answer_);  // as soon as there is room
    }
    for (const Job& each : waiting_) CHECK(desk.told(each.number) == turnFor(each.text, answer_));
    waiting_.clear();
    running_.reset();
  }

  void seeDrop(const AnswerDesk& desk, bool full, Counts& counts) {
    while (!waiting_.empty()) {
      const Job next = waiting_.front();
      waiting_.pop_front();
      const std::string told = desk.told(next.number);
      if (told == "broken") {
        CHECK(full);
        CHECK_FALSE(next.repeatable);
        CHECK_FALSE(surelyBegun_);
        continue;
      }
      CHECK(told == "first");
      ++counts.passed;
      const Said after = next.repeatable ? Said() : Row{next.text, std::nullopt, desk.now};
      if (full) {
        mayBe(after);
      } else {
        file_ = {after};
      }
      surelyBegun_ = !next.repeatable;
      mayBeBegun_ = full || !next.repeatable;
      return;
    }
    if (!full) file_ = {std::nullopt};
    if (mayBeBegun_) mayBe(std::nullopt);
    free_ = true;
    running_.reset();
  }

  std::optional<std::string> running_{};  // the request
  bool surelyBegun_ = false, mayBeBegun_ = false;
  std::deque<Job> waiting_{};
  Said answer_{};                         // what repeats get
  bool free_ = false;                     // the next is the first, whatever the file says
  std::vector<Said> file_{std::nullopt};  // what the file may say
};

class Schedule {
 public:
  explicit Schedule(Random& random) : random_(random), file_((folder_.path() / "0.db").string()) { open(); }

  void step() {
    if (random_.chance(6)) return end(random_.chance(50));
    if (random_.chance(8)) setFull(!full_);
    if (random_.chance(15)) desk_->now += static_cast<WallTime>(random_.below(700));
    std::map<std::string, std::vector<Job>> planned;
    for (auto& [name, key] : keys_)
      if (random_.chance(60)) planned[name] = plan(name, key);
    desk_->run();
    for (const auto& [name, jobs] : planned)
      for (const Job& job : jobs) keys_[name].see(job, *desk_, full_, counts);
    for (const auto& [name, key] : keys_)
      for (const Job& job : key.waiting()) CHECK(desk_->told(job.number) == "waits");
    CHECK_FALSE(desk_->toldTwice());
  }

  Key::Counts counts{};

 private:
  std::vector<Job> plan(const std::string& name, const Key& key) {
    std::vector<Job> jobs;
    if (key.running() && random_.chance(50)) {
      jobs.push_back(random_.chance(60) ? Job{Job::Kind::keep, 0, someAnswer(), {}} : Job{Job::Kind::drop, 0, {}, {}});
      if (jobs[0].kind == Job::Kind::keep) {
        jobs[0].number = desk_->keep(name, jobs[0].text);
      } else {
        desk_->drop(name);
      }
    }
    for (auto asks = random_.below(3); asks > 0; --asks) {
      const Job job{Job::Kind::ask, desk_->turns.size(), random_.chance(85) ? "r" : "other", random_.chance(40)};
      static_cast<void>(desk_->ask(name, job.text, job.repeatable));
      jobs.push_back(job);
    }
    return jobs;
  }
  std::string someAnswer() { return "answer " + std::to_string(++answers_) + std::string(random_.chance(20) ? 20'000 : 10, 'x'); }

  void open() {
    desk_.reset();
    desk_ = std::make_unique<AnswerDesk>(file_, AnswerLimits{keepTime, 0}, now_);
    full_ = false;
  }
  void setFull(bool full) {
    full_ = full;
    if (full && random_.chance(50)) {
      desk_->file.limitPages(1);
    } else {
      desk_->file.refuseWrites(full);
    }
    if (!full) desk_->file.limitPages(1'000'000);
  }
  /// The store is closed, or its file is copied as it is on the disk at this instant, which is what a crash leaves.
  void end(bool crash) {
    now_ = desk_->now;
    if (crash) {
      const std::string copy = (folder_.path() / (std::to_string(++files_) + ".db")).string();
      fs::copy_file(file_, copy);
      if (fs::exists(file_ + "-wal")) fs::copy_file(file_ + "-wal", copy + "-wal");
      file_ = copy;
    } else {
      desk_->close();
      for (const auto& [name, key] : keys_)
        for (const Job& job : key.waiting()) CHECK(desk_->told(job.number) == "broken");
    }
    for (auto& [name, key] : keys_) key.end(!crash && !full_, *desk_);
    open();
  }

  Random& random_;
  ScratchFolder folder_;
  std::string file_;
  std::size_t files_ = 0, answers_ = 0;
  WallTime now_ = 1'000'000;
  bool full_ = false;
  std::map<std::string, Key> keys_{{"a", {}}, {"b", {}}, {"c", {}}, {std::string("d\0", 2), {}}};
  std::unique_ptr<AnswerDesk> desk_;
};

}  // namespace

TEST_CASE("whatever happens, nothing is carried out twice that must not be, and everybody is told what is so") {
  const auto seed = qbatch::test::seed();
  CAPTURE(seed);
  Random random(seed);
  Key::Counts all;
  for (std::size_t round = 0; round < campaignSize(30); ++round) {
    CAPTURE(round);
    Schedule schedule(random);
    for (int step = 0; step < 80; ++step) {
      CAPTURE(step);
      schedule.step();
    }
    for (const auto member : {&Key::Counts::firsts, &Key::Counts::repeats, &Key::Counts::interrupted, &Key::Counts::broken,
                              &Key::Counts::unwritten, &Key::Counts::passed})
      all.*member += schedule.counts.*member;
  }
  // Everything that the model knows was seen.
  CHECK(all.firsts > 0);
  CHECK(all.repeats > 0);
  CHECK(all.interrupted > 0);
  CHECK(all.broken > 0);
  CHECK(all.unwritten > 0);
  CHECK(all.passed > 0);
}
