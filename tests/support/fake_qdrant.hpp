#pragma once
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "qbatch/point_id.hpp"
#include "support/fake_qdrant_store.hpp"
#include "support/http_exchange.hpp"

namespace qbatch::test {

/// Answers requests as a Qdrant server of version 1.18.3 does, as far as qbatch uses one: collections with dense vectors, aliases, updates
/// of points, exact search, scroll and count. Keeps everything in memory. What it does not know it refuses. Needs the embedded engine's
/// filters, so that it exists only with QBATCH_WITH_LOCAL. Thread-safe; it must outlive the server that it answers for.
class FakeQdrant {
 public:
  /// What becomes of an update that was received.
  enum class Pace {
    prompt,    ///< applied before the answer
    timesOut,  ///< applied, but the answer says `wait_timeout`
    held,      ///< not applied before applyHeld(); the answer says `wait_timeout`, or `acknowledged` where nobody waits
  };
  struct Options {
    std::string version = "1.18.3";
    std::string apiKey{};          ///< empty: nobody is asked for one
    std::string readOnlyApiKey{};  ///< may read; a write with it is a 403
    std::size_t maxRequestBytes = std::size_t(32) << 20;
    /// Requests that do not fit the API description are answered 400 and kept in problems().
    bool checkRequests = true;
    /// Asked for every update; it must not call this object.
    std::function<Pace(const Exchange&)> pace{};
  };

  FakeQdrant() : FakeQdrant(Options()) {}
  explicit FakeQdrant(Options options);

  [[nodiscard]] HttpAnswer answer(const Exchange& exchange);
  /// For an HttpServer.
  [[nodiscard]] std::function<HttpAnswer(const Exchange&)> handler() {
    return [this](const Exchange& exchange) { return answer(exchange); };
  }

  /// Applies the updates that `pace` held back, in their order.
  void applyHeld();
  /// Requests that did not fit the API description.
  [[nodiscard]] std::vector<std::string> problems() const;
  void setPace(std::function<Pace(const Exchange&)> pace);

  // What is stored; `collection` may be an alias.

  /// 0 where there is no such collection.
  [[nodiscard]] std::size_t pointCount(const std::string& collection) const;
  /// nullopt where there is no such point.
  [[nodiscard]] std::optional<std::string> payload(const std::string& collection, const PointId& id) const;
  [[nodiscard]] std::vector<float> vector(const std::string& collection, const PointId& id, const std::string& name = {}) const;

 private:
  [[nodiscard]] std::optional<HttpAnswer> refusal(const Exchange& exchange) const;
  [[nodiscard]] std::string result(const Exchange& exchange);
  [[nodiscard]] std::string collectionResult(const Exchange& exchange, const std::vector<std::string>& path, fake::Element body);
  [[nodiscard]] std::optional<std::string> readResult(const std::string& route, const std::string& name, fake::Element body);
  [[nodiscard]] std::optional<std::string> updateResult(const Exchange& exchange, const std::string& route, const std::string& name,
                                                        fake::Element body);
  [[nodiscard]] const fake::Point* find(const std::string& collection, const PointId& id) const;

  mutable std::mutex mutex_;
  Options options_;
  fake::Version version_;
  fake::Store store_;
  std::vector<std::function<void()>> held_;
  std::vector<std::string> problems_;
};

}  // namespace qbatch::test
