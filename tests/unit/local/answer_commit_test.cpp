#include "local/answer_commit.hpp"

#include <sqlite3.h>

#include <stdexcept>

#include "support/answer_desk.hpp"
#include "support/catch.hpp"
#include "support/scratch_folder.hpp"

using namespace qbatch;
using namespace qbatch::local;
using namespace qbatch::test;

namespace {

/// Counts the transactions of the connections that are opened while it lives.
class CommitCount {
 public:
  CommitCount() {
    count() = 0;
    sqlite3_auto_extension(reinterpret_cast<void (*)()>(watch));
  }
  CommitCount(const CommitCount&) = delete;
  CommitCount& operator=(const CommitCount&) = delete;
  ~CommitCount() { sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(watch)); }
  static int& count() {
    static int commits = 0;
    return commits;
  }

 private:
  static int watch(sqlite3* connection, const char**, const void*) {
    sqlite3_commit_hook(
        connection, [](void*) { return ++count(), 0; }, nullptr);
    return 0;
  }
};

const std::string large(200'000, 'x');

/// Lets the file grow no more; what is deleted from it may be used again.
void fill(AnswerDesk& desk) { desk.file.limitPages(1); }
void makeRoom(AnswerDesk& desk) { desk.file.limitPages(1'000'000); }

}  // namespace

TEST_CASE("the first is carried out, repeats get its answer, and another request is refused") {
  AnswerDesk desk;
  CHECK(desk.asked("k", "r") == "first");
  CHECK(desk.asked("k", "other") == "other request");
  const auto waiting = desk.ask("k", "r");
  desk.run();
  CHECK(desk.told(waiting) == "waits");
  CHECK(desk.keptNow("k", "answer") == "");
  CHECK(desk.told(waiting) == "repeat: answer");
  CHECK(desk.asked("k", "r") == "repeat: answer");
  CHECK(desk.asked("k", "other") == "other request");
  CHECK(desk.commit.turns().size() == 0);
}

TEST_CASE("many keys share one transaction, and what only reads has none to wait for") {
  const ScratchFolder folder;
  const CommitCount commits;
  AnswerDesk desk((folder.path() / "a.db").string());
  const auto keyOf = [](int i) { return "k" + std::to_string(i); };
  for (int i = 0; i < 50; ++i) desk.ask(keyOf(i), "r");
  const int before = CommitCount::count();
  desk.run();
  CHECK(CommitCount::count() == before + 1);
  for (int i = 0; i < 50; ++i) desk.keep(keyOf(i), "answer");
  desk.run();
  CHECK(CommitCount::count() == before + 2);
  for (const auto& kept : desk.kept) CHECK(kept == "");
  for (int i = 0; i < 50; ++i) desk.ask(keyOf(i), "r");
  for (int i = 50; i < 100; ++i) desk.ask(keyOf(i), "r", true);
  desk.run();
  CHECK(CommitCount::count() == before + 2);
  CHECK(desk.told(99) == "repeat: answer");
  CHECK(desk.told(149) == "first");
}

TEST_CASE("jobs of one key keep their order within a run") {
  AnswerDesk desk;
  const auto first = desk.ask("k", "r"), second = desk.ask("k", "r");
  desk.run();
  desk.keep("k", "answer");
  const auto third = desk.ask("k", "r"), other = desk.ask("x", "r");
  desk.run();
  CHECK(desk.told(first) == "first");
  CHECK(desk.told(second) == "repeat: answer");
  CHECK(desk.told(third) == "repeat: answer");
  CHECK(desk.told(other) == "first");
}

