// Imports with a checkpoint: what another run sends, and what it refuses.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>

#include "run/import_run.hpp"
#include "support/catch.hpp"
#include "support/client_fixture.hpp"
#include "support/scratch_folder.hpp"

using namespace qbatch;
using namespace qbatch::test;
namespace fs = std::filesystem;

namespace {

struct Files {
  ScratchFolder folder;
  std::string checkpoint = (folder.path() / "checkpoint").string();
  std::string letters = (folder.path() / "letters").string();
  std::string spool = checkpoint + "-spool";
};

std::function<std::optional<Pattern>()> patterns(std::size_t count, bool vectors = true, std::size_t changed = -1ul) {
  return [=, next = std::size_t{0}]() mutable -> std::optional<Pattern> {
    if (next == count) return std::nullopt;
    Pattern pattern;
    pattern.description = (next == changed ? "changed " : "pattern ") + std::to_string(next);
    if (vectors) pattern.vector = {static_cast<float>(next + 1), 1, 0, 0};
    ++next;
    return pattern;
  };
}

/// Fails every upsert from the `from`th on, as a server that was turned off.
auto failingFrom(std::size_t from, std::shared_ptr<std::atomic<std::size_t>> upserts = std::make_shared<std::atomic<std::size_t>>(0)) {
  return [from, upserts](const Request& request) -> std::optional<Verdict> {
    if (!std::holds_alternative<UpsertPoints>(request) || (*upserts)++ < from) return std::nullopt;
    Verdict verdict;
    verdict.kind = Verdict::Kind::fatal;
    verdict.error = Error(Errc::unauthorized, Origin::server, "the key is not valid any more");
    return verdict;
  };
}

std::size_t sent(const FakeBackend& backend) {
  const auto sizes = backend.upsertSizes();
  return std::accumulate(sizes.begin(), sizes.end(), std::size_t{0});
}

}  // namespace

TEST_CASE("a second run with the same checkpoint sends nothing") {
  const Files files;
  ClientFixture fixture;
  auto client = fixture.client();
  CHECK(client.importPatterns(patterns(250), {.chunk = {.maxItems = 40}, .checkpoint = files.checkpoint}).ok());
  const auto before = sent(*fixture.backend);
  const auto again = client.importPatterns(patterns(250), {.chunk = {.maxItems = 7}, .checkpoint = files.checkpoint});
  CHECK(again.ok());
  CHECK(again.size() == 250);
  CHECK(again.alreadyDone() == 250);
  CHECK(sent(*fixture.backend) == before);
  CHECK_FALSE(fs::exists(files.spool));
}

TEST_CASE("an import that ended early goes on where it stood, with other sizes and workers") {
  const Files files;
  ClientFixture fixture;
  fixture.options.flow.maxInFlight = 3;
  fixture.backend->hook = failingFrom(5);
  const auto first = fixture.client().importPatterns(patterns(1000), {.chunk = {.maxItems = 30}, .checkpoint = files.checkpoint});
  CHECK(first.stopped().code() == Errc::unauthorized);
  CHECK(first.count(Outcome::done) == 150);
  fixture.backend->hook = nullptr;
  fixture.options.flow.maxInFlight = 5;
  fixture.options.threads = 2;
  const auto before = sent(*fixture.backend);
  const auto second = fixture.client().importPatterns(patterns(1000), {.chunk = {.maxItems = 64}, .checkpoint = files.checkpoint});
  CHECK(second.ok());
  CHECK(second.alreadyDone() == 150);
  CHECK(second.count(Outcome::done) == 850);
  CHECK(sent(*fixture.backend) == before + 850);
  CHECK(fixture.backend->points.size() == 1000);
}

TEST_CASE("an input that has grown is stored from where it has") {
  const Files files;
  ClientFixture fixture;
  auto client = fixture.client();
  CHECK(client.importPatterns(patterns(100), {.checkpoint = files.checkpoint}).ok());
  const auto report = client.importPatterns(patterns(150), {.checkpoint = files.checkpoint});
  CHECK(report.ok());
  CHECK(report.count(Outcome::done) == 50);
}

TEST_CASE("another input, a shorter one and another collection are refused") {
  const Files files;
  ClientFixture fixture;
  auto client = fixture.client();
  CHECK(client.importPatterns(patterns(100), {.checkpoint = files.checkpoint}).ok());
  const auto before = sent(*fixture.backend);
  CHECK_THROWS_AS(client.importPatterns(patterns(100, true, 0), {.checkpoint = files.checkpoint}), ConfigError);
  CHECK_THROWS_AS(client.importPatterns(patterns(100, true, 99), {.checkpoint = files.checkpoint}), ConfigError);
  CHECK_THROWS_AS(client.importPatterns(patterns(100), {.collection = "other", .checkpoint = files.checkpoint}), ConfigError);
  const auto shorter = client.importPatterns(patterns(50), {.checkpoint = files.checkpoint});
  CHECK(shorter.stopped().code() == Errc::inputBroken);
  CHECK(sent(*fixture.backend) == before);
  CHECK(client.importPatterns(patterns(100), {.checkpoint = files.checkpoint}).ok());
}

