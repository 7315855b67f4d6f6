#include "embed/hashing_embedder.hpp"

#include <atomic>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "qbatch/error.hpp"
#include "support/catch.hpp"
#include "support/seed.hpp"

using namespace qbatch;

namespace {

std::vector<float> vectorOf(Embedder& embedder, std::string_view text, EmbedRole role = EmbedRole::passage) {
  std::vector<float> row(embedder.traits().dimension, std::numeric_limits<float>::quiet_NaN());
  REQUIRE(embedder.embed({&text, 1}, role, {row.data(), 1, row.size()}, {}).empty());
  return row;
}

/// FNV-1a over the bits of all components.
std::uint64_t checksum(const std::vector<float>& row) {
  std::uint64_t sum = 0xCBF29CE484222325U;
  for (const float value : row) sum = (sum ^ std::bit_cast<std::uint32_t>(value)) * 0x100000001B3U;
  return sum;
}

double lengthOf(const std::vector<float>& row) {
  double squares = 0;
  for (const float value : row) squares += static_cast<double>(value) * static_cast<double>(value);
  return std::sqrt(squares);
}

}  // namespace

// Worked out by a second implementation in another language. Where one of these fails, stored vectors no longer fit: the version in the
// identity has to change.
TEST_CASE("vectors are what they always were, bit by bit", "[embed]") {
  const auto wide = vectorOf(*makeHashingEmbedder(), "Opens a connection to the HTTP server.");
  CHECK(wide[0] == 0.0F);
  CHECK(std::bit_cast<std::uint32_t>(wide[1]) == 0x3E8BD5CBU);
  CHECK(std::bit_cast<std::uint32_t>(wide[2]) == 0xBE2ECB3EU);
  CHECK(std::bit_cast<std::uint32_t>(wide[76]) == 0x3D0BD5CBU);
  CHECK(checksum(wide) == 0xA6880188D007C872U);
  CHECK(checksum(vectorOf(*makeHashingEmbedder({.dimension = 256}), "Read 3 lines of UTF8_text from fileName -> list")) ==
        0xA4ABB17C7FBA1FF0U);
  CHECK(checksum(vectorOf(*makeHashingEmbedder({.dimension = 16}), "x")) == 0x9F3955B73F7F6465U);
}

TEST_CASE("a hashing embedder tells its size and version", "[embed]") {
  const auto traits = makeHashingEmbedder()->traits();
  CHECK(traits.dimension == 1024);
  CHECK(traits.identity == "hashing:1024:v1");
  CHECK(traits.concurrent);
  CHECK(traits.maxBatch == 64);
  CHECK(makeHashingEmbedder({.dimension = 300})->traits().identity == "hashing:300:v1");
}

TEST_CASE("a hashing embedder refuses dimensions out of range", "[embed]") {
  CHECK_NOTHROW(makeHashingEmbedder({.dimension = 16}));
  CHECK_NOTHROW(makeHashingEmbedder({.dimension = 65536}));
  CHECK_THROWS_AS(makeHashingEmbedder({.dimension = 15}), ConfigError);
  CHECK_THROWS_AS(makeHashingEmbedder({.dimension = 65537}), ConfigError);
  try {
    (void)makeHashingEmbedder({.dimension = 0});
    FAIL("no ConfigError");
  } catch (const ConfigError& error) {
    REQUIRE(error.problems().size() == 1);
    CHECK(error.problems()[0] == "dimension: 0 is not within 16 and 65536");
  }
}

TEST_CASE("blank texts fail alone, with a reason", "[embed]") {
  const auto embedder = makeHashingEmbedder({.dimension = 32});
  const std::vector<std::string_view> texts{"first", "", " \n\t", "fourth"};
  std::vector<float> values(4 * 32);
  const auto failures = embedder->embed(texts, EmbedRole::passage, {values.data(), 4, 32}, {});
  REQUIRE(failures.size() == 2);
  CHECK(failures[0].row == 1);
  CHECK(failures[1].row == 2);
  CHECK(failures[0].reason.find("blank") != std::string::npos);
  CHECK(std::vector<float>(values.begin(), values.begin() + 32) == vectorOf(*embedder, "first"));
  CHECK(std::vector<float>(values.end() - 32, values.end()) == vectorOf(*embedder, "fourth"));
}

