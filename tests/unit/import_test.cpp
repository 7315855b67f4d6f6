#include "qbatch/import.hpp"

#include <list>

#include "support/catch.hpp"

using namespace qbatch;

namespace {

ImportReport::Data finished(std::size_t done) {
  ImportReport::Data data;
  data.items = done;
  data.outcomes[static_cast<std::size_t>(Outcome::done)] = done;
  data.atEnd = true;
  return data;
}

}  // namespace

TEST_CASE("an import is ok where its source ended and every item is done, accepted or was so before") {
  CHECK(ImportReport(finished(0)).ok());
  CHECK(ImportReport(finished(5)).ok());
  CHECK_FALSE(ImportReport().ok());  // nothing was read to its end

  auto data = finished(5);
  data.items = 9;
  data.outcomes[static_cast<std::size_t>(Outcome::accepted)] = 1;
  data.alreadyDone = 3;
  CHECK(ImportReport(data).ok());
  data.alreadyDead = 1;
  CHECK_FALSE(ImportReport(data).ok());
}

TEST_CASE("an import is not ok where it stopped, or where an item is missing from its outcomes") {
  auto data = finished(5);
  data.stopped = Error(Errc::unavailable, Origin::transport, "gone");
  CHECK_FALSE(ImportReport(data).ok());
  data = finished(5);
  data.atEnd = false;
  CHECK_FALSE(ImportReport(data).ok());
  data = finished(5);
  data.items = 6;
  data.outcomes[static_cast<std::size_t>(Outcome::rejected)] = 1;
  CHECK_FALSE(ImportReport(data).ok());
}

TEST_CASE("a report says what it was made of, and copies share it") {
  auto data = finished(2);
  data.windows = 4;
  data.deadLetters = 3;
  data.stats.points = 2;
  data.failures.push_back({7, Outcome::failed, Error(), 1});
  ImportReport report(std::move(data));
  const ImportReport copy = report;
  report = ImportReport();
  CHECK(copy.windows() == 4);
  CHECK(copy.deadLetters() == 3);
  CHECK(copy.stats().points == 2);
  REQUIRE(copy.failures().size() == 1);
  CHECK(copy.failures()[0].index == 7);
  CHECK(report.size() == 0);
}

TEST_CASE("a source over iterators gives what lies between them") {
  const std::list<Pattern> patterns{{.description = "a"}, {.description = "b"}};
  const auto source = makePatternSource(patterns.begin(), patterns.end());
  std::string all;
  for (ImportItem item; source->next(item, {}); item = {}) all += item.pattern.description;
  CHECK(all == "ab");
  CHECK_FALSE(source->share());
}