TEST_CASE("a change after a gap is noticed, too") {
  const Files files;
  ClientFixture fixture;
  fixture.backend->hook = [&](const Request& request) -> std::optional<Verdict> {
    const auto* upsert = std::get_if<UpsertPoints>(&request);
    if (!upsert || upsert->points.front().payload.find("\"pattern 0\"") == std::string_view::npos) return std::nullopt;
    Verdict verdict;
    verdict.kind = Verdict::Kind::itemAtFault;
    verdict.error = Error(Errc::refused, Origin::server, "no", 400);
    return verdict;
  };
  auto client = fixture.client();
  const auto first = client.importPatterns(patterns(100), {.chunk = {.maxItems = 1}, .checkpoint = files.checkpoint});
  CHECK(first.count(Outcome::rejected) == 1);
  fixture.backend->hook = nullptr;
  const auto second = client.importPatterns(patterns(100, true, 50), {.checkpoint = files.checkpoint});
  CHECK(second.stopped().code() == Errc::inputBroken);
  CHECK(second.stopped().message().find(files.checkpoint) != std::string::npos);
  const auto third = client.importPatterns(patterns(100), {.checkpoint = files.checkpoint});
  CHECK(third.ok());
}

TEST_CASE("items at fault are met again by each run without dead letters, and not with them") {
  const auto refusing = [](const Request& request) -> std::optional<Verdict> {
    const auto* upsert = std::get_if<UpsertPoints>(&request);
    if (!upsert) return std::nullopt;
    const bool bad = std::any_of(upsert->points.begin(), upsert->points.end(),
                                 [](const PointView& point) { return point.payload.find("\"pattern 17\"") != std::string_view::npos; });
    if (!bad) return std::nullopt;
    Verdict verdict;
    verdict.kind = Verdict::Kind::itemAtFault;
    verdict.error = Error(Errc::refused, Origin::server, "no", 400);
    return verdict;
  };
  for (const bool letters : {false, true}) {
    const Files files;
    ClientFixture fixture;
    fixture.backend->hook = refusing;
    auto client = fixture.client();
    ImportOptions options;
    options.checkpoint = files.checkpoint;
    if (letters) options.deadLetters = files.letters;
    for (int run = 0; run < 3; ++run) {
      const auto report = client.importPatterns(patterns(100), options);
      CHECK_FALSE(report.ok());
      CHECK_FALSE(report.stopped());
      CHECK(report.count(Outcome::rejected) == (letters && run > 0 ? 0 : 1));
      CHECK(report.alreadyDead() == (letters && run > 0 ? 1 : 0));
      CHECK(report.deadLetters() == (letters && run == 0 ? 1 : 0));
    }
  }
}

TEST_CASE("vectors that were computed and not stored are found by the next run") {
  const Files files;
  ClientFixture fixture;
  fixture.options.flow.maxInFlight = 2;
  fixture.backend->hook = failingFrom(3);
  const auto first = fixture.client().importPatterns(patterns(1000, false), {.chunk = {.maxItems = 50}, .checkpoint = files.checkpoint});
  CHECK(first.stopped().code() == Errc::unauthorized);
  CHECK(first.count(Outcome::done) == 150);
  const auto paid = fixture.embedder->texts.load();
  CHECK(paid >= 200);
  fixture.backend->hook = nullptr;
  const auto second = fixture.client().importPatterns(patterns(1000, false), {.chunk = {.maxItems = 33}, .checkpoint = files.checkpoint});
  CHECK(second.ok());
  CHECK(fixture.embedder->texts == 1000);
  CHECK(fixture.backend->points.size() == 1000);
  CHECK(fixture.backend->points.at(PointId::forContent("pattern 160", "", "")).vector == std::vector<float>{11, 1, 0, 0});
  CHECK_FALSE(fs::exists(files.spool));
}

TEST_CASE("where the collection is gone, a checkpoint does not pass for what is stored") {
  const Files files;
  ClientFixture fixture;
  auto client = fixture.client();
  CHECK(client.importPatterns(patterns(100), {.checkpoint = files.checkpoint}).ok());
  fixture.backend->collections.clear();
  const auto report = client.importPatterns(patterns(150), {.checkpoint = files.checkpoint});
  CHECK(report.stopped().code() == Errc::collectionNotFound);
  CHECK(report.stopped().message().find("delete the checkpoint") != std::string::npos);
  CHECK(fixture.backend->collections.empty());
}

TEST_CASE("with a checkpoint an early end leaves no dead letters, without one it leaves all that was read") {
  for (const bool checkpoint : {false, true}) {
    const Files files;
    ClientFixture fixture;
    fixture.backend->hook = failingFrom(0);
    ImportOptions options;
    options.chunk.maxItems = 10;
    options.deadLetters = files.letters;
    if (checkpoint) options.checkpoint = files.checkpoint;
    const auto report = fixture.client().importPatterns(patterns(1000), options);
    CHECK(report.stopped().code() == Errc::unauthorized);
    CHECK(report.size() > 0);
    CHECK(report.deadLetters() == (checkpoint ? 0 : report.size()));
  }
}

TEST_CASE("one checkpoint serves one import at a time") {
  const Files files;
  ClientFixture fixture;
  auto client = fixture.client();
  bool refused = false;
  auto generate = patterns(10);
  const auto report = client.importPatterns(
      [&]() -> std::optional<Pattern> {
        if (!refused) {
          try {
            (void)client.importPatterns(patterns(10), {.checkpoint = files.checkpoint});
          } catch (const RequestError& error) {
            refused = error.error().code() == Errc::inUse;
          }
        }
        return generate();
      },
      {.checkpoint = files.checkpoint});
  CHECK(refused);
  CHECK(report.ok());
}
