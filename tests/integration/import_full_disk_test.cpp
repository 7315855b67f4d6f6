// An import whose checkpoint, dead letters or spool find no room on the disk.
#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "qbatch/batch_client.hpp"
#include "stream/ledger.hpp"
#include "support/backend_calls.hpp"
#include "support/catch.hpp"
#include "support/client_fixture.hpp"
#include "support/file_bytes.hpp"
#include "support/small_disk.hpp"

using namespace qbatch;
using namespace qbatch::test;

namespace {

constexpr std::size_t items = 3000;
bool isBad(std::size_t index) { return index % 3 == 1; }

/// Every third line is none, and long; every third pattern has no vector.
class Lines : public PatternSource {
 public:
  std::function<void(std::size_t)> before = [](std::size_t) {};

  bool next(ImportItem& item, std::stop_token) override {
    before(next_);
    if (next_ == items) return false;
    item.line = next_ + 1;
    if (isBad(next_)) {
      item.problem = "no JSON";
      item.text = std::to_string(next_) + std::string(2000, 'x');
    } else {
      item.pattern.id = PointId(next_);
      item.pattern.description = "pattern " + std::to_string(next_);
      if (next_ % 3 == 0) item.pattern.vector = std::vector<float>(64, static_cast<float>(next_ + 1));
    }
    ++next_;
    return true;
  }

 private:
  std::size_t next_ = 0;
};

std::map<std::uint64_t, std::string> contentOf(const FakeBackend& backend) {
  std::map<std::uint64_t, std::string> content;
  for (const auto& [id, stored] : backend.points) {
    content[id.number()] = stored.payload;
    for (const float value : stored.vector) content[id.number()] += " " + std::to_string(value);
  }
  return content;
}

struct Case {
  const char* name;  // of the file that stands on the small disk
  std::size_t full;  // the disk fills up when so many items were read; the spool gives room back, so that it must have had none
  std::size_t room;  // that is left then
};

}  // namespace

TEST_CASE("an import whose files find no room stops in good order, loses nothing, and goes on when there is room") {
  const auto test = GENERATE(Case{"checkpoint", items / 10, 0}, Case{"checkpoint", items / 10, 4096}, Case{"letters", items / 10, 0},
                             Case{"letters", items / 10, 400'000}, Case{"letters", 0, 0}, Case{"spool", 0, 0});
  CAPTURE(test.name, test.full, test.room);
  const SmallDisk disk;
  if (!disk.mounted()) return;
  const ScratchFolder folder;
  const auto place = [&, small = std::string(test.name)](const std::string& file) {
    return file == small ? disk.file(file) : (folder.path() / file).string();
  };
  ImportOptions options;
  options.chunk.maxItems = 5;
  options.checkpoint = place("checkpoint");
  options.deadLetters = place("letters");
  options.spool = place("spool");
  options.syncInterval = milliseconds(0);
  ClientFixture fixture;
  fixture.embedder = std::make_shared<FakeEmbedder>(64);
  fixture.options.embedder = fixture.embedder;

  Lines source;
  source.before = [&](std::size_t index) {
    if (index != test.full) return;
    disk.fill();
    if (test.room > 0) disk.fill(3 * 1024 * 1024 - test.room);
  };
  const auto report = fixture.client().importPatterns(source, options);
  CAPTURE(report.stopped().message());
  CHECK(report.stopped().code() == Errc::storageFull);
  CHECK(report.stopped().message().find(place(test.name)) != std::string::npos);
  CHECK(report.size() < items);

  const auto stored = contentOf(*fixture.backend);
  std::set<std::size_t> settled;
  {
    const stream::Ledger ledger(options.checkpoint, "patterns");
    for (const auto& range : ledger.settled())
      for (auto index = range.first; index < range.last; ++index) settled.insert(index);
  }
  for (const auto index : settled)
    if (!isBad(index)) CHECK(stored.at(index).find("\"pattern " + std::to_string(index) + '"') != std::string::npos);

  disk.makeRoom();
  std::size_t sentAgain = 0;
  fixture.backend->hook = [&](const Request& request) -> std::optional<Verdict> {
    if (const auto* upsert = std::get_if<UpsertPoints>(&request))
      for (const auto& point : upsert->points) sentAgain += settled.contains(point.id.number()) ? 1 : 0;
    return std::nullopt;
  };
  Lines again;
  const auto second = fixture.client().importPatterns(again, options);
  CHECK_FALSE(second.stopped());
  CHECK(second.alreadyDone() == settled.size());
  CHECK(sentAgain == 0);
  CHECK(fixture.embedder->texts == items / 3);

  ClientFixture clean;
  clean.options.embedder = std::make_shared<FakeEmbedder>(64);
  Lines whole;
  CHECK_FALSE(clean.client().importPatterns(whole).stopped());
  CHECK(contentOf(*fixture.backend) == contentOf(*clean.backend));

  std::set<std::size_t> letters;
  std::istringstream lines(bytesOf(options.deadLetters));
  for (std::string line; std::getline(lines, line);) {
    CHECK(line.ends_with('}'));
    CHECK(letters.insert(std::stoull(line.substr(std::string_view("{\"index\":").size()))).second);
  }
  CHECK(letters.size() == items / 3);
  CHECK(std::all_of(letters.begin(), letters.end(), isBad));
}
