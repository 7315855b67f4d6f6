// Imports that end early or in an odd order, one case at a time; import_run_campaign_test.cpp has them at random.
#include <algorithm>
#include <atomic>
#include <filesystem>
#include <stdexcept>
#include <thread>

#include "run/import_run.hpp"
#include "stream/spool.hpp"
#include "support/catch.hpp"
#include "support/client_fixture.hpp"
#include "support/scratch_folder.hpp"

using namespace qbatch;
using namespace qbatch::test;

namespace {

struct Files {
  ScratchFolder folder;
  std::string checkpoint = (folder.path() / "checkpoint").string();
  std::string letters = (folder.path() / "letters").string();
};

/// Items of a list; `before` is told of each, and may throw.
class ListSource : public PatternSource {
 public:
  std::vector<ImportItem> items;
  std::function<void(std::size_t, std::stop_token)> before = [](std::size_t, const std::stop_token&) {};

  void add(std::uint64_t id, const std::string& text, std::vector<float> vector = {}) {
    auto& item = items.emplace_back();
    item.pattern.id = PointId(id);
    item.pattern.description = text;
    item.pattern.vector = std::move(vector);
  }
  bool next(ImportItem& item, std::stop_token stop) override {
    before(next_, stop);
    if (next_ == items.size()) return false;
    item = items[next_++];
    return true;
  }
  ListSource& rewind() {
    next_ = 0;
    return *this;
  }

 private:
  std::size_t next_ = 0;
};

std::size_t sum(const ImportReport& report) {
  std::size_t all = report.alreadyDone();
  for (const auto outcome : {Outcome::done, Outcome::accepted, Outcome::rejected, Outcome::failed, Outcome::unknown, Outcome::unsent})
    all += report.count(outcome);
  return all;
}

std::vector<RowFailure> failAll(std::span<const std::string_view> texts, MatrixView, std::stop_token) {
  std::vector<RowFailure> failures;
  for (std::size_t row = 0; row < texts.size(); ++row) failures.push_back({row, "not today"});
  return failures;
}

}  // namespace

TEST_CASE("an item that failed is not sent by the next run where a later one has taken its place") {
  for (const auto size : std::initializer_list<std::size_t>{1, 2, 10}) {
    CAPTURE(size);
    const Files files;
    ClientFixture fixture;
    ListSource source;
    source.add(1, "the earlier");
    source.add(2, "another text");
    source.add(1, "the later", {1, 2, 3, 4});
    fixture.embedder->each = failAll;
    const ImportOptions options{.chunk = {.maxItems = size}, .checkpoint = files.checkpoint};
    const auto first = fixture.client().importPatterns(source, options);
    CHECK(first.count(Outcome::failed) == 2);
    CHECK(first.count(Outcome::done) == 1);
    fixture.embedder->each = nullptr;
    const auto second = fixture.client().importPatterns(source.rewind(), options);
    CHECK(second.ok());
    CHECK(second.alreadyDone() == 2);
    CHECK(fixture.backend->points.at(PointId(1)).vector == std::vector<float>{1, 2, 3, 4});
    CHECK(fixture.backend->points.size() == 2);
  }
}

TEST_CASE("where a checkpoint knows of dead letters alone, the collection may still be made") {
  const Files files;
  ClientFixture fixture;
  ListSource source;
  source.items.push_back({.pattern = {}, .line = 1, .problem = "no JSON", .text = "{"});
  const ImportOptions options{.checkpoint = files.checkpoint, .deadLetters = files.letters};
  CHECK(fixture.client().importPatterns(source, options).deadLetters() == 1);
  CHECK(fixture.backend->collections.empty());
  source.add(1, "text");
  const auto report = fixture.client().importPatterns(source.rewind(), options);
  CHECK_FALSE(report.stopped());
  CHECK(report.count(Outcome::done) == 1);
}

