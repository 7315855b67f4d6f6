#include "metrics/guarded_update.hpp"

#include "support/catch.hpp"
#include "support/guarded_rig.hpp"

using namespace qbatch;
using namespace qbatch::metrics;
using namespace qbatch::test;
using Catch::Matchers::Contains;
using Catch::Matchers::Equals;
using Kind = Verdict::Kind;

TEST_CASE("guarded_update: read, write, read back: three requests where nothing goes wrong", "[metrics]") {
  GuardedRig rig({counting(1), counting(2, 5), counting(3)});
  rig.put(2, R"({"usage_count":10,"code":"kept"})");
  CHECK(rig.takeRead() == std::vector<PointId>{1, 2, 3});
  rig.read();
  CHECK(rig.keys == std::vector<std::string>{"_qbatch_W", "_qbatch_last", "usage_count"});
  const auto operations = rig.takeWrite();
  CHECK(operations.size() == 2);
  rig.apply(operations);
  rig.update.written();
  rig.read();
  CHECK(rig.finished().kind == Kind::completed);
  CHECK(rig.finished().items.empty());
  CHECK(rig.count(1) == "1");
  CHECK(rig.count(2) == "15");
  CHECK(rig.points.member(2, "code") == "\"kept\"");
  CHECK(rig.points.member(2, "_qbatch_last") == "\"W.100\"");
  CHECK(rig.settledMarks() == std::vector<PointId>{1, 2, 3});
}

TEST_CASE("guarded_update: without changes there is nothing to do", "[metrics]") {
  GuardedRig rig({});
  CHECK(rig.finished().items.empty());
}

TEST_CASE("guarded_update: absent points and counters of other kinds are rejected, the others are applied", "[metrics]") {
  GuardedRig rig({counting(1), counting(2), counting(3), counting(4)});
  rig.points.erase(1);
  rig.put(2, R"({"usage_count":"x"})");
  rig.put(3, R"({"usage_count":9007199254740992})");
  rig.read();
  rig.write();
  CHECK(rig.takeRead() == std::vector<PointId>{4});
  rig.read();
  const auto items = rig.finished().items;
  REQUIRE(items.size() == 3);
  for (const auto& item : items) CHECK(item.outcome == Outcome::rejected);
  CHECK_THAT(items[0].error.message(), Equals("No point with id 1 in collection `patterns`"));
  CHECK_THAT(items[1].error.message(), Contains("point 2: `usage_count` holds a value of kind string"));
  CHECK_THAT(items[2].error.message(), Contains("point 3: `usage_count` would leave the range"));
  CHECK(rig.count(4) == "1");
}

TEST_CASE("guarded_update: where every point is rejected or has nothing to gain, nothing is written", "[metrics]") {
  GuardedRig rig({counting(1), {.id = 2, .lastUsed = "2025-01-01T00:00:00Z"}});
  rig.points.erase(1);
  rig.put(2, R"({"last_used":"2026-01-01T00:00:00Z"})");
  rig.read();
  CHECK(rig.outcome(0) == Outcome::rejected);
  CHECK(rig.outcome(1) == Outcome::done);
  CHECK(rig.settledMarks().empty());
}

TEST_CASE("guarded_update: who loses to another writer goes round again with what was just read", "[metrics]") {
  GuardedRig rig({counting(1), counting(2)});
  rig.read();
  const auto first = rig.takeWrite();
  rig.points.setMember(1, "usage_count", "7");
  rig.apply(first);
  rig.update.written();
  rig.read();
  rig.write();  // the read-back is the next round's read; no pause after the first loss
  rig.read();
  CHECK(rig.finished().items.empty());
  CHECK(rig.count(1) == "8");
  CHECK(rig.count(2) == "1");
}

TEST_CASE("guarded_update: from the second loss on a pause and a fresh read come before the write, and the rounds are limited",
          "[metrics]") {
  GuardedRig rig({counting(1)}, 8);
  std::vector<unsigned> pauses;
  for (int round = 1; round <= 8; ++round) {
    rig.read();
    if (round > 2) {
      pauses.push_back(rig.pause());
      CHECK(rig.outOfStep);
      rig.read();
    }
    const auto operations = rig.takeWrite();
    rig.points.setMember(1, "usage_count", std::to_string(100 * round));
    rig.points.setMember(1, "_qbatch_last", "\"other.1\"");
    rig.apply(operations);
    rig.update.written();
  }
  rig.read();
  CHECK(pauses == std::vector<unsigned>{1, 2, 3, 4, 4, 4});
  CHECK(rig.outcome(0) == Outcome::failed);
  CHECK_THAT(rig.update.verdict().items[0].error.message(), Contains("other.1"));
  CHECK(rig.count(1) == "800");
  CHECK(rig.settledMarks().empty());
}

TEST_CASE("guarded_update: a point that goes away is rejected, or unknown while a copy is alive", "[metrics]") {
  GuardedRig rig({counting(1)});
  rig.read();
  static_cast<void>(rig.takeWrite());
  rig.points.erase(1);
  const bool answered = GENERATE(true, false);
  if (answered) {
    rig.update.written();
  } else {
    rig.update.writeFailed(lost);
    rig.pause();
  }
  rig.read();
  CHECK(rig.outcome(0) == (answered ? Outcome::rejected : Outcome::unknown));
  CHECK(rig.update.verdict().items[0].error.code() == Errc::pointNotFound);
}

TEST_CASE("guarded_update: a flush whose mark is there already is done and not written again", "[metrics]") {
  GuardedRig rig({counting(1)});
  rig.put(1, R"({"usage_count":4,"_qbatch_W":100})");
  rig.read();
  CHECK(rig.outcome(0) == Outcome::done);
  CHECK(rig.settledMarks().empty());
}

TEST_CASE("guarded_update: the last use is left out when another one set a later time meanwhile", "[metrics]") {
  GuardedRig rig({{.id = 1, .increments = {{"usage_count", 1}}, .lastUsed = "2025-06-01T12:00:00Z"}});
  rig.read();
  const auto first = rig.takeWrite();
  rig.put(1, R"({"usage_count":3,"last_used":"2025-06-01T12:00:01Z"})");
  rig.apply(first);
  rig.update.written();
  rig.read();
  rig.write();
  rig.read();
  CHECK(rig.finished().items.empty());
  CHECK(rig.count(1) == "4");
  CHECK(rig.points.member(1, "last_used") == R"("2025-06-01T12:00:01Z")");
}

TEST_CASE("guarded_update: a payload that is no JSON object harms its own point alone", "[metrics]") {
  GuardedRig rig({counting(1), counting(2)});
  static_cast<void>(rig.takeRead());
  std::vector<StoredPoint> answer(2);
  answer[0].id = 1;
  answer[0].payload = "{";
  answer[1].id = 2;  // without a payload: nothing of what was asked for
  rig.update.read(answer);
  rig.write();
  rig.read();
  CHECK(rig.outcome(0) == Outcome::failed);
  CHECK(rig.outcome(1) == Outcome::done);
}
