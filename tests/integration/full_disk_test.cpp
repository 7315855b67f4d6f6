#include <map>

#include "qbatch/local.hpp"
#include "support/backend_calls.hpp"
#include "support/catch.hpp"
#include "support/small_disk.hpp"

using namespace qbatch;
using namespace qbatch::test;
using Kind = Verdict::Kind;

namespace {

std::string textOf(std::uint64_t id) { return "{\"id\":" + std::to_string(id) + ",\"text\":\"" + std::string(2000, 'x') + "\"}"; }

std::vector<OwnedPoints::Point> batchOf(std::uint64_t batch) {
  std::vector<OwnedPoints::Point> points;
  for (std::uint64_t i = 0; i < 40; ++i) points.push_back({batch * 40 + i, {static_cast<float>(i)}, textOf(batch * 40 + i)});
  return points;
}

}  // namespace

TEST_CASE("on a full disk, what was answered as done is there and nothing else, and with room it goes on") {
  const SmallDisk disk;
  if (!disk.mounted()) return;
  const std::string file = disk.file("store.db");
  std::map<std::uint64_t, std::string> wanted;
  const auto check = [&](Backend& backend) {
    const auto all = everything(backend, "c");
    REQUIRE(all.size() == wanted.size());
    for (const auto& point : all) CHECK(point.payload == wanted.at(point.id.number()));
  };
  disk.fill(700'000);
  {
    const auto backend = makeLocalBackend(file);
    createCollection(*backend, "c", 1, Distance::dot);
    std::uint64_t batch = 0;
    std::size_t failures = 0;
    for (; failures < 5; ++batch) {
      REQUIRE(batch < 1000);
      const Reply reply = store(*backend, "c", batchOf(batch));
      if (reply.verdict.kind == Kind::completed) {
        for (const auto& point : batchOf(batch)) wanted[point.id.number()] = point.payload;
        continue;
      }
      ++failures;
      CHECK(isError(reply, Kind::fatal, Errc::storageFull));
      CHECK_FALSE(reply.verdict.maybeApplied);
      CHECK(reply.verdict.error.message().find("free space and store the rest again") != std::string::npos);
    }
    CHECK(wanted.size() >= 200);
    check(*backend);

    disk.makeRoom();
    CHECK(store(*backend, "c", batchOf(batch)).verdict.kind == Kind::completed);
    for (const auto& point : batchOf(batch)) wanted[point.id.number()] = point.payload;
    check(*backend);
    disk.fill();
  }
  const auto backend = makeLocalBackend(file);
  check(*backend);
}

TEST_CASE("a store cannot be made on a full disk, and this is said") {
  const SmallDisk disk;
  if (!disk.mounted()) return;
  disk.fill();
  try {
    const auto backend = makeLocalBackend(disk.file("store.db"));
    FAIL("it was made");
  } catch (const RequestError& error) {
    CAPTURE(error.error().message());
    CHECK(error.error().code() == make_error_code(Errc::storageFull));
  }
  disk.makeRoom();
  CHECK(createCollection(*makeLocalBackend(disk.file("store.db")), "c", 1));
}
