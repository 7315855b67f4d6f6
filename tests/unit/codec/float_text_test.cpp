#include "codec/float_text.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/seed.hpp"

using namespace qbatch::codec;

namespace {

std::string text(float value) {
  std::array<char, longestFloat> buffer{};
  return {buffer.data(), writeFloat(buffer.data(), value)};
}

float fromBits(std::uint64_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits)); }

bool isDigit(char c) { return c >= '0' && c <= '9'; }

/// A number's text, taken apart by JSON's grammar.
struct Parts {
  bool valid = false, negative = false, whole = true;
  std::uint64_t digits{};  // without the point
  int exponent{};          // the number is digits · 10^exponent
  int significant{};       // how many digits stand between the first and the last that is not 0
};

Parts takeApart(const char* at, const char* end) {
  Parts parts;
  int zeros = 0;
  const auto take = [&](char c) {
    parts.digits = parts.digits * 10 + static_cast<unsigned>(c - '0');
    zeros = c == '0' ? zeros + 1 : 0;
    if (c != '0')
      parts.significant = parts.significant == 0 ? 1 : parts.significant + 1;
    else if (parts.significant > 0)
      ++parts.significant;
  };
  if (at < end && *at == '-') parts.negative = true, ++at;
  const char* const first = at;
  while (at < end && isDigit(*at)) take(*at++);
  if (at == first || (*first == '0' && at - first > 1)) return parts;
  if (at < end && *at == '.') {
    parts.whole = false;
    const char* const fraction = ++at;
    for (; at < end && isDigit(*at); --parts.exponent) take(*at++);
    if (at == fraction) return parts;
  }
  parts.significant -= parts.digits == 0 ? 0 : zeros;
  if (at < end && (*at == 'e' || *at == 'E')) {
    parts.whole = false;
    if (++at < end && *at == '+') ++at;
    int exponent = 0;
    const auto result = std::from_chars(at, end, exponent);
    if (result.ec != std::errc{}) return parts;
    at = result.ptr;
    parts.exponent += exponent;
  }
  parts.valid = at == end;
  return parts;
}

/// As serde_json reads a number for Qdrant: the digits as a 64-bit integer, times or divided by a power of ten, cut to a float.
float serverReads(const Parts& parts) {
  static const auto powers = [] {
    std::array<double, 309> all{};
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = std::strtod(("1e" + std::to_string(i)).c_str(), nullptr);
    return all;
  }();
  auto value = static_cast<double>(parts.digits);
  const double power = powers.at(static_cast<std::size_t>(std::abs(parts.exponent)));
  value = parts.exponent < 0 ? value / power : value * power;
  return static_cast<float>(parts.negative ? -value : value);
}

bool same(float a, float b) { return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b); }

/// True where the shortest text of `value` uses almost all of the interval in which texts are read as `value`.
bool isAtEdge(float value, std::string_view shortest) {
  const double x = std::fabs(static_cast<double>(value));
  const auto magnitude = static_cast<float>(x);
  const double below = (x - static_cast<double>(std::nextafter(magnitude, 0.0F))) / 2;
  double back = 0;
  std::from_chars(shortest.data() + (shortest.front() == '-' ? 1 : 0), shortest.data() + shortest.size(), back);
  return std::fabs(back - x) > below * (1 - 5e-6);
}

enum class Finding { shortest, longerAtEdge, wrong };

Finding judge(float value, const char* begin, const char* end) {
  const Parts parts = takeApart(begin, end);
  if (!parts.valid || parts.significant > 9 || end - begin > static_cast<std::ptrdiff_t>(longestFloat)) return Finding::wrong;
  const std::string_view written(begin, static_cast<std::size_t>(end - begin));
  std::array<char, longestFloat + 1> ended{};
  std::copy(begin, end, ended.data());
  if (!same(static_cast<float>(std::strtod(ended.data(), nullptr)), value) || !same(serverReads(parts), value)) return Finding::wrong;
  std::array<char, 32> buffer;
  const char* const shortestEnd = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific).ptr;
  const std::string_view shortest(buffer.data(), static_cast<std::size_t>(shortestEnd - buffer.data()));
  const int least = takeApart(buffer.data(), shortestEnd).significant;
  if (parts.significant == least) return Finding::shortest;
  return parts.significant > least && isAtEdge(value, shortest) ? Finding::longerAtEdge : Finding::wrong;
}

