#include "stream/spool.hpp"

#include <atomic>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "qbatch/error.hpp"
#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/file_bytes.hpp"
#include "support/file_size_limit.hpp"
#include "support/request_error.hpp"
#include "support/scratch_folder.hpp"
#include "support/seed.hpp"
#include "support/small_disk.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch;
using namespace qbatch::test;
using stream::Spool;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t dimension = 4;

PointId keyOf(std::uint64_t item) { return item % 3 == 0 ? PointId(item) : PointId::forContent("item", std::to_string(item), ""); }

std::vector<float> vectorOf(std::uint64_t item, std::size_t size = dimension) {
  std::vector<float> vector(size);
  for (std::size_t i = 0; i < size; ++i) vector[i] = static_cast<float>(item * 10 + i) + 0.25F;
  return vector;
}

std::uint64_t keep(Spool& spool, std::uint64_t first, std::uint64_t last, std::size_t size = dimension) {
  std::vector<PointId> keys;
  std::vector<float> rows;
  for (auto item = first; item < last; ++item) {
    keys.push_back(keyOf(item));
    const auto vector = vectorOf(item, size);
    rows.insert(rows.end(), vector.begin(), vector.end());
  }
  return spool.keep(keys, {rows.data(), keys.size(), size});
}

bool has(Spool& spool, std::uint64_t item) {
  std::vector<float> vector(dimension);
  if (!spool.find(keyOf(item), vector)) return false;
  CHECK(vector == vectorOf(item));
  return true;
}

std::set<std::string> namesIn(const std::string& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.insert(entry.path().filename().string());
  return names;
}

/// The path of a spool that is not there yet.
struct Scene {
  ScratchFolder scratch{};
  std::string folder = (scratch.path() / "spool").string();
};

}  // namespace

TEST_CASE("what one run keeps, the next finds") {
  const Scene scene;
  {
    Spool spool(scene.folder, "model", dimension);
    CHECK_FALSE(fs::exists(scene.folder));
    static_cast<void>(keep(spool, 0, 10));
    static_cast<void>(keep(spool, 10, 15));
    CHECK_FALSE(has(spool, 3));  // of this run
  }
  for (int run = 0; run < 2; ++run) {
    Spool spool(scene.folder, "model", dimension);
    for (std::uint64_t item = 0; item < 15; ++item) CHECK(has(spool, 14 - item));
    CHECK_FALSE(has(spool, 15));
  }
}

TEST_CASE("what is stored goes, the rest stays for later runs") {
  const Scene scene;
  {
    Spool spool(scene.folder, "model", dimension);
    const auto first = keep(spool, 0, 10), second = keep(spool, 10, 20);
    CHECK(first != second);
    spool.drop(first);
    spool.drop(first);
  }
  Spool spool(scene.folder, "model", dimension);
  CHECK_FALSE(has(spool, 5));
  CHECK(has(spool, 15));
  spool.drop(keep(spool, 20, 30));
  CHECK(has(spool, 15));
  CHECK(namesIn(scene.folder).size() == 2);  // a window and the lock
}

TEST_CASE("a folder that holds nothing goes with its owner") {
  const Scene scene;
  {
    Spool spool(scene.folder, "model", dimension);
    spool.drop(keep(spool, 0, 10));
    CHECK(fs::exists(scene.folder));
  }
  CHECK_FALSE(fs::exists(scene.folder));
  { const Spool spool(scene.folder, "model", dimension); }
  CHECK_FALSE(fs::exists(scene.folder));
}

TEST_CASE("at the end of the input all that was kept goes, but nothing of others") {
  const Scene scene;
  {
    Spool spool(scene.folder, "model", dimension);
    static_cast<void>(keep(spool, 0, 10));
  }
  const std::string damaged = scene.folder + "/window-00000000000000ff.vectors";
  setBytes(damaged, "torn");
  {
    Spool spool(scene.folder, "other", dimension);
    CHECK_FALSE(has(spool, 0));
    static_cast<void>(keep(spool, 0, 10));
    setBytes(scene.folder + "/window-notes.vectors", "a note");
    spool.clear();
    CHECK(namesIn(scene.folder) == std::set<std::string>{"qbatch-lock", "window-0000000000000001.vectors", "window-notes.vectors"});
    spool.clear();
  }
  fs::remove(scene.folder + "/window-notes.vectors");
  {
    Spool spool(scene.folder, "model", dimension);
    CHECK(has(spool, 0));
    spool.clear();
    CHECK_FALSE(has(spool, 0));
    CHECK_FALSE(fs::exists(scene.folder));
    spool.clear();
    static_cast<void>(keep(spool, 0, 10));  // it goes on nevertheless
  }
  Spool spool(scene.folder, "model", dimension);
  CHECK(has(spool, 0));
}

