#include <chrono>
#include <cstdlib>
#include <functional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "qbatch/answer_store.hpp"
#include "qbatch/error.hpp"
#include "support/answers.hpp"
#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/child_process.hpp"
#include "support/request_error.hpp"
#include "support/scratch_folder.hpp"
#include "support/seed.hpp"

using namespace qbatch;
using namespace qbatch::test;
using Kind = Turn::Kind;

namespace {

std::string environmentText(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? "" : text;
}

std::string answerOf(const std::string& key) { return key + std::string(std::hash<std::string>()(key) % 3000, 'x'); }

constexpr int writers = 4;

}  // namespace

// Runs in a process of its own, for the test below.
TEST_CASE("child: has two claims until it is killed", "[.]") {
  const std::string file = environmentText("QBATCH_CHILD_FILE");
  if (file.empty()) return;
  AnswerStore store({file});
  const auto harmful = asked(store, "harmful", "r", false), repeatable = asked(store, "repeatable", "r", true);
  auto dropped = asked(store, "dropped", "r", false);
  dropped.claim.reset();
  const auto done = asked(store, "done", "r", false);
  childReport(kept(*done.claim, "answer"));
  for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
}

TEST_CASE("what was begun when a process was killed is interrupted, unless it may be repeated") {
  const ScratchFolder folder;
  const std::string file = (folder.path() / "answers.db").string();
  ChildProcess child("child: has two claims until it is killed", {"QBATCH_CHILD_FILE=" + file});
  std::string line;
  REQUIRE(child.readLine(line));
  CHECK(line == "");
  const Error inUse = requestError([&] { const AnswerStore store({file}); });
  CHECK(inUse.code() == make_error_code(Errc::inUse));
  CHECK(inUse.message().find("process " + std::to_string(child.pid())) != std::string::npos);
  child.killHard();

  AnswerStore store({file});
  CHECK(asked(store, "harmful", "r", false).kind == Kind::interrupted);
  CHECK(asked(store, "harmful", "r", true).kind == Kind::interrupted);
  CHECK(asked(store, "harmful", "other", false).kind == Kind::otherRequest);
  CHECK(asked(store, "repeatable", "r", true).kind == Kind::first);
  CHECK(asked(store, "dropped", "r", false).kind == Kind::first);
  CHECK(isRepeat(asked(store, "done", "r", false), "answer"));
}

// Runs in a process of its own, for the test below. Says "begun KEY" when a key's turn came, "kept KEY" when its answer was kept, and
// "free KEY" before it drops a claim.
TEST_CASE("child: four writers ask and keep until they are killed", "[.]") {
  const std::string file = environmentText("QBATCH_CHILD_FILE"), run = environmentText("QBATCH_CHILD_RUN");
  if (file.empty()) return;
  AnswerStore store({file});
  std::vector<std::thread> threads;
  for (int writer = 0; writer < writers; ++writer) {
    threads.emplace_back([&, writer] {
      for (int i = 0;; ++i) {
        const std::string key = run + "." + std::to_string(writer) + "." + std::to_string(i) + (i % 3 == 0 ? "r" : "h");
        auto turn = asked(store, key, "r", i % 3 == 0);
        if (turn.kind != Kind::first) childReport("wrong " + key);
        childReport("begun " + key);
        if (i % 7 == 6) {
          childReport("free " + key);
          turn.claim.reset();
        } else {
          childReport((kept(*turn.claim, answerOf(key)).empty() ? "kept " : "wrong ") + key);
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

TEST_CASE("kill -9 at random instants: what was kept is repeated, and what was begun is not begun again") {
  const auto seed = qbatch::test::seed();
  CAPTURE(seed);
  Random random(seed);
  const ScratchFolder folder;
  std::size_t interrupted = 0;
  for (std::size_t kill = 0; kill < campaignSize(5); ++kill) {
    CAPTURE(kill);
    // The same file a few times.
    const std::string file = (folder.path() / ("answers" + std::to_string(kill / 4) + ".db")).string();
    ChildProcess child("child: four writers ask and keep until they are killed",
                       {"QBATCH_CHILD_FILE=" + file, "QBATCH_CHILD_RUN=" + std::to_string(kill)});
    std::string line;
    std::set<std::string> begun, done, freed;
    const auto note = [&] {
      REQUIRE_FALSE(line.starts_with("wrong"));
      (line.starts_with("begun ") ? begun : line.starts_with("kept ") ? done : freed).insert(line.substr(line.find(' ') + 1));
    };
    for (auto wanted = random.below(60); wanted > 0 && child.readLine(line); --wanted) note();
    std::this_thread::sleep_for(std::chrono::microseconds(random.below(20'000)));
    child.killHard();
    while (child.readLine(line)) note();
    AnswerStore store({file});
    for (const std::string& key : begun) {
      CAPTURE(key);
      const bool repeatable = key.back() == 'r';
      const auto turn = asked(store, key, "r", repeatable);
      if (done.contains(key)) {
        CHECK(isRepeat(turn, answerOf(key)));
      } else if (freed.contains(key)) {
        CHECK((turn.kind == Kind::first || (turn.kind == Kind::interrupted && !repeatable)));
      } else {
        // Its answer may have been written already, and not yet been told.
        CHECK((isRepeat(turn, answerOf(key)) || turn.kind == (repeatable ? Kind::first : Kind::interrupted)));
        interrupted += turn.kind == Kind::interrupted ? 1 : 0;
      }
    }
  }
  INFO("keys that were begun and had no answer when the process was killed: " << interrupted);
  SUCCEED();
}
