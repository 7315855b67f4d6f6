#include <algorithm>
#include <set>

#include "metrics/guarded_update.hpp"
#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/guarded_rig.hpp"
#include "support/seed.hpp"

using namespace qbatch;
using namespace qbatch::metrics;
using namespace qbatch::test;

namespace {

/// So many points with a count each, so that none shares an operation with another.
GuardedRig different(std::uint64_t points) {
  std::vector<MetricChange> changes;
  for (std::uint64_t id = 1; id <= points; ++id) changes.push_back(counting(id));
  GuardedRig rig(changes);
  for (std::uint64_t id = 1; id <= points; ++id) rig.put(id, R"({"usage_count":)" + std::to_string(id) + "}");
  return rig;
}

std::vector<PointId> idsOf(const std::vector<codec::BatchOperation>& operations) {
  std::vector<PointId> ids;
  for (const auto& operation : operations)
    for (const auto& id : GuardedPoints::idsOf(operation)) ids.push_back(id);
  return ids;
}

}  // namespace

TEST_CASE("guarded_update: a refused batch is read back once, and the rest goes in halves", "[metrics]") {
  auto rig = different(8);
  rig.read();
  const auto all = rig.takeWrite();
  REQUIRE(all.size() == 8);
  rig.apply({all[0], all[1]});
  rig.update.writeFailed(refusedBatch);
  rig.read();
  const auto first = rig.takeWrite();
  CHECK(idsOf(first) == std::vector<PointId>{3, 4});
  rig.update.writeFailed(refusedBatch);
  CHECK(idsOf(rig.takeWrite()) == std::vector<PointId>{3});
  rig.update.writeFailed(refusedBatch);
  for (const auto& ids : {std::vector<PointId>{4}, std::vector<PointId>{5, 6, 7, 8}}) {
    const auto half = rig.takeWrite();
    CHECK(idsOf(half) == ids);
    rig.apply(half);
    rig.update.written();
  }
  CHECK(rig.takeRead() == std::vector<PointId>{3, 4, 5, 6, 7, 8});
  rig.read();
  for (std::size_t position = 0; position < 8; ++position)
    CHECK(rig.outcome(position) == (position == 2 ? Outcome::rejected : Outcome::done));
  CHECK(rig.update.verdict().items[0].error.message() == "the server's words");
  CHECK(rig.settledMarks() == std::vector<PointId>{1, 2, 4, 5, 6, 7, 8});
}

TEST_CASE("guarded_update: what goes round again after a refused batch goes together", "[metrics]") {
  auto rig = different(4);
  rig.read();
  static_cast<void>(rig.takeWrite());
  rig.update.writeFailed(refusedBatch);
  rig.read();
  static_cast<void>(rig.takeWrite());
  rig.update.writeFailed(refusedBatch);
  CHECK(idsOf(rig.takeWrite()) == std::vector<PointId>{1});
  rig.update.writeFailed(refusedBatch);
  for (int i = 0; i < 2; ++i) {  // others were faster at the points that are left
    static_cast<void>(rig.takeWrite());
    rig.update.written();
  }
  rig.read();
  CHECK(idsOf(rig.takeWrite()) == std::vector<PointId>{2, 3, 4});
}

TEST_CASE("guarded_update: a half that gets no answer goes again as it was", "[metrics]") {
  auto rig = different(5);
  rig.read();
  rig.apply({rig.takeWrite().at(0)});
  rig.update.writeFailed(refusedBatch);
  rig.read();
  CHECK(idsOf(rig.takeWrite()) == std::vector<PointId>{2});
  rig.update.writeFailed(failure(Verdict::Kind::unavailable, false));
  rig.pause();
  rig.read();
  rig.write();
  for (int i = 0; i < 2; ++i) {
    CHECK(idsOf(rig.takeWrite()) == std::vector<PointId>{3, 4, 5});
    rig.update.writeFailed(lost);
    rig.pause();
    rig.read();
  }
}

TEST_CASE("guarded_update: of an operation that is refused as a whole the points go in halves, too", "[metrics]") {
  GuardedRig rig({counting(1), counting(2), counting(3), counting(4)});
  rig.read();
  const auto operations = rig.takeWrite();
  REQUIRE(operations.size() == 1);
  rig.points.apply(operations[0], 2);  // on another shard
  rig.update.writeFailed(refusedBatch);
  rig.read();
  CHECK(idsOf(rig.takeWrite()) == std::vector<PointId>{1});
  rig.update.writeFailed(refusedBatch);
  rig.write();
  rig.read();
  CHECK(rig.outcome(0) == Outcome::rejected);
  for (std::size_t position = 1; position < 4; ++position) CHECK(rig.outcome(position) == Outcome::done);
}

