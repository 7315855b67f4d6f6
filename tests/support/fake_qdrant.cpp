#include "support/fake_qdrant.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <future>
#include <utility>

#include "codec/json_writer.hpp"
#include "local/json_tree.hpp"
#include "support/openapi_check.hpp"

namespace qbatch::test {
namespace {

using local::JsonTree;

HttpAnswer plainText(int status, std::string text) {
  return {status, {{"Content-Type", "text/plain; charset=utf-8"}}, std::move(text), false, {}};
}

HttpAnswer errorAnswer(int status, const std::string& words) {
  std::string body = R"({"status":{"error":)";
  codec::appendAnyString(body, words);
  return {status, {}, body + R"(},"time":0.0})", false, {}};
}

std::string queryText(const Exchange& exchange, std::string_view without = {}) {
  std::string text;
  for (const auto& [name, value] : exchange.query) {
    if (name == without) continue;
    text += (text.empty() ? "" : "&") + name + "=" + value;
  }
  return text;
}

bool endsWithOneOf(std::string_view path, std::initializer_list<std::string_view> ends) {
  return std::any_of(ends.begin(), ends.end(), [&](std::string_view end) { return path.ends_with(end); });
}

bool isRead(const Exchange& exchange) {
  return exchange.method == "GET" ||
         (exchange.method == "POST" &&
          endsWithOneOf(exchange.path, {"/points", "/points/scroll", "/points/count", "/points/query", "/points/query/batch"}));
}

bool isUpdate(const Exchange& exchange) {
  if (exchange.method == "PUT") return endsWithOneOf(exchange.path, {"/points", "/points/payload", "/points/vectors"});
  return exchange.method == "POST" && endsWithOneOf(exchange.path, {"/points/delete", "/points/payload", "/points/payload/delete",
                                                                    "/points/payload/clear", "/points/vectors/delete", "/points/batch"});
}

void dropMember(JsonTree& tree, std::string_view name) {
  if (auto* members = tree.asObject()) std::erase_if(*members, [&](const auto& member) { return member.first == name; });
}

std::size_t operationsIn(const std::string& body) {
  simdjson::dom::parser parser;
  simdjson::dom::array operations;
  if (parser.parse(body)["operations"].get_array().get(operations) != simdjson::SUCCESS) return 0;
  return operations.size();
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) text.replace(at, what.size(), with);
  return text;
}

}  // namespace

FakeQdrant::FakeQdrant(Options options) : options_(std::move(options)), version_(versionOf(options_.version)) {}

FakeQdrant::Version FakeQdrant::versionOf(const std::string& text) {
  Version version;
  const char* end = text.data() + text.size();
  const auto dot = std::from_chars(text.data(), end, version.major).ptr;
  if (dot != end) std::from_chars(dot + 1, end, version.minor);
  return version;
}

HttpAnswer FakeQdrant::answer(const Exchange& exchange) {
  const std::lock_guard lock(mutex_);
  if (exchange.path == "/healthz" || exchange.path == "/livez" || exchange.path == "/readyz") return asked(exchange, {}, {});
  if (exchange.path == "/" && exchange.method == "GET") {
    return {200, {}, R"({"title":"qdrant - vector search engine","version":")" + options_.version + R"(","commit":""})", false, {}};
  }
  if (auto refused = refusal(exchange)) return std::move(*refused);
  if (options_.checkRequests) {
    if (const auto problem = OpenApiCheck::qdrant().problem(exchange.method, exchange.path, exchange.query, exchange.body)) {
      problems_.push_back(*problem);
      return errorAnswer(400, "Format error in JSON body: " + *problem);
    }
  }
  const std::string body = understood(exchange);
  return isUpdate(exchange) ? updated(exchange, body) : asked(exchange, body, queryText(exchange));
}

std::optional<HttpAnswer> FakeQdrant::refusal(const Exchange& exchange) const {
  if (!options_.apiKey.empty()) {
    const auto* key = exchange.header("api-key");
    const auto* bearer = exchange.header("authorization");
    const bool tokenGiven = bearer != nullptr && bearer->starts_with("Bearer ");
    if (key == nullptr && !tokenGiven) return plainText(401, "Must provide an API key or an Authorization bearer token");
    const std::string given = key != nullptr ? *key : bearer->substr(7);
    const bool readOnly = !options_.readOnlyApiKey.empty() && given == options_.readOnlyApiKey;
    if (given != options_.apiKey && !readOnly) return plainText(401, "Invalid API key or JWT");
    if (readOnly && !isRead(exchange)) return errorAnswer(403, "Forbidden: Global write access is required");
  }
  if (exchange.body.size() > options_.maxRequestBytes) {
    return errorAnswer(400, "Payload error: JSON payload (" + std::to_string(exchange.body.size()) +
                                " bytes) is larger than allowed (limit: " + std::to_string(options_.maxRequestBytes) + " bytes).");
  }
  return std::nullopt;
}

