#include "stream/spool.hpp"

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "qbatch/error.hpp"
#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/file_bytes.hpp"
#include "support/request_error.hpp"
#include "support/seed.hpp"
#include "support/spool_windows.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch;
using namespace qbatch::test;
namespace fs = std::filesystem;

TEST_CASE("what one run keeps, the next finds") {
  const SpoolScene scene;
  {
    Spool spool(scene.folder, "model", spoolDimension);
    CHECK_FALSE(fs::exists(scene.folder));
    static_cast<void>(keep(spool, 0, 10));
    static_cast<void>(keep(spool, 10, 15));
    CHECK_FALSE(has(spool, 3));  // of this run
  }
  for (int run = 0; run < 2; ++run) {
    Spool spool(scene.folder, "model", spoolDimension);
    for (std::uint64_t item = 0; item < 15; ++item) CHECK(has(spool, 14 - item));
    CHECK_FALSE(has(spool, 15));
  }
}

TEST_CASE("what is stored goes, the rest stays for later runs") {
  const SpoolScene scene;
  {
    Spool spool(scene.folder, "model", spoolDimension);
    const auto first = keep(spool, 0, 10), second = keep(spool, 10, 20);
    CHECK(first != second);
    spool.drop(first);
    spool.drop(first);
  }
  Spool spool(scene.folder, "model", spoolDimension);
  CHECK_FALSE(has(spool, 5));
  CHECK(has(spool, 15));
  spool.drop(keep(spool, 20, 30));
  CHECK(has(spool, 15));
  CHECK(namesIn(scene.folder).size() == 2);  // a window and the lock
}

TEST_CASE("a folder that holds nothing goes with its owner") {
  const SpoolScene scene;
  {
    Spool spool(scene.folder, "model", spoolDimension);
    spool.drop(keep(spool, 0, 10));
    CHECK(fs::exists(scene.folder));
  }
  CHECK_FALSE(fs::exists(scene.folder));
  { const Spool spool(scene.folder, "model", spoolDimension); }
  CHECK_FALSE(fs::exists(scene.folder));
}

TEST_CASE("at the end of the input all that was kept goes, but nothing of others") {
  const SpoolScene scene;
  {
    Spool spool(scene.folder, "model", spoolDimension);
    static_cast<void>(keep(spool, 0, 10));
  }
  const std::string damaged = scene.folder + "/window-00000000000000ff.vectors";
  setBytes(damaged, "torn");
  {
    Spool spool(scene.folder, "other", spoolDimension);
    CHECK_FALSE(has(spool, 0));
    static_cast<void>(keep(spool, 0, 10));
    setBytes(scene.folder + "/window-notes.vectors", "a note");
    spool.clear();
    CHECK(namesIn(scene.folder) == std::set<std::string>{"qbatch-lock", "window-0000000000000001.vectors", "window-notes.vectors"});
    spool.clear();
  }
  fs::remove(scene.folder + "/window-notes.vectors");
  {
    Spool spool(scene.folder, "model", spoolDimension);
    CHECK(has(spool, 0));
    spool.clear();
    CHECK_FALSE(has(spool, 0));
    CHECK_FALSE(fs::exists(scene.folder));
    spool.clear();
    static_cast<void>(keep(spool, 0, 10));  // it goes on nevertheless
  }
  Spool spool(scene.folder, "model", spoolDimension);
  CHECK(has(spool, 0));
}

TEST_CASE("vectors of another embedder or dimension are not found, and stay") {
  const SpoolScene scene;
  {
    Spool spool(scene.folder, "model", 5);
    static_cast<void>(keep(spool, 0, 10, 5));
  }
  const auto before = namesIn(scene.folder);
  {
    Spool spool(scene.folder, "model", spoolDimension);
    CHECK_FALSE(has(spool, 0));
  }
  CHECK(namesIn(scene.folder) == before);
  Spool spool(scene.folder, "model", 5);
  std::vector<float> vector(5);
  CHECK(spool.find(keyOf(0), vector));
}

