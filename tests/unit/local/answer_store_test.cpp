#include "qbatch/answer_store.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "qbatch/error.hpp"
#include "support/answers.hpp"
#include "support/catch.hpp"
#include "support/file_size_limit.hpp"
#include "support/request_error.hpp"
#include "support/scratch_folder.hpp"

using namespace qbatch;
using namespace qbatch::test;
using Kind = Turn::Kind;

TEST_CASE("a repeat gets the first answer byte for byte, also from a reopened file") {
  const ScratchFolder folder;
  const AnswerStoreOptions options{(folder.path() / "answers.db").string()};
  const std::string key("k\0\xff", 3), request("r\0s", 3), answer("a\0b\xfe", 4);
  {
    AnswerStore store(options);
    const auto first = asked(store, key, request);
    REQUIRE(first.kind == Kind::first);
    CHECK(kept(*first.claim, answer) == "");
    CHECK(isRepeat(asked(store, key, request), answer));
    CHECK(asked(store, key, std::string("r\0t", 3)).kind == Kind::otherRequest);
    CHECK(asked(store, "k", request).kind == Kind::first);  // its claim is dropped at once
    CHECK(asked(store, "k", request).kind == Kind::first);
  }
  AnswerStore store(options);
  CHECK(isRepeat(asked(store, key, request), answer));
  CHECK(asked(store, "k", request).kind == Kind::first);
}