TEST_CASE("what was read before the source broke is stored, although the collection was only being looked at") {
  ClientFixture fixture;
  std::atomic<bool> looking{false}, broken{false};
  fixture.backend->hold = [&](const Request& request, const std::function<void()>& answer) {
    if (!std::holds_alternative<DescribeCollection>(request)) return answer();
    looking = true;
    eventually([&] { return broken.load(); });
    answer();
  };
  ListSource source;
  for (std::uint64_t id = 0; id < 3; ++id) source.add(id, "text", {1, 0, 0, 0});
  std::thread watcher;
  source.before = [&](std::size_t index, const std::stop_token& stop) {
    if (index < 3) return;
    // What has been waiting for company goes alone after a while.
    CHECK(eventually([&] { return looking.load(); }));
    watcher = std::thread([&, stop] {
      eventually([&] { return stop.stop_requested(); });
      broken = true;
    });
    throw std::runtime_error("the pipe burst");
  };
  const auto report = fixture.client().importPatterns(source);
  watcher.join();
  CHECK(report.stopped().message() == "the pipe burst");
  CHECK(report.count(Outcome::done) == 3);
}

TEST_CASE("where a later window finds the spool taken, there is a report of what was stored before") {
  const Files files;
  ClientFixture fixture;
  stream::Spool other(files.checkpoint + "-spool", "", 4);
  const std::vector<PointId> keys{PointId(1)};
  std::vector<float> vector(4);
  (void)other.keep(keys, {vector.data(), 1, 4});
  ListSource source;
  for (std::uint64_t id = 0; id < 20; ++id) source.add(id, "text", id < 10 ? std::vector<float>{1, 0, 0, 0} : std::vector<float>());
  const ImportOptions options{.chunk = {.maxItems = 10}, .checkpoint = files.checkpoint};
  const auto report = fixture.client().importPatterns(source, options);
  CHECK(report.stopped().code() == Errc::inUse);
  CHECK(sum(report) == report.size());
  // Where it is the first, the call is refused.
  for (auto& item : source.items) item.pattern.vector.clear();
  CHECK_THROWS_AS(
      fixture.client().importPatterns(source.rewind(), {.checkpoint = files.checkpoint + "2", .spool = files.checkpoint + "-spool"}),
      RequestError);
}

TEST_CASE("what an earlier run computed and did not need any more goes with the end of a run that embeds nothing") {
  const Files files;
  ClientFixture fixture;
  ListSource source;
  source.add(1, "text");
  const ImportOptions options{.checkpoint = files.checkpoint};
  CHECK(fixture.client().importPatterns(source, options).ok());
  // As a kill leaves it between the checkpoint's last record and the end.
  {
    stream::Spool left(files.checkpoint + "-spool", "", 4);
    const std::vector<PointId> keys{PointId(1)};
    std::vector<float> vector(4);
    (void)left.keep(keys, {vector.data(), 1, 4});
  }
  REQUIRE(std::filesystem::exists(files.checkpoint + "-spool"));
  CHECK(fixture.client().importPatterns(source.rewind(), options).ok());
  CHECK_FALSE(std::filesystem::exists(files.checkpoint + "-spool"));
}

TEST_CASE("a stop that comes when nothing is left to stop stops nothing") {
  ClientFixture fixture;
  ListSource source;
  for (std::uint64_t id = 0; id < 5; ++id) source.add(id, "text", {1, 0, 0, 0});
  std::stop_source stop;
  ImportOptions options;
  options.stop = stop.get_token();
  options.settled = [&](const ImportedBatch&) { stop.request_stop(); };
  const auto report = fixture.client().importPatterns(source, options);
  CHECK_FALSE(report.stopped());
  CHECK(report.ok());
}

TEST_CASE("an item that shows that the input is another one has its outcome, too") {
  const Files files;
  ClientFixture fixture;
  ListSource source;
  for (std::uint64_t id = 0; id < 20; ++id) source.add(id, "text", {1, 0, 0, 0});
  fixture.embedder->each = failAll;
  source.items[0].pattern.vector.clear();
  const ImportOptions options{.chunk = {.maxItems = 5}, .checkpoint = files.checkpoint};
  CHECK(fixture.client().importPatterns(source, options).count(Outcome::done) == 19);
  source.items[12].pattern.description = "changed";
  const auto report = fixture.client().importPatterns(source.rewind(), options);
  CHECK(report.stopped().code() == Errc::inputBroken);
  CHECK(report.size() == 20);
  CHECK(sum(report) == 20);
}
