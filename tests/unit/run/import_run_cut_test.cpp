// A checkpoint whose last record is cut short by a crash: its items are sent again, no others, and the end is the right one.
#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "support/catch.hpp"
#include "support/client_fixture.hpp"
#include "support/file_bytes.hpp"
#include "support/scratch_folder.hpp"

using namespace qbatch;
using namespace qbatch::test;

namespace {

constexpr std::size_t items = 500, window = 50;

std::function<std::optional<Pattern>()> input() {
  return [next = std::size_t{0}]() mutable -> std::optional<Pattern> {
    if (next == items) return std::nullopt;
    Pattern pattern;
    pattern.id = PointId(next);
    pattern.description = "pattern " + std::to_string(next);
    if (next % 3 != 0) pattern.vector = {static_cast<float>(next + 1), 1, 0, 0};
    ++next;
    return pattern;
  };
}

/// The ids of what was sent; the input is stored by that.
struct Sent {
  std::multiset<PointId> ids;
  ClientFixture& watch(ClientFixture& fixture) {
    fixture.backend->hook = [this](const Request& request) -> std::optional<Verdict> {
      if (const auto* upsert = std::get_if<UpsertPoints>(&request))
        for (const auto& point : upsert->points) ids.insert(point.id);
      return std::nullopt;
    };
    return fixture;
  }
};

std::map<PointId, std::pair<std::string, std::vector<float>>> contentOf(const FakeBackend& backend) {
  std::map<PointId, std::pair<std::string, std::vector<float>>> content;
  for (const auto& [id, stored] : backend.points) content.emplace(id, std::pair(stored.payload, stored.vector));
  return content;
}

}  // namespace

TEST_CASE("a checkpoint that is cut at any byte of its last record costs that record's items, and nothing else") {
  const ScratchFolder folder;
  const auto checkpoint = (folder.path() / "checkpoint").string();
  const ImportOptions options{.chunk = {.maxItems = window}, .checkpoint = checkpoint};
  ClientFixture fixture;
  fixture.options.flow.maxInFlight = 1;
  REQUIRE(fixture.client().importPatterns(input(), options).ok());
  const auto whole = bytesOf(checkpoint);
  const auto wanted = contentOf(*fixture.backend);
  REQUIRE(whole.back() == '\n');
  const auto lastRecord = whole.rfind('\n', whole.size() - 2) + 1;
  // Which window was the last is a matter of the embedder's threads.
  const auto first = std::stoull(whole.substr(lastRecord)), last = first + window;
  REQUIRE(whole.substr(lastRecord).starts_with(std::to_string(first) + ' ' + std::to_string(last) + ' '));

  for (std::size_t size = lastRecord; size <= whole.size(); ++size) {
    CAPTURE(size, whole.size());
    setBytes(checkpoint, whole.substr(0, size));
    // Of the last record's points nothing is there, as after a crash of both.
    for (auto id = first; size < whole.size() && id < last; ++id) fixture.backend->points.erase(PointId(id));
    Sent sent;
    const auto report = sent.watch(fixture).client().importPatterns(input(), options);
    CHECK(report.ok());
    CHECK(sent.ids.size() == (size < whole.size() ? window : 0));
    CHECK(std::all_of(sent.ids.begin(), sent.ids.end(), [&](const PointId& id) { return id.number() >= first && id.number() < last; }));
    CHECK(report.alreadyDone() == items - sent.ids.size());
    CHECK(contentOf(*fixture.backend) == wanted);
    CHECK(bytesOf(checkpoint) == whole);
    fixture.backend->hook = nullptr;
  }
}

TEST_CASE("a checkpoint that is cut at any byte of its first line or record loses its items, and never the input") {
  const ScratchFolder folder;
  const auto checkpoint = (folder.path() / "checkpoint").string();
  const ImportOptions options{.chunk = {.maxItems = window}, .checkpoint = checkpoint};
  ClientFixture fixture;
  fixture.options.flow.maxInFlight = 1;
  REQUIRE(fixture.client().importPatterns(input(), options).ok());
  const auto whole = bytesOf(checkpoint);
  const auto wanted = contentOf(*fixture.backend);
  const auto firstRecord = whole.find('\n') + 1, secondRecord = whole.find('\n', firstRecord) + 1;
  for (std::size_t size = 0; size <= secondRecord; ++size) {
    CAPTURE(size, firstRecord, secondRecord);
    setBytes(checkpoint, whole.substr(0, size));
    Sent sent;
    const auto report = sent.watch(fixture).client().importPatterns(input(), options);
    CHECK(report.ok());
    CHECK(sent.ids.size() == items - (size == secondRecord ? window : 0));
    CHECK(contentOf(*fixture.backend) == wanted);
    fixture.backend->hook = nullptr;
  }
}
