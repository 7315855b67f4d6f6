#include "metrics/write_plan.hpp"

#include "support/catch.hpp"
#include "support/guarded_points.hpp"

using namespace qbatch;
using namespace qbatch::metrics;
using namespace qbatch::test;
using Positions = WritePlan::Positions;

namespace {

/// Points 1 to 8 at the positions 0 to 7.
const std::vector<MetricChange> changes{{.id = 1}, {.id = 2}, {.id = 3}, {.id = 4}, {.id = 5}, {.id = 6}, {.id = 7}, {.id = 8}};

/// What these positions want: each something of its own, or what its neighbours by two want too.
WritePlan::Operations wanting(const Positions& positions, bool shared = false) {
  WritePlan::Operations wanted;
  for (const auto position : positions)
    wanted.push_back({position, {{{"", "", "{\"a\":" + std::to_string(shared ? position % 2 : position) + "}"}}}});
  return wanted;
}

WritePlan planned(const Positions& positions, bool shared = false) {
  WritePlan plan(changes, {.writer = "W", .sequence = 100});
  plan.renew(wanting(positions, shared));
  return plan;
}

Positions taken(WritePlan& plan) {
  static_cast<void>(plan.take());
  return plan.underWay();
}

}  // namespace

TEST_CASE("a plan is one piece, and empty when that is under way", "[metrics]") {
  auto plan = planned({1, 3, 4});
  CHECK_FALSE(plan.empty());
  CHECK(plan.take().size() == 3);
  CHECK(plan.underWay() == Positions{1, 3, 4});
  CHECK(plan.operations() == 3);
  CHECK(plan.empty());
  plan.putBack();
  CHECK(plan.underWay().empty());
  CHECK(taken(plan) == Positions{1, 3, 4});
  plan.drop();
  CHECK(plan.underWay().empty());
  CHECK(plan.empty());
  plan.putBack();  // nothing is under way
  CHECK(plan.empty());
}

TEST_CASE("halves go one after the other, down to single points", "[metrics]") {
  auto plan = planned({0, 1, 2, 3, 4});
  static_cast<void>(plan.take());
  CHECK(plan.divide());
  CHECK(taken(plan) == Positions{0, 1});
  CHECK(plan.divide());
  CHECK(taken(plan) == Positions{0});
  CHECK_FALSE(plan.divide());
  CHECK(plan.underWay() == Positions{0});
  plan.drop();
  CHECK(taken(plan) == Positions{1});
  CHECK(taken(plan) == Positions{2, 3, 4});
}

TEST_CASE("points that share an operation stay side by side, and are halved when it stands alone", "[metrics]") {
  auto plan = planned({0, 1, 2, 3, 4, 5, 6, 7}, true);
  CHECK(plan.take().size() == 2);
  CHECK(plan.divide());
  const auto half = plan.take();
  CHECK(plan.operations() == 1);
  CHECK(plan.underWay() == Positions{0, 2, 4, 6});
  CHECK(GuardedPoints::idsOf(half.at(0)) == std::vector<PointId>{1, 3, 5, 7});
  CHECK(plan.divide());
  CHECK(taken(plan) == Positions{0, 2});
  CHECK(taken(plan) == Positions{4, 6});
  CHECK(taken(plan) == Positions{1, 3, 5, 7});
}

TEST_CASE("pieces keep their bounds when the plan is renewed, less what is settled; the others go as one", "[metrics]") {
  auto plan = planned({0, 1, 2, 3, 4, 5, 6, 7});
  static_cast<void>(plan.take());
  CHECK(plan.divide());
  static_cast<void>(plan.take());
  CHECK(plan.divide());
  CHECK(taken(plan) == Positions{0, 1});
  plan.drop();
  plan.renew(wanting({0, 1, 4, 6}));
  CHECK(taken(plan) == Positions{4, 6});  // 2 and 3 are settled, and so is half of these
  CHECK(taken(plan) == Positions{0, 1});  // lost to others, perhaps
  CHECK(plan.empty());
}

TEST_CASE("what is too much for one is too much for all, until all are through", "[metrics]") {
  auto plan = planned({0, 1, 2, 3, 4, 5, 6, 7});
  static_cast<void>(plan.take());
  CHECK(plan.divideAll());
  static_cast<void>(plan.take());
  CHECK(plan.divideAll());
  for (const auto& piece : {Positions{0, 1}, {2, 3}, {4, 5}, {6, 7}}) {
    CHECK(taken(plan) == piece);
    plan.drop();
  }
  plan.renew(wanting({0, 1, 2}));
  CHECK(taken(plan) == Positions{0, 1, 2});
  plan.drop();
  plan.renew(wanting({0}));
  static_cast<void>(plan.take());
  CHECK_FALSE(plan.divideAll());
}
