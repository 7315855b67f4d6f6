#include "stream/ledger.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "qbatch/error.hpp"
#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/file_bytes.hpp"
#include "support/request_error.hpp"
#include "support/scratch_folder.hpp"
#include "support/seed.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch;
using namespace qbatch::test;
using stream::Ledger;
using stream::SettledRange;
using Ranges = std::vector<SettledRange>;

namespace {

constexpr std::uint64_t firstItem = 0x00c0ffee12345678;

std::uint64_t digestOf(std::size_t item) { return (item + 1) * 0x9E3779B97F4A7C15; }

SettledRange rangeOf(std::size_t first, std::size_t last, std::size_t letters = 0) {
  SettledRange range{first, last, 0, letters};
  for (std::size_t item = first; item < last; ++item) range.digest += digestOf(item);
  return range;
}

Ranges settledIn(const std::string& file, std::string_view collection = "patterns") {
  const Ledger ledger(file, collection);
  return ledger.settled();
}

void record(const std::string& file, const Ranges& ranges) {
  Ledger ledger(file, "patterns");
  ledger.begin(firstItem);
  for (const SettledRange& range : ranges) ledger.append({&range, 1});
  ledger.sync();
}

/// None of them has a neighbour, so that each is found as it was recorded.
const Ranges apart{rangeOf(10, 20), rangeOf(30, 45, 3), rangeOf(0, 9, 9), rangeOf(1000, 1001), rangeOf(50, 99)};

Ranges sorted(Ranges ranges) {
  std::ranges::sort(ranges, {}, &SettledRange::first);
  return ranges;
}

}  // namespace

TEST_CASE("what was recorded is found again, ascending, with neighbours joined") {
  const ScratchFolder folder;
  const std::string file = (folder.path() / "checkpoint").string();
  {
    Ledger ledger(file, "patterns");
    CHECK(ledger.settled().empty());
    CHECK_FALSE(ledger.firstItem());
    ledger.begin(firstItem);
    CHECK(ledger.firstItem() == firstItem);
    ledger.append(Ranges{rangeOf(20, 30, 1), rangeOf(0, 10)});
    ledger.append({});
    ledger.append(Ranges{rangeOf(50, 51)});
    ledger.sync();
  }
  {
    Ledger ledger(file, "patterns");
    CHECK(ledger.firstItem() == firstItem);
    CHECK(ledger.settled() == Ranges{rangeOf(0, 10), rangeOf(20, 30, 1), rangeOf(50, 51)});
    ledger.begin(1);  // it has begun
    ledger.append(Ranges{rangeOf(10, 20, 2)});
  }
  CHECK(settledIn(file) == Ranges{rangeOf(0, 30, 3), rangeOf(50, 51)});
}

TEST_CASE("the format is the one that is documented") {
  const ScratchFolder folder;
  const std::string file = (folder.path() / "checkpoint").string();
  {
    Ledger ledger(file, "a \"b\"\n");
    ledger.begin(firstItem);
    ledger.append(Ranges{{0, 1000, 0xabc, 0}, {2000, 3000, std::numeric_limits<std::uint64_t>::max(), 1000}});
  }
  // The checksums are those of Python's zlib.crc32.
  CHECK(bytesOf(file) ==
        "qbatch-checkpoint 1 00c0ffee12345678 2807d47a \"a \\\"b\\\"\\n\"\n"
        "0 1000 0000000000000abc 0 d7c9d2ce\n"
        "2000 3000 ffffffffffffffff 1000 c847fa23\n");
  CHECK(settledIn(file, "a \"b\"\n").size() == 2);
}

TEST_CASE("of ranges that overlap, the one that was recorded later does not count") {
  const ScratchFolder folder;
  const std::string file = (folder.path() / "checkpoint").string();
  record(file, {rangeOf(10, 20), rangeOf(10, 20), rangeOf(15, 25), rangeOf(5, 11), rangeOf(12, 13), rangeOf(0, 100), rangeOf(20, 25, 1)});
  CHECK(settledIn(file) == Ranges{rangeOf(10, 25, 1)});
}

