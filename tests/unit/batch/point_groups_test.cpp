#include "batch/point_groups.hpp"

#include "support/catch.hpp"

using namespace qbatch;
using namespace qbatch::batch;

namespace {

Pattern pattern(std::string text, std::optional<PointId> id = {}) {
  Pattern made;
  made.description = std::move(text);
  made.id = id;
  return made;
}

using Indices = std::vector<std::size_t>;

struct Grouped {
  Indices sent;
  std::shared_ptr<ReportData> data;
};

/// Groups, then settles what is to be sent as `outcome`.
Grouped group(const std::vector<Pattern>& patterns, std::vector<bool> checked = {}, Outcome outcome = Outcome::done) {
  std::vector<PointId> ids;
  for (const auto& p : patterns) ids.push_back(p.id ? *p.id : PointId::forContent(p.description, p.code, p.language));
  if (checked.empty()) checked.assign(patterns.size(), true);
  ReportBuilder report(patterns.size());
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    if (!checked[i]) report.settle(i, Outcome::rejected, Error(Errc::invalidItem, Origin::caller, "checked before"));
  }
  Grouped result;
  const auto sent = groupPoints(patterns, ids, checked, report);
  for (std::size_t position = 0; position < sent.size(); ++position) result.sent.push_back(sent[position]);
  for (const auto index : result.sent) report.settle(index, outcome, Error(Errc::unavailable, Origin::transport, "away"), 1);
  result.data = report.finish();
  return result;
}

void checkNote(const ItemNote& note, std::size_t index, ItemNote::Kind kind, std::size_t other) {
  CHECK(note.index == index);
  CHECK(note.kind == kind);
  CHECK(note.other == other);
}

}  // namespace

TEST_CASE("point_groups: different ids are all sent", "[batch]") {
  const auto result = group({pattern("b"), pattern("a"), pattern("c", PointId(1))});
  CHECK(result.sent == Indices{0, 1, 2});
  CHECK(result.data->notes.empty());
  CHECK(group({}).sent.empty());
}

TEST_CASE("point_groups: rejected items are left out and group with nothing", "[batch]") {
  const auto result = group({pattern("a"), pattern("a"), pattern("b")}, {false, true, true});
  CHECK(result.sent == Indices{1, 2});
  CHECK(result.data->notes.empty());
  REQUIRE(result.data->failures.size() == 1);
  CHECK(result.data->failures[0].error.message() == "checked before");
}

TEST_CASE("point_groups: the same content is one point, and the later items say so", "[batch]") {
  const auto result = group({pattern("x"), pattern("a"), pattern("y"), pattern("a"), pattern("a")});
  CHECK(result.sent == Indices{0, 2, 4});
  CHECK(result.data->failures.empty());
  REQUIRE(result.data->notes.size() == 2);
  checkNote(result.data->notes[0], 3, ItemNote::Kind::sameAs, 1);
  checkNote(result.data->notes[1], 4, ItemNote::Kind::sameAs, 1);
}

TEST_CASE("point_groups: followers fail with their leader, and then nothing is noted", "[batch]") {
  const auto result = group({pattern("a"), pattern("a"), pattern("b")}, {}, Outcome::unknown);
  CHECK(result.data->notes.empty());
  REQUIRE(result.data->failures.size() == 3);
  CHECK(result.data->failures[0].outcome == Outcome::unknown);
  CHECK(result.data->failures[0].attempts == 1);
}

TEST_CASE("point_groups: explicit ids with the same content are one point", "[batch]") {
  const auto result = group({pattern("a", PointId(7)), pattern("a", PointId(7))});
  CHECK(result.sent == Indices{1});
  CHECK(result.data->failures.empty());
  REQUIRE(result.data->notes.size() == 1);
  checkNote(result.data->notes[0], 1, ItemNote::Kind::sameAs, 0);
}

TEST_CASE("point_groups: generated ids with other metadata or vector: the last content stands", "[batch]") {
  auto other = pattern("a");
  other.metadata.set("category", "io");
  auto withVector = pattern("a");
  withVector.vector = {1.0f};
  const auto result = group({pattern("a"), other, withVector, pattern("a")});
  CHECK(result.sent == Indices{3});
  CHECK(result.data->failures.empty());
  REQUIRE(result.data->notes.size() == 3);
  checkNote(result.data->notes[0], 1, ItemNote::Kind::superseded, 3);
  checkNote(result.data->notes[1], 2, ItemNote::Kind::superseded, 3);
  checkNote(result.data->notes[2], 3, ItemNote::Kind::sameAs, 0);
}

TEST_CASE("point_groups: an explicit id with other content rejects all but the last", "[batch]") {
  const auto result = group({pattern("a", PointId(7)), pattern("b", PointId(7)), pattern("c", PointId(8)), pattern("b", PointId(7))});
  CHECK(result.sent == Indices{2, 3});
  REQUIRE(result.data->failures.size() == 1);
  const auto& failure = result.data->failures[0];
  CHECK(failure.index == 0);
  CHECK(failure.outcome == Outcome::rejected);
  CHECK(failure.error.code() == Errc::duplicateId);
  CHECK(failure.error.origin() == Origin::caller);
  CHECK(failure.error.message().find("id 7 stands again at item 3") != std::string::npos);
  REQUIRE(result.data->notes.size() == 1);
  checkNote(result.data->notes[0], 3, ItemNote::Kind::sameAs, 1);
}

TEST_CASE("point_groups: one explicit id in a group of generated ones is enough to reject other content", "[batch]") {
  const auto id = PointId::forContent("a", "", "");
  auto other = pattern("a");
  other.metadata.set("n", 1);
  const auto result = group({other, pattern("a", id)});
  CHECK(result.sent == Indices{1});
  REQUIRE(result.data->failures.size() == 1);
  CHECK(result.data->failures[0].index == 0);
  CHECK(result.data->failures[0].error.code() == Errc::duplicateId);

  const auto equal = group({pattern("a"), pattern("a", id)});
  CHECK(equal.data->failures.empty());
}