TEST_CASE("vectors of another embedder or dimension are not found, and stay") {
  const Scene scene;
  {
    Spool spool(scene.folder, "model", 5);
    static_cast<void>(keep(spool, 0, 10, 5));
  }
  const auto before = namesIn(scene.folder);
  {
    Spool spool(scene.folder, "model", dimension);
    CHECK_FALSE(has(spool, 0));
  }
  CHECK(namesIn(scene.folder) == before);
  Spool spool(scene.folder, "model", 5);
  std::vector<float> vector(5);
  CHECK(spool.find(keyOf(0), vector));
}

TEST_CASE("a damaged file has no vectors, and spoils no other") {
  const Scene scene;
  {
    Spool spool(scene.folder, "model", dimension);
    static_cast<void>(keep(spool, 0, 10));
    static_cast<void>(keep(spool, 10, 20));
  }
  const std::string file = scene.folder + "/window-0000000000000001.vectors", whole = bytesOf(file);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    setBytes(file, at % 3 == 0 ? whole.substr(0, at) : damaged);
    CAPTURE(at);
    Spool spool(scene.folder, "model", dimension);
    for (std::uint64_t item = 0; item < 10; ++item) REQUIRE_FALSE(has(spool, item));
    REQUIRE(has(spool, 15));
  }
}

TEST_CASE("a file that goes while the spool is open has no vectors") {
  const Scene scene;
  {
    Spool spool(scene.folder, "model", dimension);
    static_cast<void>(keep(spool, 0, 10));
  }
  Spool spool(scene.folder, "model", dimension);
  fs::remove(scene.folder + "/window-0000000000000001.vectors");
  CHECK_FALSE(has(spool, 1));
  CHECK_FALSE(has(spool, 1));
}

TEST_CASE("what a killed run left of a file goes, and what is not the spool's stays") {
  const Scene scene;
  fs::create_directory(scene.folder);
  setBytes(scene.folder + "/window-0000000000000001.vectors.part", "half");
  setBytes(scene.folder + "/window-1.vectors.part", "not ours");
  { const Spool spool(scene.folder, "model", dimension); }
  CHECK(namesIn(scene.folder) == std::set<std::string>{"qbatch-lock", "window-1.vectors.part"});
}

TEST_CASE("a spool belongs to one import at a time, also where it is made meanwhile") {
  const Scene scene;
  Spool early(scene.folder, "model", dimension);
  {
    Spool first(scene.folder, "model", dimension);
    static_cast<void>(keep(first, 0, 10));
    const Error error = requestError([&] { const Spool second(scene.folder, "model", dimension); });
    CHECK(error.code() == make_error_code(Errc::inUse));
    CHECK_THAT(error.message(), contains(scene.folder) && contains("the spool"));
    CHECK(requestError([&] { static_cast<void>(keep(early, 10, 20)); }).code() == make_error_code(Errc::inUse));
  }
  CHECK_FALSE(requestError([&] { static_cast<void>(keep(early, 10, 20)); }));
  CHECK(namesIn(scene.folder).size() == 3);
}

TEST_CASE("owners that come and go at once never share a folder") {
  const Scene scene;
  std::atomic<int> inside = 0, shared = 0, turns = 0, odd = 0;
  const auto comeAndGo = [&] {
    for (int i = 0; i < 300; ++i) {
      try {
        Spool spool(scene.folder, "model", dimension);
        const auto window = keep(spool, 0, 1);
        if (++inside != 1) ++shared;
        ++turns;
        --inside;
        spool.drop(window);
      } catch (const RequestError& error) {
        if (error.error().code() != make_error_code(Errc::inUse)) ++odd;
      }
    }
  };
  std::thread one(comeAndGo), two(comeAndGo), three(comeAndGo);
  one.join();
  two.join();
  three.join();
  CHECK(shared == 0);
  CHECK(odd == 0);
  CHECK(turns > 0);
  CHECK_FALSE(fs::exists(scene.folder));
}

