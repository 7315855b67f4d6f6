#pragma once
#include <simdjson.h>

#include <future>
#include <stdexcept>
#include <string>
#include <utility>

#include "serve/api.hpp"
#include "support/http_exchange.hpp"

namespace qbatch::test {

/// qbatch::serve's API over a store in memory, or in a file, asked in this process.
class ServeAsked {
 public:
  explicit ServeAsked(const std::string& file = ":memory:") : api(file) {}

  /// Returns the status; the body is in `body`.
  int operator()(const std::string& line, const std::string& sent = {}) {
    auto parsed = parseHead(line + " HTTP/1.1\r\n\r\n");
    if (!parsed) throw std::invalid_argument(line + " is no request line");
    parsed->body = sent;
    return raw(requestOf(*parsed));
  }
  /// The answer's `result` as JSON; "404 Not found: …" where it is an error.
  std::string answer(const std::string& line, const std::string& sent = {}) {
    const int status = (*this)(line, sent);
    simdjson::dom::parser parser;
    const simdjson::dom::element all = parser.parse(body);
    if (status == 200) return simdjson::minify(simdjson::dom::element(all["result"]));
    return std::to_string(status) + " " + std::string(std::string_view(all["status"]["error"]));
  }
  /// The ids of the points that an answer lists, such as "3,1"; an error as above.
  std::string ids(const std::string& line, const std::string& sent = {}) {
    const std::string result = answer(line, sent);
    if (result.empty() || (result[0] != '{' && result[0] != '[')) return result;
    simdjson::dom::parser parser;
    simdjson::dom::element list = parser.parse(result);
    if (list.is_object()) list = list["points"];
    std::string all;
    for (const auto point : simdjson::dom::array(list)) all += (all.empty() ? "" : ",") + simdjson::minify(point["id"]);
    return all;
  }
  int raw(qbatch::HttpRequest request) {
    std::promise<qbatch::HttpResponse> promise;
    api.handle(std::move(request), [&](qbatch::HttpResponse response) { promise.set_value(std::move(response)); });
    auto response = promise.get_future().get();
    body = std::move(response.body);
    return response.status;
  }
  HttpAnswer exchange(const Exchange& asked) {
    const int status = raw(requestOf(asked));
    return {status, {}, body, false, {}};
  }

  void makeCollection(const std::string& vectors = R"({"size":2,"distance":"Dot"})", const std::string& more = {}) {
    if ((*this)("PUT /collections/c", R"({"vectors":)" + vectors + more + "}") != 200) throw std::runtime_error(body);
  }
  void store(const std::string& points, const std::string& more = {}) {
    if ((*this)("PUT /collections/c/points?wait=true", R"({"points":)" + points + more + "}") != 200) throw std::runtime_error(body);
  }

  serve::Api api;
  std::string body{};

 private:
  static qbatch::HttpRequest requestOf(const Exchange& exchange) {
    std::string query;
    for (const auto& [name, value] : exchange.query) query += (query.empty() ? "" : "&") + name + "=" + value;
    return {exchange.method, exchange.path, query, exchange.body};
  }
};

}  // namespace qbatch::test
