#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "qbatch/local.hpp"
#include "support/backend_calls.hpp"
#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/scratch_folder.hpp"
#include "support/seed.hpp"

using namespace qbatch;
using namespace qbatch::test;
namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t points = 300;
constexpr std::size_t dimension = 200;

std::string textOf(std::uint64_t id) { return "{\"id\":" + std::to_string(id) + ",\"text\":\"" + std::string(id * 5, 'x') + "\"}"; }
std::vector<float> vectorOf(std::uint64_t id) { return std::vector<float>(dimension, static_cast<float>(id + 1)); }

void fill(const std::string& file) {
  const auto backend = makeLocalBackend(file);
  createCollection(*backend, "c", dimension, Distance::dot);
  std::vector<OwnedPoints::Point> batch;
  for (std::uint64_t id = 0; id < points; ++id) batch.push_back({id, vectorOf(id), textOf(id)});
  REQUIRE(store(*backend, "c", batch).verdict.kind == Verdict::Kind::completed);
}

std::string bytesOf(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}
void write(const std::string& file, const std::string& bytes) { std::ofstream(file, std::ios::binary) << bytes; }

/// True where the file was refused with a helpful error and left as it was; otherwise all that it holds must be what was stored.
bool refused(const std::string& file) {
  const std::string before = bytesOf(file);
  try {
    const auto backend = makeLocalBackend(file);
    for (const auto& point : everything(*backend, "c")) {
      CHECK(point.payload == textOf(point.id.number()));
      CHECK(point.vector == vectorOf(point.id.number()));
    }
    CHECK(ask<std::size_t>(*backend, CountPoints{"c", ""}) == points);
    return false;
  } catch (const RequestError& error) {
    CAPTURE(error.error().message());
    CHECK(error.error().code() == make_error_code(Errc::storageBroken));
    CHECK(error.error().message().find(file) != std::string::npos);
    CHECK(error.error().message().find("restore a copy") != std::string::npos);
  }
  CHECK(bytesOf(file) == before);
  return true;
}

}  // namespace

TEST_CASE("a store that was cut off is refused, wherever it was cut") {
  const ScratchFolder folder;
  fill((folder.path() / "good.db").string());
  const std::string good = bytesOf((folder.path() / "good.db").string()), file = (folder.path() / "bad.db").string();
  const auto seed = qbatch::test::seed();
  CAPTURE(seed);
  Random random(seed);
  for (std::size_t round = 0; round < campaignSize(30); ++round) {
    const auto length = round == 0 ? good.size() - 1 : round == 1 ? good.size() - 4096 : random.between(1, good.size() - 1);
    CAPTURE(length);
    write(file, good.substr(0, length));
    CHECK(refused(file));
  }
}

TEST_CASE("overwritten parts are noticed, or hold nothing of what was stored") {
  const ScratchFolder folder;
  fill((folder.path() / "good.db").string());
  const std::string good = bytesOf((folder.path() / "good.db").string()), file = (folder.path() / "bad.db").string();
  const auto seed = qbatch::test::seed();
  CAPTURE(seed);
  Random random(seed);
  std::size_t noticed = 0;
  const std::size_t rounds = campaignSize(60);
  for (std::size_t round = 0; round < rounds; ++round) {
    std::string bad = good;
    const auto length = std::size_t{1} << random.below(13);
    // A third of the damage goes to the beginning, where SQLite's header and the tables' descriptions stand.
    const auto at = random.below(round % 3 == 0 ? 4096 : bad.size() - length);
    CAPTURE(round, at, length);
    for (std::size_t i = 0; i < length; ++i) bad[at + i] = static_cast<char>(round % 2 == 0 ? 0 : random.below(256));
    write(file, bad);
    noticed += refused(file) ? 1 : 0;
  }
  CHECK(noticed > rounds / 3);
}

TEST_CASE("a torn end of the log costs only what was never confirmed") {
  const ScratchFolder folder;
  const std::string file = (folder.path() / "store.db").string(), copy = (folder.path() / "copy.db").string();
  const auto backend = makeLocalBackend(file);
  createCollection(*backend, "c", 1, Distance::dot);
  store(*backend, "c", {{1, {1}, "{}"}});
  fs::copy_file(file, copy);
  const std::string log = bytesOf(file + "-wal");
  store(*backend, "c", {{2, {1}, "{}"}});
  const std::string longer = bytesOf(file + "-wal");
  REQUIRE(longer.size() > log.size());
  write(copy + "-wal", longer.substr(0, longer.size() - 100));
  const auto opened = makeLocalBackend(copy);
  CHECK(payloadOf(*opened, "c", 1) == "{}");
  CHECK(payloadOf(*opened, "c", 2) == "absent");
}

TEST_CASE("what is no store, or out of reach, is said before anything is changed") {
  const ScratchFolder folder;
  const auto errorOf = [](const std::string& file) {
    try {
      const auto backend = makeLocalBackend(file);
    } catch (const RequestError& error) {
      return error.error();
    }
    return Error();
  };
  write((folder.path() / "notes.txt").string(), "notes");
  CHECK(errorOf((folder.path() / "notes.txt").string()).code() == make_error_code(Errc::storageBroken));
  CHECK(bytesOf((folder.path() / "notes.txt").string()) == "notes");
  CHECK_FALSE(fs::exists((folder.path() / "notes.txt-owner").string()));
  CHECK(errorOf(folder.path().string()).message().find("folder") != std::string::npos);
  CHECK(errorOf((folder.path() / "none/store.db").string()).message().find("create it") != std::string::npos);
  CHECK(errorOf("").code() == make_error_code(Errc::storageBroken));
  if (geteuid() == 0) {
    WARN("running as root, for whom no file is out of reach: permissions are not tested");
    return;
  }
  fill((folder.path() / "locked.db").string());
  fs::permissions((folder.path() / "locked.db").string(), fs::perms::none);
  CHECK(errorOf((folder.path() / "locked.db").string()).message().find("permissions") != std::string::npos);
  fs::permissions(folder.path(), fs::perms::owner_read | fs::perms::owner_exec);
  CHECK(errorOf((folder.path() / "new.db").string()).message().find("permissions") != std::string::npos);
  fs::permissions(folder.path(), fs::perms::owner_all);
}