TEST_CASE("threads keep, find and drop at once") {
  const Scene scene;
  {
    Spool spool(scene.folder, "model", dimension);
    for (std::uint64_t window = 0; window < 8; ++window) static_cast<void>(keep(spool, window * 10, window * 10 + 10));
  }
  Spool spool(scene.folder, "model", dimension);
  std::atomic<std::size_t> found = 0;
  std::vector<std::thread> threads;
  for (std::uint64_t thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (std::uint64_t i = 0; i < 80; ++i) {
        const std::uint64_t item = (i * 7 + thread * 20) % 80;
        std::vector<float> vector(dimension);
        if (spool.find(keyOf(item), vector) && vector == vectorOf(item)) ++found;
        if (i % 10 == 0) spool.drop(keep(spool, 1000 * (thread + 1), 1000 * (thread + 1) + 5));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(found == 4 * 80);
  CHECK(namesIn(scene.folder).size() == 9);
}

TEST_CASE("random histories of runs find what a model holds") {
  const auto seed = test::seed();
  CAPTURE(seed);
  Random random(seed);
  for (std::size_t history = 0; history < campaignSize(20); ++history) {
    const Scene scene;
    std::map<std::string, std::set<std::uint64_t>> windows[2];  // by file, of two embedders
    for (std::size_t run = 0; run < 8; ++run) {
      const auto who = random.below(2);
      std::set<std::uint64_t> there;
      for (const auto& [file, items] : windows[who]) there.insert(items.begin(), items.end());
      Spool spool(scene.folder, who == 0 ? "model" : "other", dimension);
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

TEST_CASE("a window that does not fit leaves nothing, and with room the spool goes on") {
  const Scene scene;
  {
    Spool spool(scene.folder, "model", dimension);
    static_cast<void>(keep(spool, 0, 10));
    const auto before = namesIn(scene.folder);
    {
      const FileSizeLimit limit(1000);
      const Error error = requestError([&] { static_cast<void>(keep(spool, 10, 1000)); });
      CHECK(error.code() == make_error_code(Errc::storageFull));
      CHECK_THAT(error.message(), contains(scene.folder) && contains("free space"));
    }
    CHECK(namesIn(scene.folder) == before);
    static_cast<void>(keep(spool, 10, 1000));
  }
  Spool spool(scene.folder, "model", dimension);
  CHECK(has(spool, 5));
  CHECK(has(spool, 999));
}

TEST_CASE("on a full disk a window leaves nothing, and those before it stand") {
  const SmallDisk disk;
  if (!disk.mounted()) return;
  disk.fill(1'000'000);
  std::uint64_t kept = 0;
  {
    Spool spool(disk.file("spool"), "model", dimension);
    Error error;
    for (; !error; kept += error ? 0 : 1) {
      REQUIRE(kept < 1000);
      error = requestError([&] { static_cast<void>(keep(spool, kept * 2000, kept * 2000 + 2000)); });
    }
    CHECK(error.code() == make_error_code(Errc::storageFull));
    CHECK(kept > 5);
    CHECK(namesIn(disk.file("spool")).size() == kept + 1);
  }
  disk.makeRoom();
  Spool spool(disk.file("spool"), "model", dimension);
  for (std::uint64_t window = 0; window < kept; ++window) CHECK(has(spool, window * 2000 + 1999));
  CHECK_NOTHROW(keep(spool, 0, 2000));
}

TEST_CASE("a folder that cannot be used is refused with the reason") {
  const Scene scene;
  setBytes(scene.folder, "a file");
  const Error error = requestError([&] { const Spool spool(scene.folder, "model", dimension); });
  CHECK(error.code() == make_error_code(Errc::storageBroken));
  CHECK_THAT(error.message(), contains(scene.folder) && contains("check that its folder exists"));
  Spool spool(scene.folder + "-none/deep", "model", dimension);
  CHECK(requestError([&] { static_cast<void>(keep(spool, 0, 1)); }).code() == make_error_code(Errc::storageBroken));
  CHECK_THAT(requestError([] { const Spool nameless("", "model", dimension); }).message(), contains("empty"));
}
