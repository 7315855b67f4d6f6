#include "local/row_bytes.hpp"

#include <algorithm>
#include <limits>

#include "support/catch.hpp"

using namespace qbatch;
using namespace qbatch::local;

TEST_CASE("ids come back, and their bytes order as they do") {
  std::vector<PointId> ids{0,
                           1,
                           255,
                           256,
                           std::numeric_limits<std::uint64_t>::max(),
                           PointId::parse("00000000-0000-0000-0000-000000000000"),
                           PointId::parse("00000000-0000-4000-8000-000000000001"),
                           PointId::parse("ffffffff-ffff-ffff-ffff-ffffffffffff")};
  for (const PointId& id : ids) CHECK(idFromBytes(idBytes(id)) == id);
  CHECK(std::is_sorted(ids.begin(), ids.end()));
  CHECK(std::is_sorted(ids.begin(), ids.end(), [](const PointId& a, const PointId& b) { return idBytes(a) < idBytes(b); }));
}

TEST_CASE("other bytes are no ids") {
  IdBytes bytes = idBytes(5);
  CHECK_FALSE(idFromBytes(std::span(bytes).first(16)));
  bytes[0] = std::byte{2};
  CHECK_FALSE(idFromBytes(bytes));
  bytes = idBytes(5);
  bytes[3] = std::byte{1};
  CHECK_FALSE(idFromBytes(bytes));
}

TEST_CASE("vectors are little-endian floats") {
  const std::vector<float> vector{1, -2.5F};
  std::vector<float> scratch, back;
  const auto bytes = vectorBytes(vector, scratch);
  const std::vector<std::byte> wanted{std::byte{0}, std::byte{0}, std::byte{0x80}, std::byte{0x3f},
                                      std::byte{0}, std::byte{0}, std::byte{0x20}, std::byte{0xc0}};
  CHECK(std::equal(bytes.begin(), bytes.end(), wanted.begin(), wanted.end()));
  REQUIRE(vectorFromBytes(bytes, back));
  CHECK(back == vector);
  CHECK_FALSE(vectorFromBytes(bytes.first(7), back));
}

TEST_CASE("the checksum is part of the file's format, and notices every byte") {
  const std::vector<float> vector{1, 2, 3};
  const auto bytes = std::as_bytes(std::span(vector));
  const std::string payload = R"({"a":"some payload"})";
  const auto sum = checksum(idBytes(7), bytes, payload);
  CHECK(sum == checksum(idBytes(7), bytes, payload));
  CHECK(sum != checksum(idBytes(8), bytes, payload));
  for (std::size_t i = 0; i < payload.size(); ++i) {
    std::string other = payload;
    other[i] ^= 1;
    CHECK(checksum(idBytes(7), bytes, other) != sum);
  }
  std::vector<std::byte> changed(bytes.begin(), bytes.end());
  for (std::byte& byte : changed) {
    byte ^= std::byte{0x40};
    CHECK(checksum(idBytes(7), changed, payload) != sum);
    byte ^= std::byte{0x40};
  }
  // Moving a byte from the payload into the vector is noticed, too.
  CHECK(checksum(idBytes(7), {}, "ab") != checksum(idBytes(7), std::as_bytes(std::span("a", 1)), "b"));
}
