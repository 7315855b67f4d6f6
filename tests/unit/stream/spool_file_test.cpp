#include "stream/spool_file.hpp"

#include <array>
#include <bit>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "qbatch/error.hpp"
#include "support/catch.hpp"
#include "support/file_bytes.hpp"
#include "support/file_size_limit.hpp"
#include "support/request_error.hpp"
#include "support/scratch_folder.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch;
using namespace qbatch::stream;
using namespace qbatch::test;
using Kind = SpoolFile::Kind;
namespace fs = std::filesystem;

namespace {

const std::vector<PointId> keys{PointId::parse("123e4567-e89b-12d3-a456-426614174000"), 0x0102030405060708};
constexpr std::array<float, 6> values{1.0F, -2.5F, 0.0F, -0.0F, std::numeric_limits<float>::denorm_min(), 3e38F};

struct Written {
  ScratchFolder folder{};
  std::string path = (folder.path() / "vectors").string();
  Written() {
    auto rows = values;
    writeSpoolFile({"the spool", folder.path().string()}, path, "model", keys, {rows.data(), 2, 3});
  }
};

}  // namespace

TEST_CASE("vectors are read as they were written, bit by bit") {
  const Written written;
  const SpoolFile file(written.path, "model", 3);
  CHECK(file.kind() == Kind::ours);
  CHECK(file.isWhole());
  CHECK(file.keys() == keys);
  for (std::size_t row = 0; row < 2; ++row) {
    std::array<float, 3> vector{};
    CHECK(file.read(row, vector));
    for (std::size_t i = 0; i < 3; ++i) CHECK(std::bit_cast<std::uint32_t>(vector[i]) == std::bit_cast<std::uint32_t>(values[row * 3 + i]));
  }
  std::array<float, 3> vector{};
  CHECK_FALSE(file.read(2, vector));
  CHECK_FALSE(file.read(0, std::span(vector).first(2)));
}

TEST_CASE("the format of vectors is the one that is documented") {
  const Written written;
  const auto text = [](std::initializer_list<int> bytes) {
    std::string out;
    for (const int byte : bytes) out += static_cast<char>(byte);
    return out;
  };
  const std::string bytes = bytesOf(written.path);
  CHECK(bytes.substr(0, 12) == "qbatchVE" + text({1, 0, 0, 0}));
  // The checksum is that of Python's zlib.crc32.
  CHECK(bytes.substr(12, 4) == text({0x80, 0x4B, 0x03, 0x84}));
  CHECK(bytes.substr(16) == text({3, 0, 0, 0, 2, 0, 0, 0, 5, 0, 0, 0}) + "model" +
                                text({0, 0x12, 0x3e, 0x45, 0x67, 0xe8, 0x9b, 0x12, 0xd3, 0xa4, 0x56, 0x42, 0x66, 0x14, 0x17, 0x40, 0x00}) +
                                text({1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8}) +  //
                                text({0, 0, 0x80, 0x3F, 0, 0, 0x20, 0xC0, 0, 0, 0, 0}) +     // 1, -2.5, 0
                                text({0, 0, 0, 0x80, 1, 0, 0, 0, 0xE6, 0xB1, 0x61, 0x7F}));  // -0, the smallest, 3e38
}

TEST_CASE("vectors of another embedder, dimension or format are others'") {
  const Written written;
  CHECK(SpoolFile(written.path, "other", 3).kind() == Kind::others);
  CHECK(SpoolFile(written.path, "model-2", 3).kind() == Kind::others);
  CHECK(SpoolFile(written.path, "model", 4).kind() == Kind::others);
  std::string bytes = bytesOf(written.path);
  bytes[8] = 2;
  setBytes(written.path, bytes);
  CHECK(SpoolFile(written.path, "model", 3).kind() == Kind::others);
}

TEST_CASE("what is no file of vectors is damaged") {
  const Written written;
  CHECK(SpoolFile(written.path + "-none", "model", 3).kind() == Kind::damaged);
  CHECK(SpoolFile(written.folder.path().string(), "model", 3).kind() == Kind::damaged);
  setBytes(written.path, std::string(200, '\0'));
  CHECK(SpoolFile(written.path, "model", 3).kind() == Kind::damaged);
}

TEST_CASE("cut at any byte, or longer than it should be, a file of vectors is damaged") {
  const Written written;
  const std::string whole = bytesOf(written.path);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    setBytes(written.path, whole.substr(0, size));
    REQUIRE(SpoolFile(written.path, "model", 3).kind() == Kind::damaged);
  }
  setBytes(written.path, whole + "x");
  CHECK(SpoolFile(written.path, "model", 3).kind() == Kind::damaged);
  setBytes(written.path, whole + std::string(17 + 12, 'x'));
  CHECK(SpoolFile(written.path, "model", 3).kind() == Kind::damaged);
}

TEST_CASE("any changed byte of a file of vectors is noticed") {
  const Written written;
  const std::string whole = bytesOf(written.path);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const int change : {1, 0x80, 0xFF}) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(static_cast<unsigned char>(whole[at]) ^ change);
      setBytes(written.path, damaged);
      const SpoolFile file(written.path, "model", 3);
      CAPTURE(at, change);
      REQUIRE((file.kind() != Kind::ours || !file.isWhole()));
      REQUIRE(file.keys().size() == (file.kind() == Kind::ours ? 2 : 0));
    }
  }
}

TEST_CASE("where there is no room nothing stays, and where there is no folder it is said") {
  const ScratchFolder folder;
  const StorageName name{"the spool", folder.path().string()};
  const std::string path = (folder.path() / "vectors").string();
  auto rows = values;
  {
    const FileSizeLimit limit(60);
    const Error error = requestError([&] { writeSpoolFile(name, path, "model", keys, {rows.data(), 2, 3}); });
    CHECK(error.code() == make_error_code(Errc::storageFull));
    CHECK_THAT(error.message(), contains(name.file));
  }
  CHECK(fs::is_empty(folder.path()));
  const Error error = requestError([&] { writeSpoolFile(name, path + "/none/vectors", "model", keys, {rows.data(), 2, 3}); });
  CHECK(error.code() == make_error_code(Errc::storageBroken));
}
