#include "response_members.hpp"

#include <cmath>

#include "codec/json_object.hpp"
#include "support/catch.hpp"

using namespace qbatch;

namespace {

template <class Write>
std::string object(Write write) {
  std::string out = "{";
  write(out);
  out += '}';
  CHECK(codec::checkedJson(out) == out);
  return out;
}

}  // namespace

TEST_CASE("members are divided by commas, whatever their kind") {
  CHECK(object([](std::string& out) {
          response::count(out, "items", 3);
          response::text(out, "said", "a \"b\"");
          response::number(out, "rate", 0.5);
          response::number(out, "none", std::nan(""));
          response::idMember(out, PointId(7));
        }) == R"({"items":3,"said":"a \"b\"","rate":0.5,"none":null,"id":7})");
}

TEST_CASE("text that is not UTF-8 becomes text that is") {
  CHECK(object([](std::string& out) { response::text(out, "said", "a\xff"); }) == "{\"said\":\"a\xEF\xBF\xBD\"}");
}

TEST_CASE("an error without words is named by its kind") {
  CHECK(response::messageOf(Error(Errc::cancelled, Origin::caller, "enough")) == "enough");
  CHECK(response::messageOf(Error(Errc::pointNotFound, Origin::server, "")) == "there is no such point");
}

TEST_CASE("status and summary tell what became of the call") {
  ReportData data;
  data.size = 3;
  data.failures = {{1, Outcome::failed, Error(Errc::refused, Origin::server, "no"), 1}};
  const auto both = [&] {
    return object([&](std::string& out) {
      response::status(out, data);
      response::summary(out, data);
    });
  };
  CHECK(both() == R"({"status":"success","summary":{"total":3,"successful":2,"failed":1}})");
  data.nothingTried = true;
  data.stopped = Error(Errc::unavailable, Origin::transport, "nobody listens");
  CHECK(both() == R"({"status":"error","error":"nobody listens","summary":{"total":3,"successful":2,"failed":1}})");
}
