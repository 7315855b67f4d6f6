#include "local/payload_reader.hpp"

#include "support/catch.hpp"

using namespace qbatch::local;

TEST_CASE("a reader takes one payload after the other, of any size") {
  PayloadReader reader;
  for (const std::size_t size : {0u, 10u, 100000u, 3u}) {
    const auto object = reader.read("{\"a\":\"" + std::string(size, 'x') + "\"}");
    REQUIRE(object);
    const auto member = memberOf(*object, "a");
    REQUIRE(member);
    CHECK(std::string_view(*member).size() == size);
    CHECK_FALSE(memberOf(*object, "b"));
  }
}

TEST_CASE("what is no JSON object is none, and the problem is said") {
  PayloadReader reader;
  for (const auto* text : {"", "[]", "5", "{", "{\"a\":1}x", "{\"a\":\"\xff\"}", "{'a':1}"}) {
    CAPTURE(text);
    CHECK_FALSE(reader.read(text));
    CHECK(reader.problem(text));
  }
  CHECK_FALSE(reader.problem("{}"));
}
