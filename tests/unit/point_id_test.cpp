#include "qbatch/point_id.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <unordered_set>
#include <vector>

#include "qbatch/error.hpp"
#include "support/catch.hpp"
#include "support/seed.hpp"

using qbatch::ParseError;
using qbatch::PointId;

namespace {

constexpr const char* sample = "123e4567-e89b-12d3-a456-426614174abc";

std::size_t offsetOf(std::string_view text) {
  try {
    (void)PointId::parse(text);
  } catch (const ParseError& error) {
    return error.offset();
  }
  return std::string_view::npos;
}

}  // namespace

TEST_CASE("numbers are read and written in decimal") {
  CHECK(PointId(42).toString() == "42");
  CHECK(PointId(42).isNumber());
  CHECK(PointId(42).number() == 42);
  CHECK(PointId::parse("0") == PointId(0));
  CHECK(PointId::parse("18446744073709551615") == PointId(std::numeric_limits<std::uint64_t>::max()));
  CHECK(PointId::parse("18446744073709551615").toString() == "18446744073709551615");
  CHECK(PointId::parse("007") == PointId(7));
  CHECK(PointId(0x0102030405060708).bytes() == std::array<std::uint8_t, 16>{0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8});
}

TEST_CASE("a UUID is read in every common form and written in one") {
  for (const char* text : {sample, "123E4567-E89B-12D3-A456-426614174ABC", "123e4567e89b12d3a456426614174abc",
                           "123E4567E89B12D3A456426614174abc", "{123e4567-e89b-12d3-a456-426614174abc}",
                           "urn:uuid:123e4567-e89b-12d3-a456-426614174abc", "URN:UUID:123E4567-e89b-12d3-a456-426614174ABC"}) {
    CAPTURE(text);
    const PointId id = PointId::parse(text);
    CHECK(id.toString() == sample);
    CHECK_FALSE(id.isNumber());
    CHECK(id.number() == 0);
  }
  const std::array<std::uint8_t, 16> bytes = {0x12, 0x3e, 0x45, 0x67, 0xe8, 0x9b, 0x12, 0xd3,
                                              0xa4, 0x56, 0x42, 0x66, 0x14, 0x17, 0x4a, 0xbc};
  CHECK(PointId::parse(sample).bytes() == bytes);
  CHECK(PointId::fromUuid(bytes) == PointId::parse(sample));
}

TEST_CASE("32 decimal digits are a UUID") {
  CHECK(PointId::parse("00000000000000000000000000000007").toString() == "00000000-0000-0000-0000-000000000007");
}

TEST_CASE("what is neither number nor UUID is refused at its byte") {
  CHECK(offsetOf("") == 0);
  CHECK(offsetOf("-1") == 0);
  CHECK(offsetOf("+1") == 0);
  CHECK(offsetOf(" 1") == 0);
  CHECK(offsetOf("1 ") == 1);
  CHECK(offsetOf("1.0") == 1);
  CHECK(offsetOf("12a") == 2);
  CHECK(offsetOf("0x10") == 1);
  CHECK(offsetOf("18446744073709551616") == 0);
  CHECK(offsetOf("99999999999999999999999999999999999999999") == 0);
  CHECK(offsetOf("123e4567-e89b-12d3-a456-42661417400") == 3);
  CHECK(offsetOf("123e4567-e89b-12d3-a456-42661417400g") == 35);
  CHECK(offsetOf("123e4567ae89b-12d3-a456-426614174000") == 8);
  CHECK(offsetOf("123e4567-e89b-12d3-a456-4266141740-0") == 34);
  CHECK(offsetOf("{123e4567-e89b-12d3-a456-42661417400x}") == 36);
  CHECK(offsetOf("urn:uuid:x23e4567-e89b-12d3-a456-426614174000") == 9);
  CHECK(offsetOf("{123e4567e89b12d3a456426614174000}") == 0);
  CHECK(offsetOf("123e4567e89b12d3a45642661417400z") == 31);
  CHECK(offsetOf("not-an-id") == 0);
}

TEST_CASE("the refusal shows the text, shortened and made valid") {
  try {
    (void)PointId::parse("bad\xFF" + std::string(200, 'x'));
    FAIL("accepted");
  } catch (const ParseError& error) {
    const std::string message = error.what();
    CHECK(message.find("point id \"bad\xEF\xBF\xBDxxx") == 0);
    CHECK(message.find("neither an unsigned number nor a UUID") != std::string::npos);
    CHECK(message.size() < 300);
  }
}

TEST_CASE("every id reads back from its text") {
  const std::uint64_t seed = qbatch::test::seed();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 2000; ++round) {
    const PointId number(random() >> random() % 64);
    REQUIRE(PointId::parse(number.toString()) == number);
    std::array<std::uint8_t, 16> bytes{};
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
    const PointId uuid = PointId::fromUuid(bytes);
    REQUIRE(PointId::parse(uuid.toString()) == uuid);
    REQUIRE(uuid.toString().size() == 36);
  }
}

TEST_CASE("numbers order before UUIDs, each by value") {
  std::vector<PointId> ids = {PointId::parse("ffffffff-0000-0000-0000-000000000000"), PointId(256), PointId::parse(std::string(32, '0')),
                              PointId(std::numeric_limits<std::uint64_t>::max()), PointId(2)};
  std::sort(ids.begin(), ids.end());
  CHECK(ids[0] == PointId(2));
  CHECK(ids[1] == PointId(256));
  CHECK(ids[2] == PointId(std::numeric_limits<std::uint64_t>::max()));
  CHECK(ids[3].toString() == "00000000-0000-0000-0000-000000000000");
  CHECK(ids[4].toString() == "ffffffff-0000-0000-0000-000000000000");
  CHECK_FALSE(PointId(0) == PointId::parse(std::string(32, '0')));
  CHECK(sizeof(PointId) == 17);
}

TEST_CASE("the hash tells ids apart") {
  std::unordered_set<PointId> ids;
  std::unordered_set<std::size_t> hashes;
  for (std::uint64_t i = 0; i < 10000; ++i) {
    ids.insert(PointId(i));
    hashes.insert(std::hash<PointId>()(PointId(i)));
  }
  ids.insert(PointId(0));
  CHECK(ids.size() == 10000);
  CHECK(hashes.size() > 9990);
  CHECK(std::hash<PointId>()(PointId(0)) != std::hash<PointId>()(PointId::parse(std::string(32, '0'))));
}

// Computed by the Python script in docs/adr/0002-content-ids.md.
TEST_CASE("content ids are the recorded ones") {
  CHECK(PointId::forContent("", "", "").toString() == "8b398dbb-e128-5397-951b-9acedc29b451");
  CHECK(PointId::forContent("ab", "c", "").toString() == "e0d33c25-fe57-556b-b353-9241056be983");
  CHECK(PointId::forContent("a", "bc", "").toString() == "3fbe6651-51b1-5595-b449-ad06cdc69f9f");
  CHECK(PointId::forContent("Reads a file", "def read(p): return open(p).read()", "python").toString() ==
        "9d561dda-9444-50f8-98df-7216d10e2866");
  CHECK(PointId::forContent("Grüße 🌍", "λ → x", "text").toString() == "b1898217-3009-5406-a0db-29624150852b");
  CHECK(PointId::forContent(std::string(300, 'd'), std::string(70000, 'c'), "cpp").toString() == "194ca542-6406-5088-ba2f-68a96d60a08a");
}
