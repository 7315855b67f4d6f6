#include "support/fake_qdrant.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <utility>

#include "codec/json_writer.hpp"
#include "support/fake_qdrant_collections.hpp"
#include "support/fake_qdrant_reads.hpp"
#include "support/fake_qdrant_updates.hpp"
#include "support/openapi_check.hpp"

namespace qbatch::test {
namespace {

using fake::Element;
using fake::Failure;
using fake::Update;

/// A path that the server does not have: 404 without a body.
struct NoRoute {};

fake::Version versionOf(const std::string& text) {
  fake::Version version;
  const char* end = text.data() + text.size();
  const auto dot = std::from_chars(text.data(), end, version.major).ptr;
  if (dot != end) std::from_chars(dot + 1, end, version.minor);
  return version;
}

std::vector<std::string> segmentsOf(std::string_view path) {
  std::vector<std::string> segments;
  while (!path.empty()) {
    path.remove_prefix(1);
    const auto end = std::min(path.find('/'), path.size());
    segments.push_back(percentDecoded(path.substr(0, end)));
    path.remove_prefix(end);
  }
  return segments;
}

HttpAnswer plainText(int status, std::string text) {
  return {status, {{"Content-Type", "text/plain; charset=utf-8"}}, std::move(text), false, {}};
}

HttpAnswer errorAnswer(const Failure& failure) {
  std::string body = R"({"status":{"error":)";
  codec::appendAnyString(body, failure.words);
  return {failure.status, {}, body + R"(},"time":0.0})", false, {}};
}

bool isRead(const Exchange& exchange) {
  static constexpr std::array<std::string_view, 5> reads{"/points", "/points/scroll", "/points/count", "/points/query",
                                                         "/points/query/batch"};
  const auto ends = [&](std::string_view end) { return std::string_view(exchange.path).ends_with(end); };
  return exchange.method == "GET" || (exchange.method == "POST" && std::any_of(reads.begin(), reads.end(), ends));
}

std::optional<Update::Kind> updateRoute(const std::string& route) {
  static constexpr std::array<std::pair<std::string_view, Update::Kind>, 8> routes{
      {{"PUT /points", Update::Kind::upsert},
       {"POST /points/delete", Update::Kind::deletePoints},
       {"POST /points/payload", Update::Kind::setPayload},
       {"PUT /points/payload", Update::Kind::overwritePayload},
       {"POST /points/payload/delete", Update::Kind::deletePayload},
       {"POST /points/payload/clear", Update::Kind::clearPayload},
       {"PUT /points/vectors", Update::Kind::updateVectors},
       {"POST /points/vectors/delete", Update::Kind::deleteVectors}}};
  const auto found = std::find_if(routes.begin(), routes.end(), [&](const auto& known) { return known.first == route; });
  if (found == routes.end()) return std::nullopt;
  return found->second;
}

std::string updateText(std::uint64_t operation, const char* status) {
  return R"({"operation_id":)" + std::to_string(operation) + R"(,"status":")" + status + "\"}";
}

}  // namespace

FakeQdrant::FakeQdrant(Options options) : options_(std::move(options)), version_(versionOf(options_.version)) {}

HttpAnswer FakeQdrant::answer(const Exchange& exchange) {
  const std::lock_guard lock(mutex_);
  if (exchange.path == "/healthz" || exchange.path == "/livez") return plainText(200, "healthz check passed");
  if (exchange.path == "/readyz") return plainText(200, "all shards are ready");
  if (exchange.path == "/" && exchange.method == "GET") {
    return {200, {}, R"({"title":"qdrant - vector search engine","version":")" + options_.version + R"(","commit":""})", false, {}};
  }
  if (auto refused = refusal(exchange)) return std::move(*refused);
  try {
    if (options_.checkRequests) {
      if (const auto problem = OpenApiCheck::qdrant().problem(exchange.method, exchange.path, exchange.query, exchange.body)) {
        problems_.push_back(*problem);
        throw Failure{400, "Format error in JSON body: " + *problem, false};
      }
    }
    return {200, {}, R"({"result":)" + result(exchange) + R"(,"status":"ok","time":0.0})", false, {}};
  } catch (const Failure& failure) {
    return errorAnswer(failure);
  } catch (const NoRoute&) {
    return plainText(404, "");
  }
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
    if (readOnly && !isRead(exchange)) return errorAnswer({403, "Forbidden: Global write access is required", false});
  }
  if (exchange.body.size() > options_.maxRequestBytes) {
    return errorAnswer({400,
                        "Payload error: JSON payload (" + std::to_string(exchange.body.size()) +
                            " bytes) is larger than allowed (limit: " + std::to_string(options_.maxRequestBytes) + " bytes).",
                        false});
  }
  return std::nullopt;
}

std::string FakeQdrant::result(const Exchange& exchange) {
  simdjson::dom::parser parser;
  Element body;
  const std::string_view text = exchange.body.empty() ? std::string_view("{}") : std::string_view(exchange.body);
  if (const auto code = parser.parse(text.data(), text.size()).get(body); code != simdjson::SUCCESS) {
    throw fake::formatError(simdjson::error_message(code));
  }
  const auto path = segmentsOf(exchange.path);
  if (path.size() == 1 && path[0] == "aliases" && exchange.method == "GET") return fake::listAliases(store_, {});
  if (path.empty() || path[0] != "collections") throw NoRoute();
  if (path.size() == 1 && exchange.method == "GET") return fake::listCollections(store_);
  if (path.size() == 2 && path[1] == "aliases" && exchange.method == "POST") return fake::changeAliases(store_, body);
  if (path.size() == 1) throw NoRoute();
  return collectionResult(exchange, path, body);
}

