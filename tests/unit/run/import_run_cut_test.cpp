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

/// An import that was stored whole, with its checkpoint.
struct Imported {
  ScratchFolder folder;
  std::string checkpoint = (folder.path() / "checkpoint").string();
  ImportOptions options;
  ClientFixture fixture;
  std::string whole;  // the checkpoint
  std::map<PointId, std::pair<std::string, std::vector<float>>> wanted;

  Imported() {
    options.chunk.maxItems = window;
    options.checkpoint = checkpoint;
    fixture.options.flow.maxInFlight = 1;
    REQUIRE(fixture.client().importPatterns(input(), options).ok());
    whole = bytesOf(checkpoint);
    wanted = contentOf(*fixture.backend);
  }
  /// The same import, with a checkpoint that was cut to `size` bytes; `sent` has what it sends.
  ImportReport again(std::size_t size, Sent& sent) {
    setBytes(checkpoint, whole.substr(0, size));
    auto report = sent.watch(fixture).client().importPatterns(input(), options);
    fixture.backend->hook = nullptr;
    return report;
  }
};

}  // namespace

TEST_CASE("a checkpoint that is cut at any byte of its last record costs that record's items, and nothing else") {
  Imported one;
  REQUIRE(one.whole.back() == '\n');
  const auto lastRecord = one.whole.rfind('\n', one.whole.size() - 2) + 1;
  // Which window was the last is a matter of the embedder's threads.
  const auto first = std::stoull(one.whole.substr(lastRecord)), last = first + window;
  REQUIRE(one.whole.substr(lastRecord).starts_with(std::to_string(first) + ' ' + std::to_string(last) + ' '));

  for (std::size_t size = lastRecord; size <= one.whole.size(); ++size) {
    CAPTURE(size, one.whole.size());
    // Of the last record's points nothing is there, as after a crash of both.
    for (auto id = first; size < one.whole.size() && id < last; ++id) one.fixture.backend->points.erase(PointId(id));
    Sent sent;
    const auto report = one.again(size, sent);
    CHECK(report.ok());
    CHECK(sent.ids.size() == (size < one.whole.size() ? window : 0));
    CHECK(std::all_of(sent.ids.begin(), sent.ids.end(), [&](const PointId& id) { return id.number() >= first && id.number() < last; }));
    CHECK(report.alreadyDone() == items - sent.ids.size());
    CHECK(contentOf(*one.fixture.backend) == one.wanted);
    CHECK(bytesOf(one.checkpoint) == one.whole);
  }
}

TEST_CASE("a checkpoint that is cut at any byte of its first line or record loses its items, and never the input") {
  Imported one;
  const auto firstRecord = one.whole.find('\n') + 1, secondRecord = one.whole.find('\n', firstRecord) + 1;
  for (std::size_t size = 0; size <= secondRecord; ++size) {
    CAPTURE(size, firstRecord, secondRecord);
    Sent sent;
    const auto report = one.again(size, sent);
    CHECK(report.ok());
    CHECK(sent.ids.size() == items - (size == secondRecord ? window : 0));
    CHECK(contentOf(*one.fixture.backend) == one.wanted);
  }
}
