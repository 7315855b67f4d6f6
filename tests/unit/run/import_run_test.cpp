#include "run/import_run.hpp"

#include <algorithm>
#include <fstream>
#include <set>

#include "support/catch.hpp"
#include "support/client_fixture.hpp"
#include "support/scratch_folder.hpp"

using namespace qbatch;
using namespace qbatch::test;

namespace {

/// `count` patterns with ready vectors, one after the other.
std::function<std::optional<Pattern>()> readyPatterns(std::size_t count) {
  return [count, next = std::size_t{0}]() mutable -> std::optional<Pattern> {
    if (next == count) return std::nullopt;
    Pattern pattern;
    pattern.description = "pattern " + std::to_string(next);
    pattern.vector = {static_cast<float>(++next), 1, 0, 0};
    return pattern;
  };
}

std::function<std::optional<Pattern>()> textPatterns(std::size_t count) {
  return [count, next = std::size_t{0}]() mutable -> std::optional<Pattern> {
    if (next == count) return std::nullopt;
    Pattern pattern;
    pattern.description = "pattern " + std::to_string(next++);
    return pattern;
  };
}

std::size_t sum(const ImportReport& report) {
  std::size_t all = report.alreadyDone();
  for (const auto outcome : {Outcome::done, Outcome::accepted, Outcome::rejected, Outcome::failed, Outcome::unknown, Outcome::unsent})
    all += report.count(outcome);
  return all;
}

Verdict verdictOf(Verdict::Kind kind, Errc code) {
  Verdict verdict;
  verdict.kind = kind;
  verdict.error = Error(code, Origin::server, "as the test says");
  return verdict;
}

/// Items of a list, some of which may be no patterns.
class ListSource : public PatternSource {
 public:
  std::vector<ImportItem> items;
  std::function<void(std::size_t)> before = [](std::size_t) {};
  bool next(ImportItem& item, std::stop_token) override {
    before(next_);
    if (next_ == items.size()) return false;
    item = items[next_++];
    return true;
  }
  std::size_t given() const { return next_; }