TEST_CASE("a text has one vector, in every batch and role", "[embed]") {
  const auto embedder = makeHashingEmbedder();
  const auto alone = vectorOf(*embedder, "def read_lines(path)");
  CHECK(vectorOf(*embedder, "def read_lines(path)", EmbedRole::query) == alone);
  const std::vector<std::string_view> texts{"something longer before it, with other words", "def read_lines(path)"};
  std::vector<float> values(2 * 1024);
  REQUIRE(embedder->embed(texts, EmbedRole::passage, {values.data(), 2, 1024}, {}).empty());
  CHECK(std::vector<float>(values.begin() + 1024, values.end()) == alone);
}

TEST_CASE("a hashing embedder stops between texts", "[embed]") {
  std::stop_source source;
  source.request_stop();
  const std::vector<std::string_view> texts{"a", "b"};
  std::vector<float> values(2 * 16);
  CHECK(makeHashingEmbedder({.dimension = 16})->embed(texts, EmbedRole::query, {values.data(), 2, 16}, source.get_token()).size() == 2);
}

TEST_CASE("a matrix of another shape is refused", "[embed]") {
  std::vector<float> values(32);
  const std::string_view text = "text";
  CHECK_THROWS_AS(makeHashingEmbedder()->embed({&text, 1}, EmbedRole::query, {values.data(), 1, 32}, {}), std::invalid_argument);
}

TEST_CASE("any bytes give a vector of length 1, always the same, or are blank", "[embed]") {
  const auto seed = qbatch::test::seed();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  for (const std::size_t dimension : {16U, 1000U}) {
    const auto embedder = makeHashingEmbedder({.dimension = dimension});
    for (int round = 0; round < 1000; ++round) {
      std::string text;
      for (auto length = random() % 200; length > 0; --length) text.push_back(static_cast<char>(random() % 256));
      text.push_back('!');
      CAPTURE(dimension, round);
      const auto row = vectorOf(*embedder, text);
      REQUIRE(lengthOf(row) == Approx(1.0).margin(1e-5));
      REQUIRE(vectorOf(*embedder, text) == row);
    }
  }
}

TEST_CASE("even one visible character has a vector", "[embed]") {
  const auto embedder = makeHashingEmbedder({.dimension = 16});
  for (int byte = 0x21; byte < 0x100; ++byte) {
    if (byte == 0x7F) continue;
    const auto text = std::string(1, static_cast<char>(byte));
    CAPTURE(byte);
    CHECK(lengthOf(vectorOf(*embedder, text)) == Approx(1.0).margin(1e-6));
  }
}

TEST_CASE("a text of a megabyte is embedded, as one word or as many", "[embed]") {
  const auto embedder = makeHashingEmbedder();
  CHECK(lengthOf(vectorOf(*embedder, std::string(1U << 20U, 'a'))) == Approx(1.0).margin(1e-5));
  std::string words;
  for (int i = 0; words.size() < 1U << 20U; ++i) words += "word" + std::to_string(i) + " ";
  CHECK(lengthOf(vectorOf(*embedder, words)) == Approx(1.0).margin(1e-5));
}

TEST_CASE("several threads may call one hashing embedder", "[embed]") {
  const auto embedder = makeHashingEmbedder({.dimension = 64});
  const std::string_view text = "parse the configuration file";
  const auto expected = vectorOf(*embedder, text);
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      std::vector<float> row(64);
      for (int i = 0; i < 200; ++i) {
        if (!embedder->embed({&text, 1}, EmbedRole::query, {row.data(), 1, 64}, {}).empty() || row != expected) ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(wrong == 0);
}
