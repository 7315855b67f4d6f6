#include "run/import_tally.hpp"

#include "report_data.hpp"
#include "support/catch.hpp"

using namespace qbatch;
using run::ImportTally;
using run::ImportWindow;
using std::chrono::duration;

namespace {

void fill(ImportWindow& window, std::size_t first, std::size_t patterns, std::size_t none = 0) {
  for (std::size_t i = 0; i < patterns + none; ++i) {
    ImportItem item;
    if (i >= patterns) item.problem = "no JSON";
    window.add(std::move(item), first + i, 0);
  }
  window.requestBytes = 1000;
}

StoreReport reportOf(const ImportWindow& window, std::size_t rejected) {
  auto data = std::make_shared<ReportData>();
  data->size = window.patterns.size();
  data->ids = window.ids;
  data->stats.requests = 2;
  data->stats.points = data->size - rejected;
  for (std::size_t i = 0; i < rejected; ++i)
    data->failures.push_back({i, Outcome::rejected, Error(Errc::refused, Origin::server, "no"), 1});
  return StoreReport(std::move(data));
}

}  // namespace

TEST_CASE("a tally adds windows up, and names failures by their index in the input") {
  ImportTally tally(0);
  for (int i = 0; i < 20; ++i) static_cast<void>(tally.read());
  ImportWindow first, second;
  fill(first, 0, 10);
  fill(second, 10, 8, 2);
  tally.settle(first, reportOf(first, 0), 0);
  tally.settle(second, reportOf(second, 1), 3);
  const auto data = tally.take();
  CHECK(data.items == 20);
  CHECK(data.outcomes[static_cast<std::size_t>(Outcome::done)] == 17);
  CHECK(data.outcomes[static_cast<std::size_t>(Outcome::rejected)] == 3);
  CHECK(data.deadLetters == 3);
  CHECK(data.stats.requests == 4);
  CHECK(data.stats.points == 17);
  REQUIRE(data.failures.size() == 3);
  CHECK(data.failures[0].index == 10);
  CHECK(data.failures[1].index == 18);
  CHECK(data.failures[2].index == 19);
}

TEST_CASE("a tally keeps a thousand failures, and counts all") {
  ImportTally tally(0);
  for (std::size_t window = 0; window < 3; ++window) {
    ImportWindow some;
    fill(some, window * 600, 600);
    tally.settle(some, reportOf(some, 600), 0);
  }
  const auto data = tally.take();
  CHECK(data.failures.size() == 1000);
  CHECK(data.outcomes[static_cast<std::size_t>(Outcome::rejected)] == 1800);
}

TEST_CASE("progress tells rate and end by the expected number, or by the share of the input that was read") {
  for (const bool expected : {true, false}) {
    ImportTally tally(expected ? 100 : 0);
    CHECK_FALSE(tally.progress(duration<double>(1)).remaining);
    tally.passOver(20, 5);
    ImportWindow window;
    fill(window, 20, 28, 2);
    if (!expected) window.share = 0.25;
    tally.settle(window, reportOf(window, 3), 0);
    const auto progress = tally.progress(duration<double>(10));
    CHECK(progress.done == 25 + 15);
    CHECK(progress.failed == 5 + 5);
    CHECK(progress.total == (expected ? 100 : 0));
    CHECK(progress.bytes == 1000);
    CHECK(progress.itemsPerSecond == Approx(3));
    CHECK(progress.remaining == std::chrono::seconds(expected ? 16 : 30));
    CHECK(progress.share.value_or(-1) == (expected ? -1 : 0.25));
  }
}
