#include "batch/report_builder.hpp"

#include <stdexcept>

#include "support/catch.hpp"

using namespace qbatch;
using qbatch::batch::ReportBuilder;

namespace {
const Error refusal(Errc::refused, Origin::server, "refused", 400);
const Error away(Errc::unavailable, Origin::transport, "away");
using Ranges = std::vector<std::pair<std::size_t, std::size_t>>;
}  // namespace

TEST_CASE("report_builder: what is done leaves no trace", "[batch]") {
  ReportBuilder builder(5);
  builder.settle(0, 4, Outcome::done, {}, 1);
  builder.settle(4, Outcome::done);
  CHECK(builder.settledItems() == 5);
  CHECK(builder.failedItems() == 0);
  const auto data = builder.finish();
  CHECK(data->size == 5);
  CHECK(data->stats.items == 5);
  CHECK(data->stats.accepted == 0);
  CHECK(data->failures.empty());
  CHECK(data->accepted.empty());
  CHECK(data->notes.empty());
}

TEST_CASE("report_builder: an empty call", "[batch]") {
  const auto data = ReportBuilder(0).finish();
  CHECK(data->size == 0);
  CHECK(data->failures.empty());
}

TEST_CASE("report_builder: failures by index, whatever the order in which they came", "[batch]") {
  ReportBuilder builder(6);
  builder.settle(4, 6, Outcome::failed, away, 3);
  builder.settle(0, Outcome::rejected, refusal);
  builder.settle(1, 4, Outcome::done, {}, 1);
  CHECK(builder.failedItems() == 3);
  const auto data = builder.finish();
  REQUIRE(data->failures.size() == 3);
  CHECK(data->failures[0].index == 0);
  CHECK(data->failures[0].outcome == Outcome::rejected);
  CHECK(data->failures[0].error.message() == "refused");
  CHECK(data->failures[0].attempts == 0);
  CHECK(data->failures[1].index == 4);
  CHECK(data->failures[2].index == 5);
  CHECK(data->failures[2].outcome == Outcome::failed);
  CHECK(data->failures[2].error.message() == "away");
  CHECK(data->failures[2].attempts == 3);
}

TEST_CASE("report_builder: accepted items are joined to ranges", "[batch]") {
  ReportBuilder builder(10);
  builder.settle(6, 8, Outcome::accepted, {}, 1);
  builder.settle(2, 4, Outcome::accepted, {}, 1);
  builder.settle(0, 2, Outcome::accepted, {}, 1);
  builder.settle(4, 6, Outcome::done, {}, 1);
  builder.settle(8, Outcome::accepted);
  builder.settle(9, Outcome::unknown, away, 1);
  const auto data = builder.finish();
  CHECK(data->accepted == Ranges{{0, 4}, {6, 9}});
  CHECK(data->stats.accepted == 7);
}

TEST_CASE("report_builder: followers share their leader's outcome", "[batch]") {
  ReportBuilder builder(8);
  const auto sameAs = [](std::size_t index, std::size_t other) { return ItemNote{index, ItemNote::Kind::sameAs, other}; };
  builder.follow(6, 1, sameAs(6, 1));  // done
  builder.follow(0, 2, sameAs(0, 2));  // accepted
  builder.follow(5, 3, sameAs(5, 3));  // failed
  builder.follow(4, 1);                // done, without a note
  CHECK(builder.settledItems() == 0);
  builder.settle(1, Outcome::done, {}, 1);
  builder.settle(2, Outcome::accepted, {}, 1);
  builder.settle(3, Outcome::failed, away, 7);
  builder.settle(7, Outcome::done, {}, 1);
  CHECK(builder.settledItems() == 4);
  const auto data = builder.finish();
  CHECK(data->accepted == Ranges{{0, 1}, {2, 3}});
  CHECK(data->stats.accepted == 2);
  REQUIRE(data->failures.size() == 2);
  CHECK(data->failures[0].index == 3);
  CHECK(data->failures[1].index == 5);
  CHECK(data->failures[1].outcome == Outcome::failed);
  CHECK(data->failures[1].attempts == 7);
  CHECK(data->failures[1].error.message() == "away");
  REQUIRE(data->notes.size() == 2);
  CHECK(data->notes[0].index == 0);
  CHECK(data->notes[1].index == 6);
  CHECK(data->notes[1].other == 1);
}

TEST_CASE("report_builder: a note holds only where its item is done or accepted", "[batch]") {
  ReportBuilder builder(3);
  builder.note({2, ItemNote::Kind::superseded, 2});
  builder.note({1, ItemNote::Kind::sameAs, 0});
  builder.note({0, ItemNote::Kind::superseded, 0});
  builder.settle(0, Outcome::accepted);
  builder.settle(1, Outcome::unsent, away);
  builder.settle(2, Outcome::done);
  const auto data = builder.finish();
  REQUIRE(data->notes.size() == 2);
  CHECK(data->notes[0].index == 0);
  CHECK(data->notes[1].index == 2);
  CHECK(data->notes[1].kind == ItemNote::Kind::superseded);
}

TEST_CASE("report_builder: misuse is told", "[batch]") {
  ReportBuilder builder(2);
  CHECK_THROWS_AS(builder.settle(2, Outcome::done), std::out_of_range);
  CHECK_THROWS_AS(builder.follow(1, 1), std::out_of_range);
  CHECK_THROWS_AS(builder.follow(0, 2), std::out_of_range);
  builder.settle(0, 0, Outcome::failed, away, 0);
  CHECK(builder.settledItems() == 0);
  builder.settle(0, Outcome::done);
  CHECK_THROWS_AS(builder.finish(), std::logic_error);
}
