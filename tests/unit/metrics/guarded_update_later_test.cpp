#include "metrics/guarded_update.hpp"
#include "support/catch.hpp"
#include "support/guarded_rig.hpp"

using namespace qbatch;
using namespace qbatch::metrics;
using namespace qbatch::test;
using Kind = Verdict::Kind;
using std::chrono::milliseconds;

namespace {

Verdict asking(Kind kind, milliseconds time, bool maybeApplied = false, Errc code = Errc::throttled, int status = 429) {
  auto verdict = failure(kind, maybeApplied, code, status);
  verdict.retryAfter = time;
  return verdict;
}

milliseconds leastPause(GuardedRig& rig) {
  const auto action = rig.update.next();
  REQUIRE(std::holds_alternative<GuardedUpdate::Pause>(action));
  return std::get<GuardedUpdate::Pause>(action).atLeast;
}

}  // namespace

TEST_CASE("guarded_update: a request to come later in the middle of several changes", "[metrics]") {
  const auto verdict = failure(GENERATE(Kind::throttled, Kind::tooLarge), false, Errc::throttled, 429);
  GuardedRig rig({counting(1), counting(2)});
  rig.put(2, R"({"usage_count":1})");
  rig.read();
  const auto operations = rig.takeWrite();
  SECTION("nothing was applied: all of it can be sent again by the caller") {
    rig.update.writeFailed(verdict);
    rig.read();
    CHECK(rig.finished().kind == verdict.kind);
  }
  SECTION("some of it was applied: the rest goes on here") {
    rig.apply({operations[0]});
    rig.update.writeFailed(verdict);
    rig.read();
    CHECK(rig.pause() == 1);
    rig.read();
    rig.write();
    rig.read();
    CHECK(rig.finished().items.empty());
    CHECK(rig.count(1) == "1");
    CHECK(rig.count(2) == "2");
    CHECK(rig.settledMarks() == std::vector<PointId>{1, 2});
  }
}

TEST_CASE("guarded_update: a time that the server asked for comes before anything else is sent", "[metrics]") {
  GuardedRig rig({counting(1), counting(2)});
  rig.put(2, R"({"usage_count":1})");
  rig.read();
  const auto operations = rig.takeWrite();
  SECTION("nothing was applied: the caller can send it again, and need not wait once more") {
    rig.update.writeFailed(asking(Kind::throttled, milliseconds(3000)));
    CHECK(leastPause(rig) == milliseconds(3000));
    rig.read();
    CHECK(rig.finished().kind == Kind::throttled);
    CHECK_FALSE(rig.finished().retryAfter);
  }
  SECTION("some of it was applied: the rest goes on here") {
    rig.apply({operations[0]});
    rig.update.writeFailed(asking(Kind::throttled, milliseconds(3000)));
    CHECK(leastPause(rig) == milliseconds(3000));
    rig.read();
    rig.write();
    rig.read();
    CHECK(rig.finished().items.empty());
  }
  SECTION("at a read, and no longer than for the next one") {
    rig.apply(operations);
    rig.update.written();
    static_cast<void>(rig.takeRead());
    rig.update.readFailed(asking(Kind::throttled, milliseconds(2000)));
    CHECK(leastPause(rig) == milliseconds(2000));
    static_cast<void>(rig.takeRead());
    rig.update.readFailed(lost);
    CHECK(leastPause(rig) == milliseconds(0));
    rig.read();
    CHECK(rig.finished().items.empty());
  }
  SECTION("whatever else the answer says") {
    rig.update.writeFailed(asking(Kind::unavailable, milliseconds(1000), true, Errc::unavailable, 503));
    CHECK(leastPause(rig) == milliseconds(1000));
    rig.read();
    rig.write();
    rig.read();
    CHECK(rig.finished().items.empty());
  }
}

TEST_CASE("guarded_update: a single change that is to come later is the caller's to wait for", "[metrics]") {
  GuardedRig rig({counting(1)});
  rig.read();
  static_cast<void>(rig.takeWrite());
  rig.update.writeFailed(asking(Kind::throttled, milliseconds(3000)));
  CHECK(rig.finished().retryAfter == milliseconds(3000));
}

TEST_CASE("guarded_update: a full server may be read, but is not written to for a while", "[metrics]") {
  GuardedRig rig({counting(1), counting(2)});
  rig.put(2, R"({"usage_count":1})");
  rig.read();
  const auto operations = rig.takeWrite();
  const auto full = asking(Kind::throttled, milliseconds(10000), false, Errc::storageFull, 507);
  SECTION("nothing was applied") {
    rig.update.writeFailed(full);
    rig.read();
    CHECK(rig.finished().retryAfter == milliseconds(10000));
  }
  SECTION("some was") {
    rig.apply({operations[0]});
    rig.update.writeFailed(full);
    rig.read();
    CHECK(leastPause(rig) == milliseconds(10000));
  }
}
