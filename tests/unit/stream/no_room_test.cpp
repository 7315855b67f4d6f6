#include <string>
#include <vector>

#include "qbatch/error.hpp"
#include "stream/dead_letters.hpp"
#include "stream/ledger.hpp"
#include "stream/spool.hpp"
#include "support/catch.hpp"
#include "support/file_bytes.hpp"
#include "support/file_size_limit.hpp"
#include "support/request_error.hpp"
#include "support/small_disk.hpp"
#include "support/spool_windows.hpp"
#include "support/text_matchers.hpp"

// Files of an import where the disk is full: what does not fit is said, what was written before stands, and with room it goes on.
using namespace qbatch;
using namespace qbatch::stream;
using namespace qbatch::test;

namespace {

SettledRange rangeOf(std::size_t number) { return {number * 10, number * 10 + 5, number, number % 6}; }

std::vector<SettledRange> rangesOf(std::size_t first, std::size_t last) {
  std::vector<SettledRange> ranges;
  for (; first < last; ++first) ranges.push_back(rangeOf(first));
  return ranges;
}

const Pattern pattern{"Read a file", std::string(3000, 'c'), "cpp", {}, {}, {}};

DeadLetter letterOf(std::size_t index) { return {index, 0, Outcome::rejected, "too long", 1, 7, &pattern, {}, false, {}}; }

/// Does it, with more and more, until there is no room; how often it went well.
template <typename Action>
std::size_t untilFull(const Action& action) {
  std::size_t done = 0;
  Error error;
  while (!error) {
    REQUIRE(done < 100'000);
    error = requestError([&] { action(done); });
    if (!error) ++done;
  }
  CHECK(error.code() == make_error_code(Errc::storageFull));
  CHECK_THAT(error.message(), contains("what was recorded before stands; free space and start again"));
  return done;
}

void fillCheckpoint(const std::string& file, std::size_t& recorded) {
  Ledger ledger(file, "patterns");
  ledger.begin(1);
  // Many a time, as some are cut in the middle of a line.
  recorded += 100 * untilFull([&](std::size_t times) { ledger.append(rangesOf(recorded + times * 100, recorded + times * 100 + 100)); });
}

void checkCheckpoint(const std::string& file, std::size_t recorded) {
  CHECK(bytesOf(file).ends_with('\n'));
  CHECK((Ledger(file, "patterns").settled() == rangesOf(0, recorded)));
}

void fillLetters(const std::string& file, std::size_t& written) {
  DeadLetters letters(file);
  written += untilFull([&](std::size_t times) { letters.write(letterOf(written + times)); });
}

void checkLetters(const std::string& file, std::size_t written) {
  std::string expected;
  for (std::size_t i = 0; i < written; ++i) expected += toJson(letterOf(i)) + "\n";
  CHECK((bytesOf(file) == expected));
}

void fillSpool(const std::string& folder, std::size_t& kept) {
  Spool spool(folder, "model", spoolDimension);
  const auto window = [&](std::size_t number) { static_cast<void>(keep(spool, number * 2000, number * 2000 + 2000)); };
  kept += untilFull([&](std::size_t times) { window(kept + times); });
  CHECK(namesIn(folder).size() == kept + 1);
}

void checkSpool(const std::string& folder, std::size_t kept) {
  Spool spool(folder, "model", spoolDimension);
  for (std::size_t item = 0; item < kept * 2000; item += 1999) CHECK(has(spool, item));
}

}  // namespace

TEST_CASE("a checkpoint, letters and a spool on a full disk") {
  const SmallDisk disk;
  if (!disk.mounted()) return;
  const auto run = [&](const std::string& name, const auto& fill, const auto& check) {
    std::size_t count = 0;
    for (const std::size_t taken : {2'500'000UL, 1'500'000UL, 500'000UL}) {
      const std::size_t before = count;
      disk.fill(taken);
      fill(disk.file(name), count);
      CHECK(count > before);
      check(disk.file(name), count);
      disk.makeRoom();
    }
    std::filesystem::remove_all(disk.file(name));
  };
  run("checkpoint", fillCheckpoint, checkCheckpoint);
  run("letters", fillLetters, checkLetters);
  run("spool", fillSpool, checkSpool);
}

TEST_CASE("a checkpoint, letters and a spool that may not grow further") {
  const ScratchFolder folder;
  const std::string checkpoint = (folder.path() / "checkpoint").string(), letters = (folder.path() / "letters").string();
  std::size_t recorded = 0, written = 0;
  for (std::size_t size = 7000; size < 40'000; size += 4391) {
    {
      const FileSizeLimit limit(size);
      fillCheckpoint(checkpoint, recorded);
      fillLetters(letters, written);
    }
    checkCheckpoint(checkpoint, recorded);
    checkLetters(letters, written);
  }
  CHECK(recorded > 500);
  CHECK(written > 9);
  const SpoolScene scene;
  Spool spool(scene.folder, "model", spoolDimension);
  static_cast<void>(keep(spool, 0, 10));
  const auto before = namesIn(scene.folder);
  for (std::size_t size = 0; size < 3000; size += 331) {
    const FileSizeLimit limit(size);
    CHECK(requestError([&] { static_cast<void>(keep(spool, 10, 200)); }).code() == make_error_code(Errc::storageFull));
  }
  CHECK(namesIn(scene.folder) == before);
  CHECK_NOTHROW(keep(spool, 10, 200));
}

TEST_CASE("without any room a checkpoint cannot begin, and with room it can") {
  const ScratchFolder folder;
  const std::string file = (folder.path() / "checkpoint").string();
  Ledger ledger(file, "patterns");
  for (const std::size_t size : {0UL, 1UL, 20UL, 50UL}) {
    const FileSizeLimit limit(size);
    CHECK(requestError([&] { ledger.begin(1); }).code() == make_error_code(Errc::storageFull));
    CHECK_FALSE(ledger.firstItem());
    CHECK(bytesOf(file).empty());
  }
  ledger.begin(1);
  CHECK(ledger.firstItem() == 1);
}
