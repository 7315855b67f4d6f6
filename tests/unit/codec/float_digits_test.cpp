#include "codec/float_digits.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/seed.hpp"

using namespace qbatch::codec;

namespace {

std::string textOf(std::uint64_t word) { return {reinterpret_cast<const char*>(&word), sizeof word}; }

/// What the fields say, for as many floats; a float that is not done there has no digits to compare.
std::string told(const FloatBlock& block, std::size_t size) {
  std::string all;
  for (std::size_t i = 0; i < size; ++i) {
    all += std::to_string(block.count[i]) + ' ';
    if (block.count[i] != 0) all += std::to_string(block.lead[i]) + textOf(block.last[i]) + 'e' + std::to_string(block.exponent[i]);
    all += '\n';
  }
  return all;
}

void requireSame(std::span<const float> values) {
  FloatBlock one, other;
  findDigits(one, values);
  findDigitsPortably(other, values);
  REQUIRE(told(one, values.size()) == told(other, values.size()));
}

}  // namespace

TEST_CASE("eight digits are written in the order of reading") {
  CHECK(textOf(eightDigits(0)) == "00000000");
  CHECK(textOf(eightDigits(12'345'678)) == "12345678");
  CHECK(textOf(eightDigits(99'999'999)) == "99999999");
  CHECK(textOf(eightDigits(70'009)) == "00070009");
}

TEST_CASE("a float's digits, their number and their place") {
  FloatBlock block;
  const std::array<float, 6> values = {0.12345678F, -0.0654321F, 123.45678F, 0.5F, 1e-30F, 0.12345F};
  for (const auto find : {&findDigits, &findDigitsPortably}) {
    find(block, values);
    CHECK(block.lead[0] == 1);
    CHECK(textOf(block.last[0]).substr(0, 7) == "2345678");
    CHECK(block.count[0] == 8);
    CHECK(block.exponent[0] == -1);
    CHECK(block.count[1] == 6);
    CHECK(block.exponent[2] == 2);
    CHECK(block.count[3] == 0);  // a power of two
    CHECK(block.count[4] == 0);  // too small
    CHECK(block.count[5] == 0);  // few digits
  }
}

TEST_CASE("the processor's way finds what the portable way finds: any bits, any number of floats") {
  const auto first = qbatch::test::seed();
  INFO("QBATCH_SEED=" << first);
  std::mt19937_64 random(first);
  std::normal_distribution<float> normal(0, 0.05F);
  for (std::size_t round = 0; round < qbatch::test::campaignSize(20'000); ++round) {
    std::vector<float> values(1 + random() % FloatBlock::capacity);
    const bool usual = round % 2 == 0;
    for (auto& value : values) value = usual ? normal(random) : std::bit_cast<float>(static_cast<std::uint32_t>(random()));
    requireSame(values);
  }
}

TEST_CASE("the processor's way finds what the portable way finds: around every power of two and of ten") {
  std::vector<float> values;
  const auto around = [&](std::uint32_t bits) {
    for (std::uint32_t step = 0; step < 9; ++step) values.push_back(std::bit_cast<float>(bits + step - 4));
  };
  for (std::uint32_t exponent = 1; exponent < 256; ++exponent) around(exponent << 23);
  for (double power = 1e-20; power < 1e12; power *= 10) around(std::bit_cast<std::uint32_t>(static_cast<float>(power)));
  for (std::span<const float> rest = values; !rest.empty(); rest = rest.subspan(std::min(rest.size(), FloatBlock::capacity)))
    requireSame(rest.first(std::min(rest.size(), FloatBlock::capacity)));
}
