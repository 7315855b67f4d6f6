#include "serve/plain_body.hpp"

#include <algorithm>
#include <string>

#include "support/catch.hpp"

using qbatch::serve::PlainBody;

namespace {

/// Gives `text` to a body, at most `atOnce` bytes at a time.
std::string received(const std::string& text, std::size_t atOnce) {
  std::string body;
  PlainBody plain;
  plain.begin(body, text.size());
  while (!plain.whole()) {
    const auto room = plain.room();
    REQUIRE_FALSE(room.empty());
    const auto bytes = std::min({room.size(), atOnce, text.size() - plain.received()});
    text.copy(room.data(), bytes, plain.received());
    plain.add(bytes);
  }
  CHECK(plain.received() == text.size());
  return body;
}

}  // namespace

TEST_CASE("a body is what came, however it came") {
  for (const std::size_t length : {1u, 63u, 65535u, 65536u, 65537u, 131072u, 131073u, 1000000u}) {
    std::string text(length, ' ');
    for (std::size_t i = 0; i < length; ++i) text[i] = static_cast<char>('a' + i % 26);
    for (const std::size_t atOnce : {length, std::size_t{1000}, std::size_t{65536}}) CHECK(received(text, atOnce) == text);
  }
}

TEST_CASE("room grows with what came, not with what was announced") {
  std::string body;
  PlainBody plain;
  plain.begin(body, 32u << 20);
  CHECK(plain.room().size() == 64u << 10);
  plain.add(10);
  CHECK(body.size() <= 128u << 10);
  CHECK(plain.room().size() == (64u << 10));
  CHECK_FALSE(plain.whole());
}

TEST_CASE("a body may be begun again") {
  std::string body, next;
  PlainBody plain;
  plain.begin(body, 3);
  plain.add(plain.room().size());
  CHECK(plain.whole());
  plain.begin(next, 2);
  CHECK_FALSE(plain.whole());
  CHECK(plain.received() == 0);
  CHECK(plain.room().size() == 2);
}
