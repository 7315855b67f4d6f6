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

TEST_CASE("a record holds version and vectors, little-endian, and comes back") {
  const VectorLayout layout{{{"a", 2, Distance::dot}, {"b", 1, Distance::dot}}, {"s", "t"}};
  PointVectors vectors = PointVectors::ofOne(0, {1, -2.5F});
  std::vector<std::byte> bytes;
  appendRecord(bytes, 0x0102, VectorsView(layout, vectors));
  const std::vector<unsigned> wanted{2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0x80, 0x3f, 0, 0, 0x20, 0xc0};
  REQUIRE(bytes.size() == wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) CHECK(std::to_integer<unsigned>(bytes[i]) == wanted[i]);

  vectors.dense.push_back({7});
  vectors.sparse = {std::nullopt, SparseVector{{3, 70000}, {0.5F, 2}}};
  bytes.clear();
  appendRecord(bytes, 9, VectorsView(layout, vectors));
  const auto record = recordFromBytes(bytes, layout);
  REQUIRE(record);
  CHECK(record->version == 9);
  CHECK(record->vectors.dense == vectors.dense);
  CHECK(record->vectors.sparse == vectors.sparse);
}

TEST_CASE("bytes that are cut, or of other vectors, are no record") {
  const VectorLayout layout{{{"", 2, Distance::dot}}, {"s"}};
  PointVectors vectors = PointVectors::ofOne(0, {1, 2});
  vectors.sparse = {SparseVector{{3}, {0.5F}}};
  std::vector<std::byte> bytes;
  appendRecord(bytes, 1, VectorsView(layout, vectors));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    // A record may end behind any of its vectors.
    CHECK(recordFromBytes(std::span(bytes).first(size), layout).has_value() == (size == 8 || size == 24));
  }
  CHECK_FALSE(recordFromBytes(bytes, VectorLayout{{{"", 3, Distance::dot}}, {"s"}}));
  CHECK_FALSE(recordFromBytes(bytes, VectorLayout{{{"", 2, Distance::dot}}, {}}));
  CHECK_FALSE(recordFromBytes(bytes, VectorLayout{{}, {"s"}}));
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
