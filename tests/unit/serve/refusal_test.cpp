#include "serve/refusal.hpp"

#include <stdexcept>

#include "support/catch.hpp"

using namespace qbatch::serve;
using qbatch::HttpResponse;
using qbatch::HttpServerOptions;

TEST_CASE("refusal: bodies that are too large", "[serve]") {
  CHECK(announcedTooLarge(33554433, 33554432).message ==
        "Payload error: JSON payload (33554433 bytes) is larger than allowed (limit: 33554432 bytes).");
  CHECK(grownTooLarge(33554432).message == "Payload error: JSON payload has exceeded limit (33554432 bytes).");
  CHECK(announcedTooLarge(2, 1).status == 413);
  CHECK(grownTooLarge(1).status == 413);
}

TEST_CASE("refusal: in Qdrant's words", "[serve]") {
  const auto large = worded(grownTooLarge(33554432), {});
  CHECK(large.status == 400);
  CHECK(large.body == R"({"status":{"error":"Payload error: JSON payload has exceeded limit (33554432 bytes)."},"time":0.0})");
  const auto key = worded({401, "Invalid API key or JWT"}, {});
  CHECK(key.status == 401);
  CHECK(key.contentType == "text/plain; charset=utf-8");
  CHECK(key.body == "Invalid API key or JWT");
  CHECK(worded({501, "x"}, {}).status == 501);
}

TEST_CASE("refusal: in the server's own words, where they are an answer", "[serve]") {
  const HttpServerOptions own{.refusal = [](int status, std::string_view message) {
    return HttpResponse{.status = status, .contentType = "text/plain", .body = "no: " + std::string(message)};
  }};
  const auto answer = worded({413, "too large"}, own);
  CHECK(answer.status == 413);
  CHECK(answer.body == "no: too large");
  const HttpServerOptions throwing{.refusal = [](int, std::string_view) -> HttpResponse { throw std::runtime_error("oops"); }};
  CHECK(worded({401, "x"}, throwing).body == "x");
  const HttpServerOptions odd{.refusal = [](int, std::string_view) { return HttpResponse{.status = 0}; }};
  CHECK(worded({401, "x"}, odd).status == 401);
}