TEST_CASE("a dropped claim passes to the first who waits, and what was begun follows it") {
  const ScratchFolder folder;
  AnswerDesk desk((folder.path() / "a.db").string());
  CHECK(desk.asked("k", "r", false) == "first");
  const auto repeatable = desk.ask("k", "r", true), harmful = desk.ask("k", "r", false);
  desk.run();
  CHECK_FALSE(desk.file.find("k", desk.now)->answer);
  desk.dropNow("k");
  CHECK(desk.told(repeatable) == "first");
  CHECK(desk.told(harmful) == "waits");
  CHECK_FALSE(desk.file.find("k", desk.now));
  desk.dropNow("k");
  CHECK(desk.told(harmful) == "first");
  CHECK(desk.file.find("k", desk.now));
  desk.dropNow("k");
  CHECK_FALSE(desk.file.find("k", desk.now));
  CHECK(desk.asked("k", "another request is free to use it") == "first");
}

TEST_CASE("an answer is forgotten when its time is over, a running claim never") {
  AnswerDesk desk;
  CHECK(desk.asked("k", "r") == "first");
  desk.now += 5000;
  CHECK(desk.asked("x", "r") == "first");  // writes, and tidies
  CHECK(desk.asked("k", "r") == "waits");
  CHECK(desk.file.bytes() == 2);
  CHECK(desk.keptNow("k", "answer") == "");
  desk.now += 999;
  CHECK(desk.asked("k", "r") == "repeat: answer");
  desk.now += 1;
  CHECK(desk.asked("k", "other") == "first");
}

TEST_CASE("what is over is removed in passing") {
  AnswerDesk desk;
  for (int i = 0; i < 200; ++i) {
    desk.ask(std::to_string(1000 + i), "r");
    desk.run();
    desk.keep(std::to_string(1000 + i), "answer");
  }
  desk.run();
  CHECK(desk.file.bytes() == 200 * 10);
  desk.now += 1000;
  CHECK(desk.asked("k", "r", true) == "first");
  CHECK(desk.file.bytes() == 200 * 10);  // nothing was to be written
  CHECK(desk.keptNow("k", "") == "");
  CHECK(desk.file.bytes() == 134 * 10 + 1);  // a portion
  for (int i = 0; i < 3; ++i) {
    CHECK(desk.asked("x" + std::to_string(i), "r") == "first");
  }
  CHECK(desk.file.bytes() == 1 + 3 * 2);
}

TEST_CASE("without room a harmful request is not begun, and a repeatable one is") {
  const ScratchFolder folder;
  AnswerDesk desk((folder.path() / "a.db").string());
  fill(desk);
  const std::string key(255, 'k');
  std::size_t begun = 0;
  while (begun < 1000 && desk.asked(key + std::to_string(begun), "r") == "first") ++begun;
  REQUIRE(begun < 1000);
  CHECK(desk.told(begun) == "broken");
  CHECK(desk.turns[begun]->answer.find("free space") != std::string::npos);
  CHECK(desk.turns[begun]->answer.find("answer file") != std::string::npos);
  CHECK(desk.asked(key + "r", "r", true) == "first");
  // One that has no room does not spoil the others of its transaction.
  const auto repeatable = desk.ask("k1", "r", true), harmful = desk.ask(key + "x", "r"), other = desk.ask("k2", "r", true);
  desk.run();
  CHECK(desk.told(repeatable) == "first");
  CHECK(desk.told(harmful) == "broken");
  CHECK(desk.told(other) == "first");
  makeRoom(desk);
  CHECK(desk.asked(key + "x", "r") == "first");
}

TEST_CASE("an answer without room is known as long as it can be, and written once there is room") {
  const ScratchFolder folder;
  const std::string name = (folder.path() / "a.db").string();
  {
    AnswerDesk desk(name);
    CHECK(desk.asked("k", "r") == "first");
    const auto waiting = desk.ask("k", "r");
    desk.run();
    fill(desk);
    CHECK(desk.keptNow("k", large).find("free space") != std::string::npos);
    CHECK(desk.told(waiting) == "repeat: " + large);
    CHECK(desk.asked("k", "r") == "repeat: " + large);
    CHECK(desk.asked("k", "other") == "other request");
    CHECK_FALSE(desk.file.find("k", desk.now)->answer);  // so that it is interrupted after a crash
    SECTION("by the next that is written") {
      makeRoom(desk);
      desk.asked("other", "r");
      CHECK(desk.commit.turns().unwritten().empty());
    }
    SECTION("at the end") {
      makeRoom(desk);
      desk.close();
    }
  }
  AnswerDesk desk(name);
  CHECK(desk.asked("k", "r") == "repeat: " + large);
}

