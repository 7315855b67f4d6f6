#include "serve/gzip_body.hpp"

#include <random>

#include "support/catch.hpp"
#include "support/gzipped.hpp"
#include "support/seed.hpp"

using namespace qbatch::serve;
using qbatch::test::gzipped;
using Fault = Unpacked::Fault;

namespace {

constexpr std::size_t plenty = 64u << 20;

}  // namespace

TEST_CASE("gzip body: what was packed comes out again", "[serve]") {
  for (const std::size_t size : {200u, 65535u, 65536u, 65537u, 5'000'000u}) {
    std::string text;
    while (text.size() < size) text += "{\"id\":" + std::to_string(text.size()) + "},";
    text.resize(size);
    const auto result = gunzip(gzipped(text), plenty);
    CAPTURE(size);
    CHECK(result.fault == Fault::none);
    CHECK(result.bytes == text);
  }
}

TEST_CASE("gzip body: several members are one body", "[serve]") {
  const std::string first(1000, 'a'), second(100000, 'b');
  const auto result = gunzip(gzipped(first) + gzipped(second), plenty);
  CHECK(result.fault == Fault::none);
  CHECK(result.bytes == first + second);
}

TEST_CASE("gzip body: the limit is exact, and a bomb is never unpacked beyond it", "[serve]") {
  const std::string zeros(100'000, '\0');
  const auto bytes = gzipped(zeros);
  CHECK(gunzip(bytes, zeros.size()).fault == Fault::none);
  CHECK(gunzip(bytes, zeros.size() - 1).fault == Fault::tooLarge);
  CHECK(gunzip(bytes, zeros.size() - 1).bytes.empty());
  CHECK(gunzip(bytes, 1).fault == Fault::tooLarge);
  const auto bomb = gzipped(std::string(100'000'000, '\0'));
  REQUIRE(bomb.size() < 1'000'000);
  CHECK(gunzip(bomb, 1'000'000).fault == Fault::tooLarge);
  CHECK(gunzip(bytes + bytes, zeros.size() + 1).fault == Fault::tooLarge);
}

TEST_CASE("gzip body: every cut and what is no gzip is corrupt", "[serve]") {
  const auto whole = gzipped(std::string(300, 'x') + "and an end");
  for (std::size_t length = 0; length < whole.size(); ++length) {
    CAPTURE(length);
    CHECK(gunzip(whole.substr(0, length), plenty).fault == Fault::corrupt);
  }
  CHECK(gunzip("{\"a\":1}", plenty).fault == Fault::corrupt);
  CHECK(gunzip(whole + "more", plenty).fault == Fault::corrupt);
  auto wrongSum = whole;
  wrongSum[whole.size() - 5] = static_cast<char>(wrongSum[whole.size() - 5] ^ 1);
  CHECK(gunzip(wrongSum, plenty).fault == Fault::corrupt);
}

TEST_CASE("gzip body: flipped bits never do more than fail", "[serve]") {
  std::mt19937_64 random(qbatch::test::seed());
  const auto whole = gzipped(std::string(5000, 'y') + "tail");
  for (int round = 0; round < 500; ++round) {
    auto broken = whole;
    for (int flips = 0; flips < 3; ++flips) broken[random() % broken.size()] ^= static_cast<char>(1 << (random() % 8));
    CHECK(gunzip(broken, 10'000).bytes.size() <= 10'000);
  }
}