std::string FakeQdrant::understood(const Exchange& exchange) const {
  if (version_.atLeast(1, 17) || exchange.method != "PUT" || exchange.body.empty()) return exchange.body;
  JsonTree body = JsonTree::parse(exchange.body);
  dropMember(body, "update_mode");
  if (!version_.atLeast(1, 16)) {
    dropMember(body, "update_filter");
    dropMember(body, "metadata");
  }
  return body.text();
}

qbatch::HttpResponse FakeQdrant::ask(qbatch::HttpRequest request) {
  std::promise<qbatch::HttpResponse> promise;
  api_.handle(std::move(request), [&](qbatch::HttpResponse response) { promise.set_value(std::move(response)); });
  return promise.get_future().get();
}

HttpAnswer FakeQdrant::asked(const Exchange& exchange, const std::string& body, const std::string& query) {
  auto response = ask({exchange.method, exchange.path, query, body});
  return {response.status, {{"Content-Type", response.contentType}}, std::move(response.body), false, {}};
}

HttpAnswer FakeQdrant::updated(const Exchange& exchange, const std::string& body) {
  const Pace pace = options_.pace ? options_.pace(exchange) : Pace::prompt;
  if (pace == Pace::prompt) return asked(exchange, body, queryText(exchange));
  const auto wish = exchange.query.find("wait");
  const bool waits = wish != exchange.query.end() && wish->second == "true";
  if (pace == Pace::timesOut) {
    HttpAnswer answer = asked(exchange, body, queryText(exchange, "wait"));
    if (waits) answer.body = replaced(std::move(answer.body), "\"acknowledged\"", "\"wait_timeout\"");
    return answer;
  }
  held_.push_back({exchange.method, exchange.path, queryText(exchange, "wait"), body});
  const std::string one = std::string(R"({"operation_id":0,"status":")") + (waits ? "wait_timeout" : "acknowledged") + "\"}";
  std::string result = one;
  if (exchange.path.ends_with("/batch")) {
    std::string list;
    for (std::size_t i = operationsIn(body); i > 0; --i) list += (list.empty() ? "" : ",") + one;
    result = "[" + list + "]";
  }
  return {200, {}, R"({"result":)" + result + R"(,"status":"ok","time":0.0})", false, {}};
}

void FakeQdrant::applyHeld() {
  const std::lock_guard lock(mutex_);
  for (auto& request : std::exchange(held_, {})) static_cast<void>(ask(std::move(request)));  // nobody hears how it ends
}

std::vector<std::string> FakeQdrant::problems() const {
  const std::lock_guard lock(mutex_);
  return problems_;
}

void FakeQdrant::setPace(std::function<Pace(const Exchange&)> pace) {
  const std::lock_guard lock(mutex_);
  options_.pace = std::move(pace);
}

std::size_t FakeQdrant::pointCount(const std::string& collection) const {
  const auto names = api_.engine().names();
  const auto* entry = names->find(collection);
  if (entry == nullptr) return 0;
  const auto lock = entry->shelf->lock.read();
  return entry->shelf->points.size();
}

std::optional<std::string> FakeQdrant::payload(const std::string& collection, const PointId& id) const {
  const auto names = api_.engine().names();
  const auto* entry = names->find(collection);
  if (entry == nullptr) return std::nullopt;
  const auto lock = entry->shelf->lock.read();
  const auto row = entry->shelf->points.find(id);
  if (!row) return std::nullopt;
  return std::string(entry->shelf->points.payload(*row));
}

std::vector<float> FakeQdrant::vector(const std::string& collection, const PointId& id, const std::string& name) const {
  const auto names = api_.engine().names();
  const auto* entry = names->find(collection);
  if (entry == nullptr) return {};
  const auto lock = entry->shelf->lock.read();
  const local::Collection& points = entry->shelf->points;
  const auto row = points.find(id);
  const auto column = points.layout().denseColumn(name);
  if (!row || !column) return {};
  const auto values = points.dense(*row, *column);
  return {values.begin(), values.end()};
}

}  // namespace qbatch::test