 private:
  std::size_t next_ = 0;
};

std::vector<std::string> linesOf(const std::string& file) {
  std::ifstream in(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("an import stores what a generator gives, in requests of the wanted size") {
  ClientFixture fixture;
  auto client = fixture.client();
  const auto report = client.importPatterns(readyPatterns(1050), {.chunk = {.maxItems = 100}});
  CHECK(report.ok());
  CHECK(report.size() == 1050);
  CHECK(report.count(Outcome::done) == 1050);
  CHECK(report.windows() == 11);
  CHECK(report.stats().points == 1050);
  CHECK(fixture.backend->points.size() == 1050);
  auto sizes = fixture.backend->upsertSizes();
  std::sort(sizes.begin(), sizes.end());
  CHECK(sizes == std::vector<std::size_t>{50, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100});
  CHECK(fixture.backend->count<DescribeCollection>() == 1);
  CHECK(fixture.backend->count<CreateCollection>() == 1);
  CHECK(fixture.embedder->calls == 0);
}

TEST_CASE("an import of nothing is a success without a request") {
  ClientFixture fixture;
  auto client = fixture.client();
  const auto report = client.importPatterns(readyPatterns(0));
  CHECK(report.ok());
  CHECK(report.size() == 0);
  CHECK(fixture.backend->upsertSizes().empty());
  CHECK(fixture.backend->count<DescribeCollection>() == 0);
}

TEST_CASE("an import embeds what has no vector, equal texts of a window once") {
  ClientFixture fixture;
  auto client = fixture.client();
  ListSource source;
  for (std::size_t i = 0; i < 300; ++i) {
    ImportItem item;
    item.pattern.description = "text " + std::to_string(i / 3);
    item.pattern.id = PointId(i);
    source.items.push_back(item);
  }
  const auto report = client.importPatterns(source);
  CHECK(report.ok());
  CHECK(fixture.embedder->texts == 100);
  CHECK(fixture.backend->points.size() == 300);
  CHECK(fixture.backend->points.at(PointId(4)).vector == std::vector<float>{6, 1, 0, 0});
  CHECK(fixture.backend->collections.at("patterns").embedder == fixture.embedder->traits_.identity);
  CHECK(report.stats().embedding.count() > 0);
}

TEST_CASE("texts that cannot be embedded, items that are none and items at fault are reported one by one") {
  ClientFixture fixture;
  fixture.embedder->each = [](std::span<const std::string_view> texts, MatrixView, std::stop_token) {
    std::vector<RowFailure> failures;
    for (std::size_t row = 0; row < texts.size(); ++row)
      if (texts[row] == "bad text") failures.push_back({row, "no such word"});
    return failures;
  };
  auto client = fixture.client();
  ListSource source;
  for (std::size_t i = 0; i < 40; ++i) {
    ImportItem item;
    item.line = i + 1;
    item.pattern.description = i == 7 ? "bad text" : "text " + std::to_string(i);
    if (i == 11) item.pattern.metadata = Payload{{"code", "not here"}};
    if (i == 13) item = {.pattern = {}, .line = 14, .problem = "no JSON", .text = "{"};
    source.items.push_back(item);
  }
  const ScratchFolder folder;
  const auto letters = (folder.path() / "letters").string();
  std::size_t told = 0, withoutPattern = 0;
  const auto report =
      client.importPatterns(source, {.chunk = {.maxItems = 10}, .deadLetters = letters, .settled = [&](const ImportedBatch& batch) {
                                       told += batch.patterns.size();
                                       withoutPattern += batch.noPatterns.size();
                                       CHECK(batch.report.size() == batch.patterns.size());
                                       CHECK(batch.indices.size() == batch.patterns.size());
                                     }});
  CHECK_FALSE(report.ok());
  CHECK_FALSE(report.stopped());
  CHECK(sum(report) == 40);
  CHECK(report.count(Outcome::done) == 37);
  CHECK(report.count(Outcome::failed) == 1);
  CHECK(report.count(Outcome::rejected) == 2);
  CHECK(told == 39);
  CHECK(withoutPattern == 1);
  std::set<std::size_t> failed;
  for (const auto& failure : report.failures()) failed.insert(failure.index);
  CHECK(failed == std::set<std::size_t>{7, 11, 13});
  CHECK(report.deadLetters() == 3);
  CHECK(linesOf(letters).size() == 3);
}

TEST_CASE("an import holds no more than its budget, and pulls only as room frees") {
  ClientFixture fixture;
  fixture.options.flow.maxBufferedBytes = 400'000;
  fixture.options.flow.maxInFlight = 2;
  std::mutex mutex;
  std::vector<std::function<void()>> held;
  bool holding = true;
  fixture.backend->hold = [&](const Request& request, std::function<void()> answer) {
    if (std::holds_alternative<UpsertPoints>(request)) {
      const std::lock_guard lock(mutex);
      if (holding) {
        held.push_back(std::move(answer));
        return;
      }
    }
    answer();
  };
  ListSource source;
  ImportItem item;
  item.pattern.vector = {1, 0, 0, 0};
  item.pattern.code = std::string(10'000, 'x');
  for (std::size_t i = 0; i < 200; ++i) {
    item.pattern.id = PointId(i);
    source.items.push_back(item);
  }
  auto client = fixture.client();
  std::atomic<std::size_t> pulled{0};
  source.before = [&](std::size_t index) { pulled = index; };
  std::optional<ImportReport> report;
  std::thread caller([&] { report = client.importPatterns(source); });
  // Each item takes at least three times its text, so that at most 13 are on their way.
  CHECK(eventually([&] { return pulled >= 8; }));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  CHECK(pulled <= 14);
  {
    const std::lock_guard lock(mutex);
    holding = false;
  }
  for (std::size_t at = 0; at < held.size(); ++at) held[at]();
  caller.join();
  CHECK(report->ok());
  CHECK(fixture.backend->points.size() == 200);
}

TEST_CASE("one item larger than the whole budget is stored all the same") {
  ClientFixture fixture;
  fixture.options.flow.maxBufferedBytes = 1000;
  auto client = fixture.client();
  ListSource source;
  for (std::size_t i = 0; i < 5; ++i) {
    ImportItem item;
    item.pattern.id = PointId(i);
    item.pattern.vector = {1, 0, 0, 0};
    item.pattern.code = std::string(5'000, 'x');
    source.items.push_back(item);
  }
  CHECK(client.importPatterns(source).ok());
  CHECK(fixture.backend->points.size() == 5);
}

TEST_CASE("of one id with several contents the last stands, whatever the size of the requests") {
  for (const std::size_t size : {1u, 2u, 3u, 7u, 100u}) {
    ClientFixture fixture;
    auto client = fixture.client();
    ListSource source;
    for (std::size_t i = 0; i < 200; ++i) {
      ImportItem item;
      item.pattern.description = "same";
      item.pattern.metadata.set("number", i);
      item.pattern.vector = {static_cast<float>(i + 1), 1, 0, 0};
      if (i % 2 == 0) item.pattern.id = PointId(i % 10);
      source.items.push_back(item);
    }
    const auto report = client.importPatterns(source, {.chunk = {.maxItems = size}, .existing = Existing::replace});
    CHECK(sum(report) == 200);
    CHECK(fixture.backend->points.size() == 6);
    CHECK(fixture.backend->points.at(PointId(8)).vector[0] == 199);
    CHECK(fixture.backend->points.at(PointId(0)).vector[0] == 191);
    CHECK(fixture.backend->points.at(PointId::forContent("same", "", "")).vector[0] == 200);
  }
}

TEST_CASE("a source that throws ends the import in good order") {
  ClientFixture fixture;
  auto client = fixture.client();
  ListSource source;
  ImportItem item;
  item.pattern.vector = {1, 0, 0, 0};
  for (std::size_t i = 0; i < 50; ++i) {
    item.pattern.id = PointId(i);
    source.items.push_back(item);
  }
  source.before = [](std::size_t index) {
    if (index == 33) throw std::runtime_error("the pipe burst");
  };
  const auto report = client.importPatterns(source, {.chunk = {.maxItems = 10}});
  CHECK_FALSE(report.ok());
  CHECK(report.stopped().code() == Errc::inputBroken);
  CHECK(report.stopped().message() == "the pipe burst");
  CHECK(report.size() == 33);
  CHECK(report.count(Outcome::done) == 33);
}

TEST_CASE("a fatal answer ends the import, and every item that was read has its outcome") {
  ClientFixture fixture;
  std::atomic<std::size_t> upserts{0};
  fixture.backend->hook = [&](const Request& request) -> std::optional<Verdict> {
    if (std::holds_alternative<UpsertPoints>(request) && ++upserts > 3) return verdictOf(Verdict::Kind::fatal, Errc::unauthorized);
    return std::nullopt;
  };
  auto client = fixture.client();
  const auto report = client.importPatterns(readyPatterns(100'000), {.chunk = {.maxItems = 10}});
  CHECK(report.stopped().code() == Errc::unauthorized);
  CHECK(report.size() < 100'000);
  CHECK(sum(report) == report.size());
  CHECK(report.count(Outcome::done) == fixture.backend->points.size());
}

TEST_CASE("the caller's stop and the deadline end an import, also while nothing comes") {
  for (const bool byDeadline : {false, true}) {
    ClientFixture fixture;
    auto client = fixture.client();
    /// Gives three items, then nothing until it is asked to stop.
    struct Silent : PatternSource {
      std::size_t given = 0;
      std::function<void()> silent;
      bool next(ImportItem& item, std::stop_token stop) override {
        if (given < 3) {
          item.pattern.id = PointId(given++);
          item.pattern.vector = {1, 0, 0, 0};
          return true;
        }
        silent();
        while (!stop.stop_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        return false;
      }
    } source;
    std::stop_source stop;
    source.silent = [&] {
      if (!byDeadline) stop.request_stop();
    };
    ImportOptions options;
    options.stop = stop.get_token();
    if (byDeadline) options.deadline = milliseconds(20);
    const auto report = client.importPatterns(source, options);
    CHECK(report.stopped().code() == (byDeadline ? Errc::deadlineExceeded : Errc::cancelled));
    CHECK_FALSE(report.ok());
    CHECK(report.size() == 3);
    CHECK(sum(report) == 3);
  }
}

TEST_CASE("items do not wait for a full window while the source is silent") {
  ClientFixture fixture;
  auto client = fixture.client();
  struct Trickle : PatternSource {
    FakeBackend& backend;
    std::size_t given = 0;
    bool arrived = false;
    explicit Trickle(FakeBackend& b) : backend(b) {}
    bool next(ImportItem& item, std::stop_token) override {
      if (given == 1) {
        arrived = eventually([&] { return !backend.upsertSizes().empty(); });
        return false;
      }
      item.pattern.id = PointId(given++);
      item.pattern.vector = {1, 0, 0, 0};
      return true;
    }
  } source(*fixture.backend);
  CHECK(client.importPatterns(source).ok());
  CHECK(source.arrived);
}

TEST_CASE("what cannot work is said before anything is sent") {
  ClientFixture fixture;
  fixture.options.embedder = nullptr;
  auto client = fixture.client();
  CHECK_THROWS_AS(client.importPatterns(textPatterns(10)), ConfigError);
  CHECK(fixture.backend->upsertSizes().empty());
  CHECK_THROWS_AS(client.importPatterns(readyPatterns(1), {.chunk = {.maxItems = 5000}}), ConfigError);
  CHECK_THROWS_AS(client.importPatterns(readyPatterns(1), {.checkpoint = "a", .deadLetters = "a"}), ConfigError);
  CHECK_THROWS_AS(client.importPatterns(readyPatterns(1), {.syncInterval = milliseconds(-1)}), ConfigError);
  CHECK_THROWS_AS(client.importPatterns(readyPatterns(1), {.checkpoint = "/no/such/folder/file"}), RequestError);
}

TEST_CASE("later items without a vector are rejected by themselves where the client has no embedder") {
  ClientFixture fixture;
  fixture.options.embedder = nullptr;
  auto client = fixture.client();
  ListSource source;
  for (std::size_t i = 0; i < 40; ++i) {
    ImportItem item;
    item.pattern.id = PointId(i);
    item.pattern.description = "text";
    if (i < 15 || i > 25) item.pattern.vector = {1, 0, 0, 0};
    source.items.push_back(item);
  }
  const auto report = client.importPatterns(source, {.chunk = {.maxItems = 10}});
  CHECK_FALSE(report.stopped());
  CHECK(report.count(Outcome::done) == 29);
  CHECK(report.count(Outcome::rejected) == 11);
}

TEST_CASE("a callback that throws ends the import in good order") {
  ClientFixture fixture;
  auto client = fixture.client();
  const auto report = client.importPatterns(
      readyPatterns(1000), {.chunk = {.maxItems = 10}, .settled = [](const ImportedBatch&) { throw std::runtime_error("my own fault"); }});
  CHECK(report.stopped().code() == Errc::internal);
  CHECK(report.stopped().message().find("my own fault") != std::string::npos);
  CHECK(sum(report) == report.size());
  CHECK(report.count(Outcome::done) == fixture.backend->points.size());
}

TEST_CASE("progress counts up, and ends with the whole") {
  ClientFixture fixture;
  auto client = fixture.client();
  std::vector<Progress> seen;
  const auto report = client.importPatterns(
      readyPatterns(500),
      {.chunk = {.maxItems = 10}, .progress = [&](const Progress& progress) { seen.push_back(progress); }, .expected = 500});
  CHECK(report.ok());
  REQUIRE_FALSE(seen.empty());
  CHECK(std::is_sorted(seen.begin(), seen.end(), [](const Progress& a, const Progress& b) { return a.done < b.done; }));
  CHECK(seen.back().done == 500);
  CHECK(seen.back().total == 500);
  CHECK(seen.back().bytes > 0);
  CHECK(seen.back().remaining == std::chrono::seconds(0));
}