TEST_CASE("a repeat that comes while the first one runs waits for its answer") {
  AnswerStore store;
  const auto first = asked(store, "k", "r");
  auto waiting = asking(store, "k", "r");
  CHECK(asked(store, "other", "r").kind == Kind::first);  // after the one that waits was looked at
  CHECK(waiting.wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
  CHECK(kept(*first.claim, "answer") == "");
  CHECK(isRepeat(waiting.get(), "answer"));
}

TEST_CASE("a dropped claim passes to those who wait, one after the other") {
  AnswerStore store;
  auto first = asked(store, "k", "r");
  auto second = asking(store, "k", "r"), third = asking(store, "k", "r"), fourth = asking(store, "k", "r");
  first.claim.reset();
  auto next = second.get();
  REQUIRE(next.kind == Kind::first);
  AnswerStore::Claim moved = std::move(*next.claim);
  next.claim.reset();  // nothing is in it any more
  CHECK(asked(store, "other", "r").kind == Kind::first);
  CHECK(third.wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
  auto last = asked(store, "another", "r");
  moved = std::move(*last.claim);  // drops what it was
  const auto again = third.get();
  REQUIRE(again.kind == Kind::first);
  CHECK(kept(*again.claim, "answer") == "");
  CHECK(isRepeat(fourth.get(), "answer"));
}

TEST_CASE("of many threads with the same keys one carries each out, and all get its answer") {
  constexpr std::size_t keys = 50, threads = 8, rounds = 3;
  const ScratchFolder folder;
  std::array<std::atomic<int>, keys> done{};
  std::atomic<int> wrong{0};
  {
    AnswerStore store({(folder.path() / "answers.db").string()});
    std::vector<std::thread> all;
    for (std::size_t thread = 0; thread < threads; ++thread) {
      all.emplace_back([&, thread] {
        for (std::size_t i = 0; i < keys * rounds; ++i) {
          const std::size_t key = (i * 7 + thread * 13) % keys;
          const std::string name = "key " + std::to_string(key), answer = "answer " + std::to_string(key);
          const auto turn = asked(store, name, "request of " + name, key % 2 == 0);
          // Every fifth key is given up once, by whoever has it first.
          if (turn.kind == Kind::first) {
            if (done[key].fetch_add(1) == 0 && key % 5 == 0) continue;
            if (!kept(*turn.claim, answer).empty()) ++wrong;
          } else if (!isRepeat(turn, answer)) {
            ++wrong;
          }
        }
      });
    }
    for (auto& thread : all) thread.join();
  }
  CHECK(wrong == 0);
  for (std::size_t key = 0; key < keys; ++key) CHECK(done[key] == (key % 5 == 0 ? 2 : 1));
}

TEST_CASE("claims outlive the store, and do nothing any more; those who wait hear that it was closed") {
  const ScratchFolder folder;
  const AnswerStoreOptions options{(folder.path() / "answers.db").string()};
  std::optional<AnswerStore> store(options);
  auto kept1 = asked(*store, "kept late", "r"), dropped = asked(*store, "dropped late", "r"), last = asked(*store, "kept", "r");
  auto waiting = asking(*store, "kept late", "r");
  last.claim->keep("answer", {});
  store.reset();
  const auto told = waiting.get();
  CHECK(told.kind == Kind::broken);
  CHECK(told.answer.find("closed") != std::string::npos);
  CHECK(kept(*kept1.claim, "answer").find("closed") != std::string::npos);
  dropped.claim.reset();
  store.emplace(options);
  CHECK(isRepeat(asked(*store, "kept", "r"), "answer"));
  CHECK(asked(*store, "kept late", "r").kind == Kind::interrupted);
  CHECK(asked(*store, "dropped late", "r").kind == Kind::interrupted);
}

TEST_CASE("a store may be destroyed in a callback of its own") {
  auto store = std::make_unique<AnswerStore>();
  AnswerStore& itself = *store;
  std::promise<void> entered, asked;
  itself.ask("a", "r", true, [&](Turn) {
    entered.set_value();
    asked.get_future().wait();
    store.reset();
  });
  entered.get_future().wait();
  auto later = asking(itself, "b", "r", true);
  asked.set_value();
  CHECK(later.get().kind == Kind::broken);
}

TEST_CASE("what callbacks throw does not end the store, and the claim in it is dropped") {
  AnswerStore store;
  store.ask("k", "r", false, [](const Turn&) { throw std::runtime_error("on purpose"); });
  const auto turn = asked(store, "k", "r");
  REQUIRE(turn.kind == Kind::first);
  turn.claim->keep("answer", [](const std::string&) { throw std::runtime_error("on purpose"); });
  CHECK(isRepeat(asked(store, "k", "r"), "answer"));
}

TEST_CASE("misuse is told at once") {
  AnswerStore store;
  const auto nothing = [](const Turn&) {};
  CHECK_THROWS_AS(store.ask("", "r", true, nothing), ConfigError);
  CHECK_THROWS_AS(store.ask(std::string(256, 'k'), "r", true, nothing), ConfigError);
  CHECK(asked(store, std::string(255, 'k'), "").kind == Kind::first);
  auto turn = asked(store, "k", "r");
  CHECK(kept(*turn.claim, "answer") == "");
  CHECK_THROWS_AS(turn.claim->keep("another", {}), ConfigError);
  CHECK(isRepeat(asked(store, "k", "r"), "answer"));
  CHECK_THROWS_AS(AnswerStore({":memory:", std::chrono::seconds(0)}), ConfigError);
  CHECK_THROWS_AS(AnswerStore({":memory:", std::chrono::seconds::max()}), ConfigError);
}

TEST_CASE("a file that is in use or cannot be is refused") {
  const ScratchFolder folder;
  const std::string file = (folder.path() / "answers.db").string();
  const AnswerStore store({file});
  CHECK(requestError([&] { const AnswerStore second({file}); }).code() == make_error_code(Errc::inUse));
  const Error missing = requestError([&] { const AnswerStore second({(folder.path() / "none/answers.db").string()}); });
  CHECK(missing.code() == make_error_code(Errc::storageBroken));
  CHECK(missing.message().find("the answer file") != std::string::npos);
  CHECK(requestError([&] { const AnswerStore second({""}); }).code() == make_error_code(Errc::storageBroken));
}

TEST_CASE("an answer that is too large for the disk is given to repeats all the same") {
  const ScratchFolder folder;
  const AnswerStoreOptions options{(folder.path() / "answers.db").string()};
  const std::string large(500'000, 'x');
  std::optional<AnswerStore> store(options);
  const auto first = asked(*store, "k", "r"), other = asked(*store, "other", "r");
  auto waiting = asking(*store, "k", "r");
  {
    const FileSizeLimit limit(std::filesystem::file_size(options.file + "-wal") + 100);
    const std::string problem = kept(*first.claim, large);
    CAPTURE(problem);
    CHECK(problem.find("the answer file") != std::string::npos);
    CHECK(isRepeat(waiting.get(), large));
    CHECK(isRepeat(asked(*store, "k", "r"), large));
    const auto refused = asked(*store, "new", "r");
    CHECK(refused.kind == Kind::broken);
    CHECK(refused.answer.find("the answer file") != std::string::npos);
    CHECK(asked(*store, "new", "r", true).kind == Kind::first);
  }
  CHECK(kept(*other.claim, "answer") == "");
  store.reset();
  store.emplace(options);
  CHECK(isRepeat(asked(*store, "other", "r"), "answer"));
  CHECK(isRepeat(asked(*store, "k", "r"), large));
}