struct Tally {
  std::uint64_t floats{};
  // How many have more digits than the shortest text: from 2^24 on, where the edge is often a short whole number, and below.
  std::uint64_t longer{}, longerSmall{};
  std::vector<float> wrong{};
};

/// Judges each of `values`, all finite, as written alone and as written with others.
void judgeAll(std::span<const float> values, Tally& tally) {
  std::vector<char> together(values.size() * longestFloat);
  char* const end = writeFloats(together.data(), values);
  const char* at = together.data();
  for (const float value : values) {
    std::array<char, longestFloat> alone;
    const char* const aloneEnd = writeFloat(alone.data(), value);
    const auto size = static_cast<std::ptrdiff_t>(aloneEnd - alone.data());
    const bool agree = size < end - at && std::equal(at, at + size, alone.data()) && at[size] == ',';
    const Finding finding = judge(value, alone.data(), aloneEnd);
    if (!agree || finding == Finding::wrong) tally.wrong.push_back(value);
    if (finding == Finding::longerAtEdge) ++(std::fabs(value) < 0x1p24F ? tally.longerSmall : tally.longer);
    ++tally.floats;
    at += size + 1;
  }
  if (at != end) tally.wrong.push_back(values.back());
}

/// Judges all finite floats whose bits lie in [begin, end).
Tally judgeRange(std::uint64_t begin, std::uint64_t end) {
  Tally tally;
  std::vector<float> values;
  for (std::uint64_t bits = begin; bits < end && tally.wrong.size() < 10; ++bits) {
    if (std::isfinite(fromBits(bits))) values.push_back(fromBits(bits));
    if (values.size() == 1000 || bits + 1 == end) judgeAll(values, tally), values.clear();
  }
  return tally;
}

Tally judgeEveryFloat() {
  const unsigned shares = std::max(1u, std::thread::hardware_concurrency());
  std::vector<Tally> tallies(shares);
  std::vector<std::thread> threads;
  for (std::uint64_t i = 0; i < shares; ++i) {
    threads.emplace_back([&tallies, i, shares] { tallies[i] = judgeRange((i << 32) / shares, ((i + 1) << 32) / shares); });
  }
  Tally all;
  for (unsigned i = 0; i < shares; ++i) {
    threads[i].join();
    all.floats += tallies[i].floats;
    all.longer += tallies[i].longer;
    all.longerSmall += tallies[i].longerSmall;
    all.wrong.insert(all.wrong.end(), tallies[i].wrong.begin(), tallies[i].wrong.end());
  }
  return all;
}

Tally judgeRandomFloats(std::uint64_t seed, std::size_t count) {
  qbatch::test::Random random(seed);
  Tally tally;
  std::vector<float> values;
  while (tally.floats < count && tally.wrong.size() < 10) {
    values.clear();
    for (auto i = random.between(1, 500); i > 0; --i) {
      // Every other one has a magnitude that embedders give, the rest any.
      std::uint64_t bits = random.below(std::uint64_t{1} << 32);
      if (random.chance(50)) bits = (bits & 0x807F'FFFF) | random.between(100, 130) << 23;
      if (std::isfinite(fromBits(bits))) values.push_back(fromBits(bits));
    }
    if (!values.empty()) judgeAll(values, tally);
  }
  return tally;
}

}  // namespace

TEST_CASE("a float is written with the fewest digits that read back as it") {
  CHECK(text(0.89F) == "0.89");
  CHECK(text(0.1F) == "0.1");
  CHECK(text(-0.012345678F) == "-0.012345678");
  CHECK(text(0.3333333333F) == "0.33333334");
  CHECK(text(1) == "1");
  CHECK(text(-2.5F) == "-2.5");
  CHECK(text(100) == "100");
  CHECK(text(123456.7F) == "123456.7");
  CHECK(text(3.14159274F) == "3.1415927");
  CHECK(text(0.000012345678F) == "0.000012345678");
}

