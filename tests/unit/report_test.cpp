#include "qbatch/report.hpp"

#include <cstdint>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "report_data.hpp"
#include "support/catch.hpp"
#include "support/seed.hpp"

using namespace qbatch;

namespace {

ItemFailure failure(std::size_t index, Outcome outcome) {
  return {index, outcome, Error(Errc::refused, Origin::server, "item " + std::to_string(index)), 1};
}

std::vector<Outcome> allOutcomes() {
  return {Outcome::done, Outcome::accepted, Outcome::rejected, Outcome::failed, Outcome::unknown, Outcome::unsent};
}

/// The data of a report on items with these outcomes.
std::shared_ptr<ReportData> dataOf(const std::vector<Outcome>& outcomes) {
  auto data = std::make_shared<ReportData>();
  data->size = outcomes.size();
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (outcomes[i] == Outcome::done) continue;
    if (outcomes[i] != Outcome::accepted) {
      data->failures.push_back(failure(i, outcomes[i]));
    } else if (!data->accepted.empty() && data->accepted.back().second == i) {
      ++data->accepted.back().second;
    } else {
      data->accepted.emplace_back(i, i + 1);
    }
  }
  return data;
}

}  // namespace

TEST_CASE("outcomes have the names of their enumerators") {
  std::string names;
  for (const auto outcome : allOutcomes()) names += std::string(toString(outcome)) + ' ';
  CHECK(names == "done accepted rejected failed unknown unsent ");
}

TEST_CASE("the report of an empty call is ok and holds nothing") {
  const StoreReport report;
  CHECK(report.size() == 0);
  CHECK(report.ok());
  for (const auto outcome : allOutcomes()) CHECK(report.count(outcome) == 0);
  CHECK(report.failures().empty());
  CHECK(report.notes().empty());
  CHECK(report.stats().items == 0);
  CHECK_FALSE(report.stopped());
  CHECK_THROWS_AS(report.outcome(0), std::out_of_range);
  CHECK_THROWS_AS(report.id(0), std::out_of_range);
  CHECK_THROWS_AS(SearchReport().hits(0), std::out_of_range);
}

TEST_CASE("every item has the outcome that was kept of it") {
  using enum Outcome;
  const std::vector<Outcome> outcomes = {accepted, accepted, done, rejected, accepted, failed, unknown, unsent, done, accepted};
  const BatchReport report(dataOf(outcomes));
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    CAPTURE(i);
    CHECK(report.outcome(i) == outcomes[i]);
  }
  CHECK(report.size() == 10);
  CHECK_FALSE(report.ok());
  CHECK(report.count(done) == 2);
  CHECK(report.count(accepted) == 4);
  CHECK(report.count(rejected) == 1);
  CHECK(report.count(unsent) == 1);
  CHECK(report.failures().size() == 4);
  CHECK(report.failures()[1].error.message() == "item 5");
  CHECK_THROWS_AS(report.outcome(10), std::out_of_range);
}

TEST_CASE("accepted items are no failures") {
  const BatchReport report(dataOf({Outcome::accepted, Outcome::done}));
  CHECK(report.ok());
  CHECK(report.count(Outcome::done) == 1);
}

TEST_CASE("outcomes and counts agree for any mixture") {
  const std::uint64_t seed = test::seed();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 200; ++round) {
    std::vector<Outcome> outcomes(random() % 60);
    std::vector<std::size_t> counts(6);
    for (auto& outcome : outcomes) {
      outcome = allOutcomes()[random() % 3 == 0 ? random() % 6 : random() % 2];
      ++counts[static_cast<std::size_t>(outcome)];
    }
    const BatchReport report(dataOf(outcomes));
    for (std::size_t i = 0; i < outcomes.size(); ++i) REQUIRE(report.outcome(i) == outcomes[i]);
    for (const auto outcome : allOutcomes()) REQUIRE(report.count(outcome) == counts[static_cast<std::size_t>(outcome)]);
  }
}

TEST_CASE("ids, hits, notes, figures and the reason of a stop are handed out") {
  auto data = dataOf({Outcome::done, Outcome::done});
  data->ids = {PointId(5), PointId(6)};
  Hit hit;
  hit.id = PointId(9);
  data->hits = {{}, {hit}};
  data->notes = {{1, ItemNote::Kind::sameAs, 0}};
  data->stats.requests = 3;
  data->stopped = Error(Errc::cancelled, Origin::caller, "asked to stop");
  const StoreReport stored(data);
  CHECK(stored.id(1) == PointId(6));
  CHECK_THROWS_AS(stored.id(2), std::out_of_range);
  CHECK(DeleteReport(data).id(0) == PointId(5));
  CHECK_THROWS_AS(DeleteReport(data).id(2), std::out_of_range);
  const SearchReport found(data);
  CHECK(found.hits(0).empty());
  REQUIRE(found.hits(1).size() == 1);
  CHECK(found.hits(1)[0].id == PointId(9));
  CHECK_THROWS_AS(found.hits(2), std::out_of_range);
  data->found = {std::nullopt, hit};
  const ReadReport read(data);
  CHECK(read.pattern(0) == nullptr);
  REQUIRE(read.pattern(1) != nullptr);
  CHECK(read.pattern(1)->id == PointId(9));
  CHECK_THROWS_AS(read.pattern(2), std::out_of_range);
  data->changed = {true, false};
  CHECK(CollectionsReport(data).changed(0));
  CHECK_FALSE(CollectionsReport(data).changed(1));
  CHECK_THROWS_AS(CollectionsReport(data).changed(2), std::out_of_range);
  CHECK(stored.notes().size() == 1);
  CHECK(stored.stats().requests == 3);
  CHECK(stored.stopped().code() == Errc::cancelled);
}

TEST_CASE("copies share their data, and a moved-from report is empty") {
  StoreReport report(dataOf({Outcome::failed}));
  const StoreReport copy = report;
  CHECK(copy.failures().data() == report.failures().data());
  const StoreReport moved = std::move(report);
  CHECK(moved.size() == 1);
  CHECK(report.size() == 0);  // NOLINT(bugprone-use-after-move)
  CHECK(report.ok());
}