TEST_CASE("a damaged file has no vectors, and spoils no other") {
  const SpoolScene scene;
  {
    Spool spool(scene.folder, "model", spoolDimension);
    static_cast<void>(keep(spool, 0, 10));
    static_cast<void>(keep(spool, 10, 20));
  }
  const std::string file = scene.folder + "/window-0000000000000001.vectors", whole = bytesOf(file);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    setBytes(file, at % 3 == 0 ? whole.substr(0, at) : damaged);
    CAPTURE(at);
    Spool spool(scene.folder, "model", spoolDimension);
    for (std::uint64_t item = 0; item < 10; ++item) REQUIRE_FALSE(has(spool, item));
    REQUIRE(has(spool, 15));
  }
}

TEST_CASE("a file that goes while the spool is open has no vectors") {
  const SpoolScene scene;
  {
    Spool spool(scene.folder, "model", spoolDimension);
    static_cast<void>(keep(spool, 0, 10));
  }
  Spool spool(scene.folder, "model", spoolDimension);
  fs::remove(scene.folder + "/window-0000000000000001.vectors");
  CHECK_FALSE(has(spool, 1));
  CHECK_FALSE(has(spool, 1));
}

TEST_CASE("what a killed run left of a file goes, and what is not the spool's stays") {
  const SpoolScene scene;
  fs::create_directory(scene.folder);
  setBytes(scene.folder + "/window-0000000000000001.vectors.part", "half");
  setBytes(scene.folder + "/window-1.vectors.part", "not ours");
  { const Spool spool(scene.folder, "model", spoolDimension); }
  CHECK(namesIn(scene.folder) == std::set<std::string>{"qbatch-lock", "window-1.vectors.part"});
}

TEST_CASE("random histories of runs find what a model holds") {
  const auto seed = test::seed();
  CAPTURE(seed);
  Random random(seed);
  for (std::size_t history = 0; history < campaignSize(20); ++history) {
    const SpoolScene scene;
    std::map<std::string, std::set<std::uint64_t>> windows[2];  // by file, of two embedders
    for (std::size_t run = 0; run < 8; ++run) {
      const auto who = random.below(2);
      std::set<std::uint64_t> there;
      for (const auto& [file, items] : windows[who]) there.insert(items.begin(), items.end());
      Spool spool(scene.folder, who == 0 ? "model" : "other", spoolDimension);
      for (std::uint64_t item = 0; item < 100; ++item) REQUIRE(has(spool, item) == there.contains(item));
      for (auto keeps = random.below(5); keeps > 0; --keeps) {
        const auto first = random.below(95), last = first + random.below(6);
        const auto window = keep(spool, first, last);
        if (random.chance(40)) {
          spool.drop(window);
          continue;
        }
        auto& items = windows[who][std::to_string(window)];
        REQUIRE(items.empty());
        for (auto item = first; item < last; ++item) items.insert(item);
      }
      if (random.chance(20)) {
        spool.clear();
        windows[who].clear();
      }
    }
  }
}

TEST_CASE("a folder that cannot be used is refused with the reason") {
  const SpoolScene scene;
  setBytes(scene.folder, "a file");
  const Error error = requestError([&] { const Spool spool(scene.folder, "model", spoolDimension); });
  CHECK(error.code() == make_error_code(Errc::storageBroken));
  CHECK_THAT(error.message(), contains(scene.folder) && contains("check that its folder exists"));
  Spool spool(scene.folder + "-none/deep", "model", spoolDimension);
  CHECK(requestError([&] { static_cast<void>(keep(spool, 0, 1)); }).code() == make_error_code(Errc::storageBroken));
  CHECK_THAT(requestError([] { const Spool nameless("", "model", spoolDimension); }).message(), contains("empty"));
}