TEST_CASE("large and small magnitudes are written with an exponent") {
  CHECK(text(999999936) == "999999940");
  CHECK(text(1e9F) == "1e+09");
  CHECK(text(16777217.0F) == "16777216");
  CHECK(text(1e-5F) == "0.00001");
  CHECK(text(1e-6F) == "1e-6");
  CHECK(text(1.5e-6F) == "1.5e-6");
  CHECK(text(1e-14F) == "1e-14");
  CHECK(text(std::numeric_limits<float>::max()) == "3.4028235e+38");
  CHECK(text(std::numeric_limits<float>::min()) == "1.1754944e-38");
  CHECK(text(std::numeric_limits<float>::denorm_min()) == "1e-45");
}

TEST_CASE("zero keeps its sign for readers that take -0 for an integer") {
  CHECK(text(0) == "0");
  CHECK(text(-0.0F) == "-0.0");
}

TEST_CASE("where the shortest text is at the edge of what reads back, more digits are written") {
  for (int power = -149; power < 128; ++power) {
    for (const float near : {std::ldexp(1.0F, power), std::nextafter(std::ldexp(1.0F, power), 0.0F), -std::ldexp(1.5F, power)}) {
      CAPTURE(near, power);
      const std::string written = text(near);
      CHECK(judge(near, written.data(), written.data() + written.size()) != Finding::wrong);
    }
  }
}

TEST_CASE("many floats are written as each alone, with commas") {
  const auto together = [](std::vector<float> values) {
    std::string out(values.size() * longestFloat, '?');
    out.resize(static_cast<std::size_t>(writeFloats(out.data(), values) - out.data()));
    return out;
  };
  CHECK(together({}) == "");
  CHECK(together({1.5F}) == "1.5,");
  CHECK(together({0, -0.0F, -0.123456F, 1e-20F, 1e20F, 0.25F, 7}) == "0,-0.0,-0.123456,1e-20,1e+20,0.25,7,");
  CHECK(together(std::vector<float>(200, 0.7654321F)).size() == 200 * 10);
}

TEST_CASE("what is not finite becomes text that is no number, wherever it stands") {
  constexpr float infinity = std::numeric_limits<float>::infinity(), notANumber = std::numeric_limits<float>::quiet_NaN();
  const auto alone = std::vector<std::pair<float, std::string>>{{infinity, "Infinity"},
                                                                {-infinity, "-Infinity"},
                                                                {notANumber, "NaN"},
                                                                {-notANumber, "-NaN"},
                                                                {std::numeric_limits<float>::signaling_NaN(), "NaN"},
                                                                {fromBits(0x7F80'0001), "NaN"},
                                                                {fromBits(0xFFFF'FFFF), "-NaN"}};
  for (const auto& [value, word] : alone) {
    CAPTURE(word);
    CHECK(text(value) == word);
    for (std::size_t place = 0; place < 130; ++place) {  // in each lane of a block, and behind the first ones
      std::vector<float> values(130, 0.25F);
      values[place] = value;
      std::string out(values.size() * longestFloat, '?');
      out.resize(static_cast<std::size_t>(writeFloats(out.data(), values) - out.data()));
      std::string expected;
      for (std::size_t i = 0; i < values.size(); ++i) (expected += i == place ? word : "0.25") += ',';
      REQUIRE(out == expected);
    }
  }
}

// QBATCH_ALL_FLOATS=1 takes all 2^32 instead of random ones; on two cores that is a matter of ten minutes.
TEST_CASE("every float reads back to the last bit, even by a reader that rounds inexactly") {
  const std::uint64_t seed = qbatch::test::seed();
  const char* const every = std::getenv("QBATCH_ALL_FLOATS");
  const Tally tally =
      every && std::string_view(every) == "1" ? judgeEveryFloat() : judgeRandomFloats(seed, qbatch::test::campaignSize(10'000'000));
  CAPTURE(seed, tally.floats, tally.longer, tally.longerSmall);
  CHECK(tally.wrong.empty());
  for (const float value : tally.wrong) {
    CAPTURE(std::bit_cast<std::uint32_t>(value), text(value));
    FAIL_CHECK("a float is written wrongly");
  }
  CHECK(tally.longerSmall < tally.floats / 100'000 + 10);
  if (every)
    WARN(tally.floats << " floats; more digits than the shortest text have " << tally.longer << " and below 2^24 " << tally.longerSmall);
}
