#include "serve/exchange_record.hpp"

#include <stdexcept>
#include <vector>

#include "support/catch.hpp"

using namespace qbatch::serve;
using qbatch::HttpExchange;
using qbatch::HttpServerOptions;

TEST_CASE("exchange record: each request is told of once", "[serve]") {
  std::vector<HttpExchange> told;
  const HttpServerOptions options{.served = [&](const HttpExchange& exchange) { told.push_back(exchange); }};
  ExchangeRecord record(options, "127.0.0.1:5");
  record.end(true);
  CHECK(told.empty());
  record.begin();
  record.read({.method = "PUT", .target = "/x?y"}, "id-1");
  record.begin();
  record.received(3);
  record.answering(201);
  record.sent(7);
  record.end(false);
  record.end(true);
  REQUIRE(told.size() == 1);
  CHECK(told[0].client == "127.0.0.1:5");
  CHECK(told[0].method == "PUT");
  CHECK(told[0].target == "/x?y");
  CHECK(told[0].path == "/x");
  CHECK(told[0].id == "id-1");
  CHECK(told[0].status == 201);
  CHECK(told[0].bytesReceived == 3);
  CHECK(told[0].bytesSent == 7);
  CHECK(told[0].time.count() > 0);
  CHECK_FALSE(told[0].cut);
  record.begin();
  record.end(true);
  REQUIRE(told.size() == 2);
  CHECK(told[1].client == "127.0.0.1:5");
  CHECK(told[1].method.empty());
  CHECK(told[1].status == 0);
  CHECK(told[1].bytesReceived + told[1].bytesSent == 0);
  CHECK(told[1].cut);
}

TEST_CASE("exchange record: nobody need listen, and who listens may fail", "[serve]") {
  const HttpServerOptions nobody;
  ExchangeRecord unheard(nobody, "x");
  unheard.begin();
  unheard.received(1);
  unheard.end(false);
  const HttpServerOptions failing{.served = [](const HttpExchange&) { throw std::runtime_error("oops"); }};
  ExchangeRecord record(failing, "x");
  record.begin();
  CHECK_NOTHROW(record.end(false));
  record.begin();
  CHECK_NOTHROW(record.end(false));
}