TEST_CASE("guarded_update: an operation is not divided for ever where what its points share is at fault", "[metrics]") {
  constexpr std::uint64_t points = 1000;
  std::vector<MetricChange> changes;
  for (std::uint64_t id = 1; id <= points; ++id) changes.push_back(counting(id));
  changes[500].increments[0].second = 2;
  GuardedRig rig(changes);
  rig.read();
  std::size_t writes = 0, rejected = 0, failed = 0;
  for (auto action = rig.update.next(); !std::holds_alternative<GuardedUpdate::Finished>(action); action = rig.update.next()) {
    if (const auto* read = std::get_if<GuardedUpdate::Read>(&action)) {
      rig.update.read(rig.points.read(read->ids, read->keys));
      continue;
    }
    ++writes;
    const auto& operations = std::get<GuardedUpdate::Write>(action).operations;
    if (idsOf(operations) != std::vector<PointId>{501}) {
      rig.update.writeFailed(refusedBatch);
      continue;
    }
    rig.apply(operations);
    rig.update.written();
  }
  for (std::size_t position = 0; position < points; ++position) {
    if (rig.outcome(position) == Outcome::rejected) ++rejected;
    if (rig.outcome(position) == Outcome::failed) ++failed;
  }
  CHECK(rig.outcome(500) == Outcome::done);
  CHECK(rejected + failed == points - 1);
  CHECK(rejected > 0);
  CHECK(failed > 900);  // never sent alone
  CHECK(writes < 100);  // twice 32 refusals, as one request passed between them, and the way there
  for (const auto& item : rig.update.verdict().items) CHECK(item.error.message() == "the server's words");
}

namespace {

unsigned halvings(std::size_t points) {
  unsigned count = 0;
  for (std::size_t reach = 1; reach < points; reach *= 2) ++count;
  return count;
}

/// A flush to a server that refuses requests with certain points in them, and has applied some of the others by then.
class Refusing {
 public:
  explicit Refusing(Random& random) : random_(random), points_(random.between(1, 120)), rig_(someChanges()) {
    for (auto bad = random_.chance(60) ? random_.below(4) : random_.below(20); bad > 0; --bad) bad_.insert(random_.between(1, points_));
    inTheMiddle_ = random_.chance(70);
  }

  void run() {
    for (auto action = rig_.update.next(); !std::holds_alternative<GuardedUpdate::Finished>(action); action = rig_.update.next()) {
      ++requests_;
      REQUIRE(requests_ < 5000);
      if (const auto* read = std::get_if<GuardedUpdate::Read>(&action))
        rig_.update.read(rig_.points.read(read->ids, read->keys));
      else
        answer(std::get<GuardedUpdate::Write>(action).operations);
    }
  }

  void check() {
    CAPTURE(points_, bad_.size(), requests_);
    // More than 64 operations are waited for behind a barrier, each time that they go: halves of these points are fewer.
    CHECK(requests_ <= 1 + bad_.size() * 3 * halvings(points_) + 3 + (points_ > 64 ? 3 : 0));
    REQUIRE(rig_.update.verdict().kind == Verdict::Kind::completed);
    std::set<PointId> refused;
    for (const auto& item : rig_.update.verdict().items) {
      CHECK(item.outcome == Outcome::rejected);
      refused.insert(rig_.changes[item.position].id);
    }
    CHECK(refused == bad_);
    for (const auto& change : rig_.changes) {
      const auto text = rig_.count(change.id.number());
      CHECK((text.empty() ? "0" : text) == std::to_string(bad_.contains(change.id) ? 0 : change.increments[0].second));
    }
  }

 private:
  std::vector<MetricChange> someChanges() {
    std::vector<MetricChange> changes;
    const auto kinds = random_.chance(50) ? points_ : random_.between(1, 4);
    for (std::uint64_t id = 1; id <= points_; ++id)
      changes.push_back(
          counting(id, kinds == points_ ? static_cast<std::int64_t>(id) : static_cast<std::int64_t>(random_.between(1, kinds))));
    return changes;
  }

  void answer(const std::vector<codec::BatchOperation>& operations) {
    if (std::get<codec::SetPayload>(operations.front()).payload.find("barrier") != std::string::npos) return rig_.update.written();
    const auto ids = idsOf(operations);
    if (std::none_of(ids.begin(), ids.end(), [&](const PointId& id) { return bad_.contains(id); })) {
      rig_.apply(operations);
      return rig_.update.written();
    }
    for (std::size_t i = 0; inTheMiddle_ && i < operations.size(); ++i) {
      const auto own = GuardedPoints::idsOf(operations[i]);
      if (std::any_of(own.begin(), own.end(), [&](const PointId& id) { return bad_.contains(id); })) break;
      rig_.apply({operations[i]});
    }
    rig_.update.writeFailed(refusedBatch);
  }

  Random& random_;
  std::uint64_t points_;
  GuardedRig rig_;
  std::set<PointId> bad_{};
  bool inTheMiddle_ = false;
  std::size_t requests_ = 0;
};

}  // namespace

TEST_CASE("guarded_update: each point at fault is found within three requests a halving, wherever it stands", "[metrics][property]") {
  const auto first = seed();
  for (std::size_t round = 0; round < campaignSize(300); ++round) {
    INFO("repeat with QBATCH_SEED=" << first + round);
    Random random(first + round);
    Refusing refusing(random);
    refusing.run();
    refusing.check();
  }
}