TEST_CASE("random ranges, some of which overlap, are kept as a model keeps them") {
  const auto seed = test::seed();
  CAPTURE(seed);
  Random random(seed);
  const ScratchFolder folder;
  for (std::size_t round = 0; round < campaignSize(60); ++round) {
    const std::string file = (folder.path() / std::to_string(round)).string();
    constexpr std::size_t items = 200, nobody = items;
    std::vector<std::size_t> owners(items, nobody);
    Ranges written;
    for (std::size_t i = random.below(80); i > 0; --i) {
      const std::size_t first = random.below(items - 1), last = first + 1 + random.below(std::min<std::size_t>(12, items - first - 1));
      written.push_back(rangeOf(first, last, random.below(last - first + 1)));
      const auto begin = owners.begin() + static_cast<std::ptrdiff_t>(first), end = owners.begin() + static_cast<std::ptrdiff_t>(last);
      if (std::all_of(begin, end, [](std::size_t owner) { return owner == nobody; })) std::fill(begin, end, written.size() - 1);
    }
    // Written over several runs.
    for (auto next = written.begin(); next != written.end();) {
      const auto some = std::min<std::ptrdiff_t>(written.end() - next, static_cast<std::ptrdiff_t>(1 + random.below(20)));
      record(file, Ranges(next, next + some));
      next += some;
    }
    Ranges expected;
    for (std::size_t item = 0; item < items; ++item) {
      if (owners[item] == nobody) continue;
      if (expected.empty() || expected.back().last != item) expected.push_back(rangeOf(item, item));
      SettledRange& range = expected.back();
      range.last = item + 1;
      range.digest += digestOf(item);
      if (item == written[owners[item]].first) range.letters += written[owners[item]].letters;
    }
    CHECK(settledIn(file) == expected);
  }
}

TEST_CASE("cut at any byte, a checkpoint keeps all lines before, and can be gone on with") {
  const ScratchFolder folder;
  const std::string file = (folder.path() / "checkpoint").string(), cut = file + "-cut";
  record(file, apart);
  const std::string whole = bytesOf(file);
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    CAPTURE(size);
    setBytes(cut, whole.substr(0, size));
    const auto lines = static_cast<std::size_t>(std::count(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size), '\n'));
    Ranges expected(apart.begin(), apart.begin() + static_cast<std::ptrdiff_t>(lines == 0 ? 0 : lines - 1));
    {
      Ledger ledger(cut, "patterns");
      REQUIRE(ledger.settled() == sorted(expected));
      REQUIRE(ledger.firstItem().has_value() == (lines > 0));
      ledger.begin(firstItem);
      ledger.append(Ranges{rangeOf(500, 505)});
    }
    expected.push_back(rangeOf(500, 505));
    REQUIRE(settledIn(cut) == sorted(expected));
  }
}

TEST_CASE("whatever single byte is damaged, nothing is taken for settled that was not recorded so") {
  const ScratchFolder folder;
  const std::string file = (folder.path() / "checkpoint").string();
  record(file, apart);
  const std::string whole = bytesOf(file);
  const std::size_t header = whole.find('\n');
  std::size_t refused = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string values = "\n 0159af\"\\";
    values += {'\0', static_cast<char>(0xFF), static_cast<char>(whole[at] ^ 1), static_cast<char>(whole[at] ^ 0x20)};
    for (const char value : values) {
      if (value == whole[at]) continue;
      std::string damaged = whole;
      damaged[at] = value;
      setBytes(file, damaged);
      CAPTURE(at, damaged);
      const Error error = requestError([&] {
        const Ranges found = settledIn(file);
        for (const SettledRange& range : found) REQUIRE(std::ranges::count(apart, range) == 1);
        REQUIRE(found.size() + 2 >= apart.size());  // a line end takes two lines with it
      });
      REQUIRE(static_cast<bool>(error) == (at <= header));
      if (!error) continue;
      ++refused;
      REQUIRE(error.code() == make_error_code(Errc::storageBroken));
      REQUIRE(bytesOf(file) == damaged);
    }
  }
  CHECK(refused > header);
}

