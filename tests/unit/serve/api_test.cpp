#include "serve/api.hpp"

#include "support/catch.hpp"

using namespace qbatch::serve;

TEST_CASE("api: health, and nothing else yet", "[serve]") {
  Api api(":memory:");
  const auto answerTo = [&](const std::string& method, const std::string& path) {
    HttpResponse result;
    api.handle({.method = method, .path = path}, [&](HttpResponse response) { result = std::move(response); });
    return result;
  };
  CHECK(answerTo("GET", "/healthz").body == "healthz check passed");
  CHECK(answerTo("GET", "/nothing").status == 404);
}
