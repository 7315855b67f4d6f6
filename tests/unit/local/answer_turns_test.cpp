#include "local/answer_turns.hpp"

#include "support/catch.hpp"

using namespace qbatch;
using namespace qbatch::local;
using Kind = AnswerStore::Turn::Kind;

namespace {

const PointId one = PointId::forContent("", "one", ""), two = PointId::forContent("", "two", "");

AnswerAsker askerOf(const PointId& request, bool repeatable = true) {
  return {request, repeatable, [](auto) {}};
}

}  // namespace

TEST_CASE("what is known of a key decides what somebody is told") {
  CHECK(AnswerTurns::turnFor(one, std::nullopt).kind == Kind::first);
  CHECK(AnswerTurns::turnFor(one, KnownAnswer{one, std::nullopt}).kind == Kind::interrupted);
  CHECK(AnswerTurns::turnFor(one, KnownAnswer{two, std::nullopt}).kind == Kind::otherRequest);
  CHECK(AnswerTurns::turnFor(one, KnownAnswer{two, "answer"}).kind == Kind::otherRequest);
  const auto repeat = AnswerTurns::turnFor(one, KnownAnswer{one, "answer"});
  CHECK(repeat.kind == Kind::repeat);
  CHECK(repeat.answer == "answer");
}

TEST_CASE("the same request waits for the one that is running, another one does not") {
  AnswerTurns turns({1000, 0});
  CHECK(turns.running("k") == nullptr);
  turns.start("k", one, true);
  REQUIRE(turns.running("k") != nullptr);
  CHECK(turns.running("k")->begun);
  auto same = askerOf(one), other = askerOf(two);
  CHECK(turns.wait("k", same));
  CHECK_FALSE(turns.wait("k", other));
  CHECK(other.then);
  CHECK(turns.finish("k").size() == 1);
  CHECK(turns.running("k") == nullptr);
}

TEST_CASE("a key that is dropped passes to those who wait, in order, and then is free") {
  AnswerTurns turns({1000, 0});
  turns.start("k", one, true);
  auto first = askerOf(one, true), second = askerOf(one, false);
  REQUIRE(turns.wait("k", first));
  REQUIRE(turns.wait("k", second));
  const auto next = turns.pass("k", false);
  REQUIRE(next);
  CHECK(next->repeatable);
  CHECK_FALSE(turns.running("k")->begun);
  const auto last = turns.pass("k", true);
  REQUIRE(last);
  CHECK_FALSE(last->repeatable);
  CHECK(turns.running("k")->begun);
  CHECK_FALSE(turns.pass("k", false));
  CHECK(turns.size() == 0);
}

TEST_CASE("those who wait can be taken away, and the keys stay") {
  AnswerTurns turns({1000, 0});
  for (const std::string key : {"a", "b"}) {
    turns.start(key, one, false);
    auto asker = askerOf(one);
    REQUIRE(turns.wait(key, asker));
  }
  CHECK(turns.takeWaiting().size() == 2);
  CHECK(turns.takeWaiting().empty());
  CHECK(turns.size() == 2);
}

TEST_CASE("what could not be written is held until its time is over, it is too much, or the key is carried out anew") {
  AnswerTurns turns({1000, 10});
  turns.addUnwritten({"a", one, "1234", 5000});
  turns.addUnwritten({"b", one, "1234", 5001});
  CHECK(turns.unwritten().size() == 2);
  turns.addUnwritten({"a", two, "12", 5002});  // in place of the first, so that there is room
  REQUIRE(turns.unwritten("a") != nullptr);
  CHECK(turns.unwritten("a")->answer == "12");
  CHECK(turns.unwritten("b") != nullptr);
  turns.addUnwritten({"c", one, "123", 5003});  // 12 bytes: the oldest goes
  CHECK(turns.unwritten("b") == nullptr);
  CHECK(turns.unwritten("a") != nullptr);
  turns.addUnwritten({"d", one, std::string(100, 'x'), 5004});  // alone too much: only the newest stays
  CHECK(turns.unwritten().size() == 1);
  CHECK(turns.unwritten("d") != nullptr);
  turns.expire(6003);
  CHECK(turns.unwritten("d") != nullptr);
  turns.expire(6004);
  CHECK(turns.unwritten("d") == nullptr);
  turns.addUnwritten({"e", one, std::nullopt, 6004});
  turns.start("e", one, true);
  CHECK(turns.unwritten().empty());
}