TEST_CASE("mutated checkpoints are refused, or hold nothing that was not recorded") {
  const auto seed = test::seed();
  CAPTURE(seed);
  Random random(seed);
  const ScratchFolder folder;
  const std::string file = (folder.path() / "checkpoint").string();
  record(file, apart);
  const std::string whole = bytesOf(file);
  for (std::size_t round = 0; round < campaignSize(2000); ++round) {
    std::string damaged = whole;
    for (std::size_t edits = 1 + random.below(3); edits > 0 && !damaged.empty(); --edits) {
      const std::size_t at = random.below(damaged.size()), length = 1 + random.below(80);
      const std::string piece = damaged.substr(at, length);
      if (random.chance(50)) damaged.erase(at, length);
      if (random.chance(70)) damaged.insert(random.below(damaged.size() + 1), piece);
    }
    setBytes(file, damaged);
    CAPTURE(damaged);
    try {
      for (const SettledRange& range : settledIn(file)) REQUIRE(std::ranges::count(apart, range) == 1);
    } catch (const RequestError& error) {
      REQUIRE(error.error().code() == make_error_code(Errc::storageBroken));
      REQUIRE(bytesOf(file) == damaged);
    }
  }
}

TEST_CASE("lines of another checkpoint, and lines that cannot be, count for nothing") {
  const ScratchFolder folder;
  const std::string file = (folder.path() / "checkpoint").string(), other = file + "-other";
  record(file, {rangeOf(0, 5)});
  {
    Ledger ledger(other, "patterns");
    ledger.begin(firstItem + 1);
    ledger.append(Ranges{rangeOf(10, 15), {7, 7, 0, 0}, {9, 8, 0, 0}, {20, 30, 0, 11}});
    ledger.append(Ranges{rangeOf(30, 31, 1)});
  }
  const std::string others = bytesOf(other);
  CHECK(settledIn(other) == Ranges{rangeOf(10, 15), rangeOf(30, 31, 1)});
  setBytes(file, bytesOf(file) + others);
  CHECK(settledIn(file) == Ranges{rangeOf(0, 5)});
}

TEST_CASE("a file that is no checkpoint is refused and left as it is") {
  const ScratchFolder folder;
  const std::string file = (folder.path() / "checkpoint").string();
  const auto refusal = [&](const std::string& bytes) {
    setBytes(file, bytes);
    const Error error = requestError([&] { const Ledger ledger(file, "patterns"); });
    CHECK(error.code() == make_error_code(Errc::storageBroken));
    CHECK(bytesOf(file) == bytes);
    CHECK_THAT(error.message(), contains(file) && contains("the checkpoint"));
    return error.message();
  };
  for (const std::string bytes : {"{\"description\":\"x\"}\n", "\n", "one line without an end", "Qbatch"}) {
    CHECK_THAT(refusal(bytes), contains("no checkpoint") && contains("name another file"));
  }
  CHECK_THAT(refusal("qbatch-checkpoint 2 something\n"), contains("format"));
  CHECK_THAT(refusal("qbatch-checkpoint 1 00c0ffee12345678 00000000 \"patterns\"\n"), contains("delete it to start over"));
}

TEST_CASE("an empty file and what a crash leaves of a first line count as new") {
  const ScratchFolder folder;
  const std::string file = (folder.path() / "checkpoint").string();
  for (const std::string& bytes : {std::string(), std::string("q"), std::string("qbatch-checkpoint 1 00c0"), std::string(100, '\0')}) {
    setBytes(file, bytes);
    record(file, {rangeOf(0, 5)});
    CHECK(settledIn(file) == Ranges{rangeOf(0, 5)});
  }
}

TEST_CASE("a checkpoint of another collection is refused as a wrong option") {
  const ScratchFolder folder;
  const std::string file = (folder.path() / "checkpoint").string();
  record(file, apart);
  const std::string whole = bytesOf(file);
  try {
    const Ledger ledger(file, "other");
    FAIL("it was opened");
  } catch (const ConfigError& error) {
    CHECK_THAT(error.what(), contains("checkpoint: ") && contains(file) && contains("\"patterns\"") && contains("\"other\""));
  }
  CHECK(bytesOf(file) == whole);
}

TEST_CASE("a checkpoint belongs to one import at a time") {
  const ScratchFolder folder;
  const std::string file = (folder.path() / "checkpoint").string();
  const Ledger ledger(file, "patterns");
  CHECK(requestError([&] { const Ledger second(file, "patterns"); }).code() == make_error_code(Errc::inUse));
}
