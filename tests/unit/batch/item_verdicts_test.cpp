#include "batch/item_verdicts.hpp"

#include "support/catch.hpp"

using namespace qbatch;
using namespace qbatch::batch;

namespace {
const Error absent(Errc::pointNotFound, Origin::server, "absent");
}

TEST_CASE("item_verdicts: without exceptions all went the same way", "[batch]") {
  const auto parts = partsOf({}, {5, 9}, Outcome::accepted);
  REQUIRE(parts.size() == 1);
  CHECK(parts[0].range == Range{5, 9});
  CHECK(parts[0].outcome == Outcome::accepted);
}

TEST_CASE("item_verdicts: exceptions cut the request, in any order", "[batch]") {
  const std::vector<ItemVerdict> exceptions{{3, Outcome::failed, absent}, {0, Outcome::rejected, absent}};
  const auto parts = partsOf(exceptions, {10, 15}, Outcome::done);
  REQUIRE(parts.size() == 4);
  CHECK(parts[0].range == Range{10, 11});
  CHECK(parts[0].outcome == Outcome::rejected);
  CHECK(parts[0].error.message() == "absent");
  CHECK(parts[1].range == Range{11, 13});
  CHECK(parts[1].outcome == Outcome::done);
  CHECK_FALSE(parts[1].error);
  CHECK(parts[2].range == Range{13, 14});
  CHECK(parts[2].outcome == Outcome::failed);
  CHECK(parts[3].range == Range{14, 15});
}

TEST_CASE("item_verdicts: the last item can be an exception, and all of them", "[batch]") {
  const std::vector<ItemVerdict> exceptions{{0, Outcome::rejected, absent}, {1, Outcome::done, {}}};
  const auto parts = partsOf(exceptions, {7, 9}, Outcome::accepted);
  REQUIRE(parts.size() == 2);
  CHECK(parts[1].range == Range{8, 9});
  CHECK(parts[1].outcome == Outcome::done);
}

TEST_CASE("item_verdicts: a failure without a reason gets one", "[batch]") {
  const std::vector<ItemVerdict> exceptions{{0, Outcome::failed, {}}};
  const auto parts = partsOf(exceptions, {0, 1}, Outcome::done);
  CHECK(parts[0].error.code() == Errc::internal);
}

TEST_CASE("item_verdicts: an answer that cannot be right is not believed", "[batch]") {
  const std::vector<ItemVerdict> beyond{{1, Outcome::rejected, absent}, {4, Outcome::rejected, absent}};
  const std::vector<ItemVerdict> twice{{1, Outcome::rejected, absent}, {1, Outcome::done, {}}};
  const std::vector<ItemVerdict> huge{{static_cast<std::size_t>(-1), Outcome::rejected, absent}};
  for (const auto& exceptions : {beyond, twice, huge}) {
    const auto parts = partsOf(exceptions, {10, 14}, Outcome::done);
    REQUIRE(parts.size() == 1);
    CHECK(parts[0].range == Range{10, 14});
    CHECK(parts[0].outcome == Outcome::unknown);
    CHECK(parts[0].error.code() == Errc::internal);
  }
}