std::string FakeQdrant::collectionResult(const Exchange& exchange, const std::vector<std::string>& path, Element body) {
  const std::string& name = path[1];
  std::string route = exchange.method + " ";
  for (std::size_t i = 2; i < path.size(); ++i) route += "/" + path[i];
  if (route == "PUT ") return fake::createCollection(store_, name, body, version_);
  if (route == "GET ") return fake::describeCollection(store_, name);
  if (route == "DELETE ") return fake::dropCollection(store_, name);
  if (route == "GET /exists") return fake::collectionExists(store_, name);
  if (route == "GET /aliases") return fake::listAliases(store_, name);
  if (route == "PUT /index") return updateText(fake::createIndex(store_.find(name), body), "completed");
  if (path.size() == 4 && route.starts_with("DELETE /index/")) return updateText(++store_.find(name).operations, "completed");
  if (auto found = readResult(route, name, body)) return std::move(*found);
  if (auto done = updateResult(exchange, route, name, body)) return std::move(*done);
  if (path.size() == 4 && route.starts_with("GET /points/")) return fake::retrievePoint(store_.find(name), path[3]);
  throw NoRoute();
}

std::optional<std::string> FakeQdrant::readResult(const std::string& route, const std::string& name, Element body) {
  using Read = std::string (*)(const fake::Collection&, Element);
  static constexpr std::array<std::pair<std::string_view, Read>, 5> reads{{{"POST /points", fake::retrievePoints},
                                                                           {"POST /points/scroll", fake::scrollPoints},
                                                                           {"POST /points/count", fake::countPoints},
                                                                           {"POST /points/query", fake::queryPoints},
                                                                           {"POST /points/query/batch", fake::queryPointsBatch}}};
  const auto found = std::find_if(reads.begin(), reads.end(), [&](const auto& known) { return known.first == route; });
  if (found == reads.end()) return std::nullopt;
  try {
    return found->second(store_.find(name), body);
  } catch (const Failure& failure) {
    if (failure.status != 404) throw;
  }
  // What the body's form says goes before an absent collection.
  if (!store_.collections.contains(name) && !store_.aliases.contains(name)) {
    try {
      static_cast<void>(found->second(fake::Collection(), body));
    } catch (const Failure& failure) {
      if (failure.status == 422 || failure.words.starts_with("Format error")) throw;
    }
  }
  return found->second(store_.find(name), body);
}

std::optional<std::string> FakeQdrant::updateResult(const Exchange& exchange, const std::string& route, const std::string& name,
                                                    Element body) {
  const bool batch = route == "POST /points/batch";
  const auto kind = updateRoute(route);
  if (!batch && !kind) return std::nullopt;
  std::vector<Update> updates = batch ? fake::parseUpdates(body) : std::vector<Update>();
  if (kind) updates.push_back(fake::parseUpdate(*kind, body));
  fake::Collection& collection = store_.find(name);
  const auto wish = exchange.query.find("wait");
  const bool waits = wish != exchange.query.end() && wish->second == "true";
  const Pace pace = options_.pace ? options_.pace(exchange) : Pace::prompt;
  const bool told = waits && pace == Pace::prompt;
  const char* status = told ? "completed" : waits ? "wait_timeout" : "acknowledged";
  std::string list;
  for (Update& update : updates) {
    std::uint64_t operation = 0;
    if (pace == Pace::held) {
      held_.emplace_back([this, name, update = std::move(update)] {
        const auto found = store_.collections.find(store_.aliases.contains(name) ? store_.aliases[name] : name);
        if (found != store_.collections.end()) fake::applyUpdate(found->second, update, version_);
      });
    } else {
      try {
        operation = fake::applyUpdate(collection, update, version_);
      } catch (const Failure& failure) {
        if (told || !failure.inShard) throw;
        operation = collection.operations;
      }
    }
    list += (list.empty() ? "" : ",") + updateText(operation, status);
  }
  return batch ? "[" + list + "]" : list;
}

void FakeQdrant::applyHeld() {
  const std::lock_guard lock(mutex_);
  const auto held = std::exchange(held_, {});
  for (const auto& apply : held) {
    try {
      apply();
    } catch (const Failure&) {  // nobody waits for it any more
    }
  }
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
  const std::lock_guard lock(mutex_);
  const auto alias = store_.aliases.find(collection);
  const auto found = store_.collections.find(alias == store_.aliases.end() ? collection : alias->second);
  return found == store_.collections.end() ? 0 : found->second.points.size();
}

const fake::Point* FakeQdrant::find(const std::string& collection, const PointId& id) const {
  const auto alias = store_.aliases.find(collection);
  const auto found = store_.collections.find(alias == store_.aliases.end() ? collection : alias->second);
  if (found == store_.collections.end()) return nullptr;
  const auto point = found->second.points.find(id);
  return point == found->second.points.end() ? nullptr : &point->second;
}

std::optional<std::string> FakeQdrant::payload(const std::string& collection, const PointId& id) const {
  const std::lock_guard lock(mutex_);
  const auto* point = find(collection, id);
  if (point == nullptr) return std::nullopt;
  return point->payloadText;
}

std::vector<float> FakeQdrant::vector(const std::string& collection, const PointId& id, const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto* point = find(collection, id);
  if (point == nullptr) return {};
  const auto found = point->vectors.find(name);
  return found == point->vectors.end() ? std::vector<float>() : found->second;
}

}  // namespace qbatch::test
