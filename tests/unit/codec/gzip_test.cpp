#include "codec/gzip.hpp"

#include <zlib.h>

#include <random>
#include <string>

#include "support/catch.hpp"

using qbatch::codec::gzip;

namespace {

std::string unpacked(std::string packed, std::size_t room) {
  std::string out(room, '\0');
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, MAX_WBITS + 16) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  CHECK(inflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(out.size() - stream.avail_out);
  inflateEnd(&stream);
  return out;
}

}  // namespace

TEST_CASE("what was packed comes out again, whatever stood in the text before") {
  std::string packed = "left from the last body";
  for (const std::size_t size : {200u, 65'536u, 1'000'000u}) {
    std::string text;
    while (text.size() < size) text += std::to_string(text.size()) + ",0.0";
    REQUIRE(gzip(packed, text));
    CHECK(packed.size() < text.size());
    CHECK(unpacked(packed, 2 * text.size()) == text);
  }
}

TEST_CASE("what would not get smaller is not packed") {
  std::mt19937_64 random(1);
  std::string noise(20'000, '\0'), packed = "old";
  for (auto& byte : noise) byte = static_cast<char>(random());
  CHECK_FALSE(gzip(packed, noise));
  CHECK(packed.empty());
  CHECK_FALSE(gzip(packed, ""));
}