TEST_CASE("an answer without room is forgotten when its time is over") {
  const ScratchFolder folder;
  AnswerDesk desk((folder.path() / "a.db").string());
  CHECK(desk.asked("k", "r") == "first");
  fill(desk);
  CHECK(desk.keptNow("k", large) != "");
  desk.now += 999;
  CHECK(desk.asked("k", "r", true) == "repeat: " + large);
  desk.now += 1;
  CHECK(desk.asked("k", "r", true) == "first");
}

TEST_CASE("a claim that is dropped where nothing can be written is free all the same") {
  const ScratchFolder folder;
  const std::string name = (folder.path() / "a.db").string(), copy = (folder.path() / "copy.db").string();
  AnswerDesk desk(name);
  CHECK(desk.asked("k", "r") == "first");
  CHECK(desk.asked("repeatable", "r", true) == "first");
  const auto harmful = desk.ask("repeatable", "r"), last = desk.ask("repeatable", "r", true);
  desk.run();
  // What deletes would have to write, too: a file that may only be read stands for a disk without any room.
  desk.file.refuseWrites(true);
  desk.dropNow("k");
  desk.dropNow("repeatable");
  CHECK(desk.told(harmful) == "broken");
  CHECK(desk.told(last) == "first");
  CHECK(desk.file.find("k", desk.now));
  CHECK(desk.asked("k", "other") == "broken");
  CHECK(desk.asked("k", "other", true) == "first");
  const auto next = desk.ask("k", "other");
  desk.run();
  desk.dropNow("k");
  CHECK(desk.told(next) == "first");  // the file says already that it was begun
  desk.dropNow("k");
  desk.file.refuseWrites(false);
  CHECK(desk.asked("x", "r") == "first");
  CHECK_FALSE(desk.file.find("k", desk.now));
}

TEST_CASE("at the end what is kept is written, and nobody is first any more") {
  const ScratchFolder folder;
  const std::string name = (folder.path() / "a.db").string();
  {
    AnswerDesk desk(name);
    for (const char* key : {"kept", "dropped", "running"}) CHECK(desk.asked(key, "r") == "first");
    const auto kept = desk.ask("kept", "r"), dropped = desk.ask("dropped", "r"), running = desk.ask("running", "r");
    const auto fresh = desk.ask("new", "r");
    desk.keep("kept", "answer");
    desk.drop("dropped");
    desk.close();
    CHECK(desk.told(kept) == "repeat: answer");
    CHECK(desk.told(dropped) == "broken");
    CHECK(desk.told(running) == "broken");
    CHECK(desk.turns[running]->answer.find("closed") != std::string::npos);
    CHECK(desk.told(fresh) == "broken");
  }
  AnswerDesk desk(name);
  CHECK(desk.asked("kept", "r") == "repeat: answer");
  CHECK(desk.asked("dropped", "r") == "first");
  CHECK(desk.asked("new", "r") == "first");
  CHECK(desk.asked("running", "r") == "interrupted");
  CHECK(desk.asked("running", "other") == "other request");
  desk.now += 1000;
  CHECK(desk.asked("running", "r") == "first");
}

TEST_CASE("what a callback throws is its own") {
  AnswerDesk desk;
  desk.jobs.push_back({"k", AnswerAsker{hashOf("r"), false, [](auto) { throw std::runtime_error("on purpose"); }}});
  const auto other = desk.ask("x", "r");
  desk.run();
  CHECK(desk.told(other) == "first");
  CHECK(desk.commit.turns().running("k") != nullptr);
}
