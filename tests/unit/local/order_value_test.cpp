#include "local/order_value.hpp"

#include <algorithm>
#include <limits>

#include "support/catch.hpp"

using namespace qbatch;
using namespace qbatch::local;

namespace {

simdjson::dom::parser parser;

OrderBy orderBy(const std::string& json) { return parseOrderBy(parser.parse(json)); }

std::string keys(const std::string& payload, const std::string& order, IndexKind kind) {
  const OrderBy by = orderBy(order);
  std::string text;
  for (const OrderKey& key : orderKeys(parser.parse(payload).get_object().value(), by, kind)) text += key.text() + ' ';
  return text;
}

OrderKey whole(std::int64_t value) { return OrderKey(value); }
OrderKey real(double value) { return OrderKey(value); }

}  // namespace

TEST_CASE("order_by is a key, or an object") {
  const OrderBy plain = orderBy(R"("a.\"b\"")");
  CHECK(plain.key == "a.b");
  CHECK_FALSE(plain.descending);
  CHECK_FALSE(plain.startFrom);
  CHECK_FALSE(orderBy(R"({"key":"a","direction":null,"start_from":null})").descending);
  CHECK_FALSE(orderBy(R"({"key":"a","direction":"asc"})").descending);
  const OrderBy full = orderBy(R"({"start_from":2.5,"direction":"desc","key":"a"})");
  CHECK(full.descending);
  CHECK(full.startFrom == real(2.5));
  CHECK(orderBy(R"({"key":"a","start_from":-7})").startFrom == whole(-7));
  CHECK(orderBy(R"({"key":"a","start_from":18446744073709551615})").startFrom == real(18446744073709551615.0));
  CHECK(orderBy(R"({"key":"a","start_from":"1970-01-01T00:00:01"})").startFrom == whole(1'000'000));
}

TEST_CASE("any other order_by is refused in the server's words") {
  for (const auto* json : {"5", "[]", "true", R"("a b")", "{}", R"({"key":7})", R"({"key":"a","direction":"up"})",
                           R"({"key":"a","start_from":"soon"})", R"({"key":"a","start_from":true})", R"({"key":"a","limit":1})"}) {
    CAPTURE(json);
    try {
      static_cast<void>(orderBy(json));
      FAIL_CHECK("it was not refused");
    } catch (const RequestError& refused) {
      CHECK(refused.error().httpStatus() == 400);
      CHECK(refused.error().serverMessage() ==
            "Format error in JSON body: Expected a string, or an object with a key, direction and/or start_from");
      CHECK(refused.error().message().find("`order_by` is not valid: ") == 0);
    }
  }
}

TEST_CASE("values of the index's kind are what points are ordered by") {
  const std::string payload = R"({"n":[3,1,3,2.0,2.5,"4",null,[9]],"t":["1970-01-01","1970-01-01T00:00:01.5Z","x",7],"one":5})";
  CHECK(keys(payload, R"("n")", IndexKind::integer) == "3 1 3 2 ");
  CHECK(keys(payload, R"("n")", IndexKind::floating) == "3.0 1.0 3.0 2.0 2.5 ");
  CHECK(keys(payload, R"("t")", IndexKind::datetime) == "0 1500000 ");
  CHECK(keys(payload, R"("one")", IndexKind::integer) == "5 ");
  CHECK(keys(payload, R"("none")", IndexKind::integer).empty());
  CHECK(keys(payload, R"("n")", IndexKind::keyword).empty());
  for (const auto kind : {IndexKind::integer, IndexKind::floating, IndexKind::datetime}) CHECK(ordersPoints(kind));
  for (const auto kind : {IndexKind::keyword, IndexKind::text, IndexKind::boolean, IndexKind::uuid, IndexKind::geo}) {
    CHECK_FALSE(ordersPoints(kind));
  }
}

TEST_CASE("start_from leaves out what comes before it") {
  const std::string payload = R"({"n":[1,2,3,4],"t":["2020-01-01","2021-01-01"]})";
  CHECK(keys(payload, R"({"key":"n","start_from":2})", IndexKind::integer) == "2 3 4 ");
  CHECK(keys(payload, R"({"key":"n","start_from":2.5})", IndexKind::integer) == "3 4 ");
  CHECK(keys(payload, R"({"key":"n","direction":"desc","start_from":2})", IndexKind::integer) == "1 2 ");
  CHECK(keys(payload, R"({"key":"n","direction":"desc","start_from":2.5})", IndexKind::floating) == "1.0 2.0 ");
  CHECK(keys(payload, R"({"key":"t","start_from":"2020-06-01"})", IndexKind::datetime) == "1609459200000000 ");
}

TEST_CASE("whole numbers and floats compare exactly") {
  constexpr auto most = std::numeric_limits<std::int64_t>::max(), least = std::numeric_limits<std::int64_t>::min();
  const std::vector<OrderKey> rising{real(-1e300),
                                     whole(least),
                                     whole(least + 1),
                                     real(-2.5),
                                     whole(-2),
                                     real(-1.5),
                                     real(0.5),
                                     whole(1),
                                     real(1.5),
                                     whole(9007199254740993),
                                     real(9007199254740994.0),
                                     whole(most),
                                     real(9223372036854775808.0)};
  for (std::size_t i = 0; i < rising.size(); ++i) {
    for (std::size_t k = 0; k < rising.size(); ++k) {
      CAPTURE(i, k);
      CHECK((rising[i] <=> rising[k]) == (i <=> k));
    }
  }
  CHECK(whole(1) == real(1.0));
  CHECK(real(-0.0) == whole(0));
  CHECK(whole(least) == real(-9223372036854775808.0));
  const OrderBy falling = orderBy(R"({"key":"a","direction":"desc"})");
  CHECK(falling.before(whole(2), real(1.5)));
  CHECK_FALSE(falling.before(whole(2), whole(2)));
}

TEST_CASE("what the server says without an index, and to an offset") {
  const Error missing = noRangeIndex(orderBy(R"("a.b")")).error();
  CHECK(missing.serverMessage().find("Wrong input: No range index for `order_by` key: `a.b`. Please create one") == 0);
  CHECK(missing.httpStatus() == 400);
  CHECK(offsetWithOrderBy().error().serverMessage().find("Wrong input: Cannot use an `offset` when using `order_by`.") == 0);
}
