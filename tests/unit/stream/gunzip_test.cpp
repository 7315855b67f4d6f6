#include "stream/gunzip.hpp"

#include <algorithm>
#include <string>

#include "support/catch.hpp"
#include "support/gzipped.hpp"
#include "support/text_matchers.hpp"

using qbatch::stream::Gunzip;
using qbatch::test::gzipped;

namespace {

std::string someText(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; text.size() < size; ++i) text += "line " + std::to_string(i * i) + "\n";
  return text;
}

struct Unpacked {
  std::string text{};
  bool sound = true, complete = false;
  std::string problem{};
};

/// Hands over `step` bytes at a time, and takes `room` at a time.
Unpacked unpack(const std::string& packed, std::size_t step, std::size_t room) {
  Gunzip gunzip;
  Unpacked result;
  for (std::size_t at = 0; at < packed.size() && result.sound; at += step) {
    std::string_view piece = std::string_view(packed).substr(at, step);
    std::string out;
    do {
      out.assign(room, '?');
      result.sound = gunzip.run(piece, out);
      result.text += out;
    } while (result.sound && out.size() == room);
    if (result.sound) CHECK(piece.empty());
  }
  result.complete = gunzip.complete();
  if (!result.sound) result.problem = gunzip.problem();
  return result;
}

}  // namespace

TEST_CASE("a packed text comes out whole, in whatever pieces it is given and taken") {
  const std::string text = someText(20'000), packed = gzipped(text);
  REQUIRE(packed.starts_with(Gunzip::mark));
  for (const std::size_t step : {std::size_t{1}, std::size_t{7}, packed.size()}) {
    for (const std::size_t room : {std::size_t{1}, std::size_t{100}, text.size(), 2 * text.size()}) {
      const auto unpacked = unpack(packed, step, room);
      CHECK(unpacked.text == text);
      CHECK(unpacked.sound);
      CHECK(unpacked.complete);
    }
  }
}

TEST_CASE("streams one behind the other are one text, and zeros at the end are passed over") {
  const std::string text = someText(1000), more = someText(500);
  const std::string packed = gzipped(text) + gzipped(more) + gzipped(text) + std::string(511, '\0');
  for (const std::size_t step : {std::size_t{1}, std::size_t{13}, packed.size()}) {
    const auto unpacked = unpack(packed, step, 64);
    CHECK(unpacked.text == text + more + text);
    CHECK(unpacked.sound);
    CHECK(unpacked.complete);
  }
}

TEST_CASE("what is cut off is not complete, wherever it is cut") {
  const std::string text = someText(300), packed = gzipped(text) + gzipped(text);
  const std::size_t first = packed.size() / 2;
  for (std::size_t length = 1; length < packed.size(); ++length) {
    const auto unpacked = unpack(packed.substr(0, length), packed.size(), 64);
    CHECK(unpacked.sound);
    CHECK(unpacked.complete == (length == first));
    CHECK((text + text).starts_with(unpacked.text));
  }
}

TEST_CASE("damage is found, and says what it is") {
  const std::string text = someText(3000), sound = gzipped(text);
  auto sum = sound;
  sum[sum.size() - 6] = static_cast<char>(sum[sum.size() - 6] ^ 1);
  CHECK_THAT(unpack(sum, sum.size(), 64).problem, qbatch::test::contains("data check"));
  const auto behind = unpack(sound + "and more", sound.size() + 8, 64);
  CHECK_FALSE(behind.sound);
  CHECK(behind.text == text);
  CHECK_FALSE(behind.problem.empty());
  Gunzip gunzip;
  for (int again = 0; again < 3; ++again) {
    std::string_view wrong = "\x1F\x8B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF";
    std::string out(10, '?');
    CHECK_FALSE(gunzip.run(wrong, out));
    CHECK(out.empty());
  }
}
