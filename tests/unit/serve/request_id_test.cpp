#include "serve/request_id.hpp"

#include <set>

#include "support/catch.hpp"

using namespace qbatch::serve;

namespace {

RequestHead head(std::vector<std::pair<std::string, std::string>> fields) { return {.fields = std::move(fields)}; }

}  // namespace

TEST_CASE("request id: those that can be taken are", "[serve]") {
  RequestIds ids("X-Request-Id");
  CHECK(ids.header() == "x-request-id");
  for (const std::string good : {"a", "0", "A-b_c.9", "------"}) CHECK(ids.of(head({{"x-request-id", good}})) == good);
  const std::string longest(128, 'x');
  CHECK(ids.of(head({{"x-request-id", longest}})) == longest);
}

TEST_CASE("request id: others are replaced, each by its own", "[serve]") {
  RequestIds ids("x-request-id");
  std::set<std::string> made;
  for (const std::string& bad : {std::string(), std::string("a b"), std::string("a\xc3\xa4"), std::string("a/b"), std::string(129, 'x'),
                                 std::string("a\0b", 3), std::string("<script>")}) {
    const auto id = ids.of(head({{"x-request-id", bad}}));
    CHECK(isRequestId(id));
    CHECK(id != bad);
    made.insert(id);
  }
  made.insert(ids.of({}));
  made.insert(ids.of(head({{"x-request-id", "one"}, {"x-request-id", "two"}})));
  CHECK(made.size() == 9);
  CHECK_FALSE(made.contains("one"));
  CHECK(RequestIds("x-request-id").of({}) != RequestIds("x-request-id").of({}));
}

TEST_CASE("request id: none where none are wanted", "[serve]") {
  RequestIds none("");
  CHECK(none.header().empty());
  CHECK(none.of(head({{"", "x"}, {"x-request-id", "y"}})).empty());
}
