#include "metrics/guarded_update.hpp"
#include "support/catch.hpp"
#include "support/guarded_rig.hpp"

using namespace qbatch;
using namespace qbatch::metrics;
using namespace qbatch::test;
using Kind = Verdict::Kind;

TEST_CASE("guarded_update: a batch that is too large after earlier copies goes in halves", "[metrics]") {
  GuardedRig rig({counting(1), counting(2)});
  rig.put(2, R"({"usage_count":1})");
  rig.read();
  static_cast<void>(rig.takeWrite());
  rig.update.writeFailed(lost);
  rig.pause();
  rig.read();
  static_cast<void>(rig.takeWrite());
  rig.update.writeFailed(failure(Kind::tooLarge, false, Errc::tooLarge, 413));
  rig.pause();
  rig.read();
  rig.write();
  CHECK(rig.takeWrite().size() == 1);
  rig.update.writeFailed(failure(Kind::tooLarge, false, Errc::tooLarge, 413));
  rig.read();
  CHECK(rig.outcome(0) == Outcome::done);
  CHECK(rig.outcome(1) == Outcome::unknown);  // the lost write may still arrive
}

TEST_CASE("guarded_update: a batch that is known to be too large fails as a whole, or goes in halves at once", "[metrics]") {
  auto known = failure(Kind::tooLarge, false, Errc::tooLarge);
  known.neverSent = true;
  GuardedRig rig({counting(1), counting(2)});
  rig.put(2, R"({"usage_count":1})");
  rig.read();
  const auto first = rig.takeWrite();
  REQUIRE(first.size() == 2);
  SECTION("before anything was sent") {
    rig.update.writeFailed(known);
    CHECK(rig.finished().kind == Kind::tooLarge);
    CHECK(rig.finished().neverSent);
    CHECK_FALSE(rig.finished().maybeApplied);
  }
  SECTION("after earlier copies") {
    rig.update.writeFailed(lost);
    rig.pause();
    rig.read();
    REQUIRE(rig.takeWrite().size() == 2);
    rig.update.writeFailed(known);
    SECTION("all of it") {
      for (int i = 0; i < 2; ++i) {
        const auto alone = rig.takeWrite();
        CHECK(alone.size() == 1);
        rig.apply(alone);
        rig.update.written();
      }
      rig.read();
      CHECK(rig.finished().items.empty());
      CHECK(rig.count(1) == "1");
      CHECK(rig.count(2) == "2");
    }
    SECTION("and what was not sent then is not under way") {
      rig.points.erase(1);
      rig.update.giveUp(noTime);
      CHECK(rig.outcome(0) == Outcome::unknown);  // for the lost write
      CHECK(rig.settledMarks().empty());
    }
  }
}

TEST_CASE("guarded_update: an operation that counts too many points is the caller's to divide, while nothing of it was applied",
          "[metrics]") {
  const auto verdict = failure(Kind::tooLarge, false, Errc::throttled, 429);
  GuardedRig rig({counting(1), counting(2), counting(3)});
  rig.read();
  const auto action = rig.update.next();
  const auto& write = std::get<GuardedUpdate::Write>(action);
  const auto& shared = write.operations;
  REQUIRE(shared.size() == 1);
  CHECK(write.parts == 3);
  SECTION("nothing was") {
    rig.update.writeFailed(verdict);
    rig.read();
    CHECK(rig.finished().kind == Kind::tooLarge);
    CHECK_FALSE(rig.finished().maybeApplied);
  }
  SECTION("one shard's part was: the rest goes on here") {
    rig.points.apply(shared[0], 2);
    rig.update.writeFailed(verdict);
    rig.read();
    rig.pause();
    rig.read();
    for (int i = 0; i < 2; ++i) {  // now it is this flush's own to divide
      const auto rest = std::get<GuardedUpdate::Write>(rig.update.next());
      CHECK(rest.parts == 1);
      rig.apply(rest.operations);
      rig.update.written();
    }
    rig.read();
    CHECK(rig.finished().items.empty());
    for (std::uint64_t id = 1; id <= 3; ++id) CHECK(rig.count(id) == "1");
  }
}

TEST_CASE("guarded_update: what is too large after earlier copies is halved until it passes, and goes on so", "[metrics]") {
  GuardedRig rig({counting(1), counting(2), counting(3), counting(4), counting(5), counting(6)});
  for (std::uint64_t id = 1; id <= 6; ++id) rig.put(id, R"({"usage_count":)" + std::to_string(id) + "}");
  rig.read();
  static_cast<void>(rig.takeWrite());
  rig.update.writeFailed(lost);
  rig.pause();
  rig.read();
  auto known = failure(Kind::tooLarge, false, Errc::tooLarge);
  known.neverSent = true;
  std::vector<std::size_t> sizes;
  for (int i = 0; i < 5; ++i) {
    const auto write = rig.takeWrite();
    sizes.push_back(write.size());
    if (i == 0 || i == 2) {
      rig.update.writeFailed(known);
    } else {
      rig.apply(write);
      rig.update.written();
    }
  }
  CHECK(sizes == std::vector<std::size_t>{6, 3, 3, 1, 1});
  rig.write();
  rig.read();
  CHECK(rig.finished().items.empty());
  for (std::uint64_t id = 1; id <= 6; ++id) CHECK(rig.count(id) == std::to_string(id + 1));
}
