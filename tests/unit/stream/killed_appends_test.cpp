#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "codec/json_check.hpp"
#include "qbatch/error.hpp"
#include "stream/dead_letters.hpp"
#include "stream/item_hash.hpp"
#include "stream/ledger.hpp"
#include "stream/spool.hpp"
#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/child_process.hpp"
#include "support/file_bytes.hpp"
#include "support/scratch_folder.hpp"
#include "support/seed.hpp"

// kill -9 while files of an import are written. When the kill comes is chance; what must hold then is not.
using namespace qbatch;
using namespace qbatch::stream;
using namespace qbatch::test;

namespace {

// Round r of a child appends what follows from r alone, and much of it, so that kills often come in the middle.
constexpr std::size_t rangesOfRound = 2000, dimension = 256, rowsOfRound = 500;

SettledRange rangeOf(std::size_t number) { return {number * 10, number * 10 + 5, itemDigest(number, 1), number % 6}; }

std::vector<SettledRange> rangesOf(std::size_t round) {
  std::vector<SettledRange> ranges;
  for (std::size_t i = 0; i < rangesOfRound; ++i) ranges.push_back(rangeOf(round * rangesOfRound + i));
  return ranges;
}

Pattern patternOf(std::size_t round) { return {"round " + std::to_string(round), std::string(200'000, 'c'), "cpp", {}, {}, {}}; }

DeadLetter letterOf(std::size_t round, const Pattern& pattern) {
  return {round, round + 1, Outcome::rejected, "too long", 1, contentHash(pattern), &pattern, {}, false, {}};
}

PointId keyOf(std::size_t round, std::size_t row) { return {round * rowsOfRound + row + 1}; }

std::vector<float> rowsOf(std::size_t round) {
  std::vector<float> rows(rowsOfRound * dimension);
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<float>((round * 31 + i) % 1000);
  return rows;
}

std::string folderOfChild() {
  const char* folder = std::getenv("QBATCH_CHILD_FOLDER");
  return folder == nullptr ? std::string() : std::string(folder);
}

/// Runs the child until it has reported some rounds, and kills it. Returns how many it had reported.
std::size_t killWriter(const std::string& testCase, const std::string& folder, Random& random) {
  ChildProcess child(testCase, {"QBATCH_CHILD_FOLDER=" + folder});
  std::size_t reported = 0;
  std::string line;
  for (std::size_t wanted = 1 + random.below(6); reported < wanted; ++reported) REQUIRE(child.readLine(line));
  for (auto spins = random.below(300'000); spins > 0; --spins) asm volatile("");
  child.killHard();
  while (child.readLine(line)) ++reported;
  return reported;
}

}  // namespace

TEST_CASE("child: a checkpoint is appended to until it is killed", "[.]") {
  const std::string folder = folderOfChild();
  REQUIRE_FALSE(folder.empty());
  Ledger ledger(folder + "/checkpoint", "patterns");
  ledger.begin(1);
  for (std::size_t round = ledger.settled().size() / rangesOfRound;; ++round) {
    ledger.append(rangesOf(round));
    childReport("appended");
  }
}

TEST_CASE("child: letters are appended until it is killed", "[.]") {
  const std::string folder = folderOfChild();
  REQUIRE_FALSE(folder.empty());
  DeadLetters letters(folder + "/letters");
  for (std::size_t round = 0;; ++round) {
    const Pattern pattern = patternOf(round);
    letters.write(letterOf(round, pattern));
    childReport("appended");
  }
}

TEST_CASE("child: windows are kept until it is killed", "[.]") {
  const std::string folder = folderOfChild();
  REQUIRE_FALSE(folder.empty());
  Spool spool(folder + "/spool", "model", dimension);
  for (std::size_t round = 0;; ++round) {
    std::vector<PointId> keys;
    for (std::size_t row = 0; row < rowsOfRound; ++row) keys.push_back(keyOf(round, row));
    auto rows = rowsOf(round);
    static_cast<void>(spool.keep(keys, {rows.data(), keys.size(), dimension}));
    childReport("kept");
  }
}

TEST_CASE("killed while it appends, a checkpoint keeps all that was reported and makes nothing up") {
  const auto seed = test::seed();
  CAPTURE(seed);
  Random random(seed);
  const ScratchFolder folder;
  const std::string file = (folder.path() / "checkpoint").string();
  std::size_t least = 0;
  for (int kill = 0; kill < 20; ++kill) {
    // A round that was cut is done again, whose first lines are there twice then.
    const std::size_t before = least / rangesOfRound;
    least = (before + killWriter("child: a checkpoint is appended to until it is killed", folder.path().string(), random)) * rangesOfRound;
    const Ledger ledger(file, "patterns");
    const auto& settled = ledger.settled();
    REQUIRE(settled.size() >= least);
    std::size_t right = 0;
    while (right < settled.size() && settled[right] == rangeOf(right)) ++right;
    REQUIRE(right == settled.size());
    REQUIRE(bytesOf(file).ends_with('\n'));
    least = settled.size();
  }
}

TEST_CASE("killed while they are appended, letters keep all that was reported, once, and nothing torn for whole") {
  const auto seed = test::seed();
  CAPTURE(seed);
  Random random(seed);
  for (int kill = 0; kill < 20; ++kill) {
    const ScratchFolder folder;
    const std::string file = (folder.path() / "letters").string();
    const auto reported = killWriter("child: letters are appended until it is killed", folder.path().string(), random);
    const auto written = static_cast<std::size_t>(std::ranges::count(bytesOf(file), '\n'));
    REQUIRE(written >= reported);
    {
      DeadLetters letters(file);
      for (std::size_t round = 0; round < written + 2; ++round) {
        const Pattern pattern = patternOf(round);
        REQUIRE(letters.write(letterOf(round, pattern)) == (round >= written));
      }
    }
    std::size_t torn = 0, next = 0;
    AppendFile(file, "the letters").eachLine([&](std::string_view line, std::size_t, bool) {
      const Pattern pattern = patternOf(next);
      if (line == toJson(letterOf(next, pattern))) {
        ++next;
      } else {
        ++torn;
        REQUIRE_THROWS_AS(codec::checkJson(line), ParseError);
      }
    });
    REQUIRE(next == written + 2);
    REQUIRE(torn <= 1);
  }
}

TEST_CASE("killed while it keeps windows, a spool has all that was reported, whole") {
  const auto seed = test::seed();
  CAPTURE(seed);
  Random random(seed);
  for (int kill = 0; kill < 20; ++kill) {
    const ScratchFolder folder;
    const auto reported = killWriter("child: windows are kept until it is killed", folder.path().string(), random);
    Spool spool((folder.path() / "spool").string(), "model", dimension);
    std::vector<float> vector(dimension);
    std::size_t round = 0;
    for (; spool.find(keyOf(round, 0), vector); ++round) {
      const auto rows = rowsOf(round);
      std::size_t right = 0;
      for (auto row = rows.begin(); row != rows.end() && spool.find(keyOf(round, right), vector); row += dimension) {
        right += std::equal(vector.begin(), vector.end(), row) ? 1 : 0;
      }
      REQUIRE(right == rowsOfRound);
    }
    REQUIRE(round >= reported);
    REQUIRE(round <= reported + 1);
  }
}
