#pragma once
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/json_object.hpp"
#include "qbatch/batch_client.hpp"
#include "support/fake_embedder.hpp"
#include "support/fake_qdrant.hpp"
#include "support/scripted_server.hpp"

namespace qbatch::test {

/// Whole clients over a server in this process that answers as Qdrant does. `options` may be changed before each call of client().
struct RestFixture {
  /// Answers instead of the FakeQdrant that it is given.
  using Between = std::function<HttpAnswer(FakeQdrant&, const Exchange&)>;

  FakeQdrant qdrant;
  Between between;
  ScriptedServer server{[this](const Exchange& exchange) { return between ? between(qdrant, exchange) : qdrant.answer(exchange); }};
  std::shared_ptr<FakeEmbedder> embedder = std::make_shared<FakeEmbedder>();
  ClientOptions options;

  explicit RestFixture(FakeQdrant::Options how = {}, Between instead = {}) : qdrant(std::move(how)), between(std::move(instead)) {
    options.url = server.url();
    options.embedder = embedder;
  }
  [[nodiscard]] BatchClient client() const { return BatchClient(options); }

  /// Short waits, for tests in which something goes wrong.
  RestFixture& impatient() {
    options.retry = {milliseconds(1), milliseconds(4), milliseconds(80), milliseconds(60)};
    options.timeout = milliseconds(5000);
    return *this;
  }
};

/// "METHOD /path" of every request that the server received, in order.
inline std::vector<std::string> routes(const ScriptedServer& server) {
  std::vector<std::string> result;
  for (const auto& request : server.requests()) result.push_back(request.method + " " + request.path);
  return result;
}

/// Patterns with the ids from `first` on; their text begins with `words`.
inline std::vector<Pattern> numbered(std::size_t count, std::uint64_t first = 1, const std::string& words = "pattern") {
  std::vector<Pattern> patterns(count);
  for (std::size_t i = 0; i < count; ++i) {
    patterns[i].id = PointId(first + i);
    patterns[i].description = words + " " + std::to_string(first + i);
    patterns[i].code = "f(" + std::to_string(first + i) + ");";
    patterns[i].language = "cpp";
    patterns[i].metadata.set("category", "io");
  }
  return patterns;
}
inline std::vector<PointId> numbers(std::size_t count, std::uint64_t first = 1) {
  std::vector<PointId> ids;
  for (std::size_t i = 0; i < count; ++i) ids.emplace_back(first + i);
  return ids;
}
inline std::vector<MetricUpdate> increments(std::size_t count, std::int64_t by, std::uint64_t first = 1) {
  std::vector<MetricUpdate> updates(count);
  for (std::size_t i = 0; i < count; ++i) {
    updates[i].id = PointId(first + i);
    updates[i].incrementUsage = by;
  }
  return updates;
}

/// One member of a stored point's payload as raw JSON; "absent" where there is no such point or member.
inline std::string storedMember(const FakeQdrant& qdrant, const PointId& id, std::string_view member,
                                const std::string& collection = "patterns") {
  const auto payload = qdrant.payload(collection, id);
  if (!payload) return "absent";
  const auto object = codec::JsonObject::parse(*payload);
  const auto* raw = object.find(member);
  return raw == nullptr ? "absent" : *raw;
}

/// True where the point is stored with everything that the pattern says, and with this usage count.
inline bool storedAsSent(const FakeQdrant& qdrant, const PointId& id, const Pattern& pattern, std::int64_t usage) {
  const auto is = [&](std::string_view member, const std::string& text) { return storedMember(qdrant, id, member) == '"' + text + '"'; };
  return is("description", pattern.description) && is("code", pattern.code) && is("language", pattern.language) && is("category", "io") &&
         storedMember(qdrant, id, "usage_count") == std::to_string(usage);
}

/// What a client logs, and whether a secret is among it.
class LogBook {
 public:
  [[nodiscard]] std::function<void(LogLevel, std::string_view)> writer() {
    return [this](LogLevel, std::string_view line) {
      const std::lock_guard lock(mutex_);
      text_ += line;
      text_ += '\n';
    };
  }
  [[nodiscard]] std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  mutable std::mutex mutex_;
  std::string text_{};
};

}  // namespace qbatch::test
