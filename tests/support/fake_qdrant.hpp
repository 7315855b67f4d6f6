#pragma once
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "qbatch/point_id.hpp"
#include "serve/api.hpp"
#include "support/http_exchange.hpp"

namespace qbatch::test {

/// qbatch::serve's API over a store in memory, as a Qdrant server for tests: of another version, with keys, slow to apply, and strict about
/// requests that do not fit the API description. Exists with QBATCH_WITH_SERVE. Thread-safe; it must outlive the server that it answers
/// for.
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
  /// For an ScriptedServer.
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
  struct Version {
    unsigned major{}, minor{};
    [[nodiscard]] bool atLeast(unsigned wantedMajor, unsigned wantedMinor) const noexcept {
      return major != wantedMajor ? major > wantedMajor : minor >= wantedMinor;
    }
  };

  [[nodiscard]] std::optional<HttpAnswer> refusal(const Exchange& exchange) const;
  [[nodiscard]] HttpAnswer updated(const Exchange& exchange, const std::string& body);
  [[nodiscard]] HttpAnswer asked(const Exchange& exchange, const std::string& body, const std::string& query);
  [[nodiscard]] qbatch::HttpResponse ask(qbatch::HttpRequest request);
  /// Without what a server of this version passes over.
  [[nodiscard]] std::string understood(const Exchange& exchange) const;
  static Version versionOf(const std::string& text);

  mutable std::mutex mutex_;
  Options options_;
  Version version_;
  mutable serve::Api api_{":memory:"};
  std::vector<qbatch::HttpRequest> held_;
  std::vector<std::string> problems_;
};

}  // namespace qbatch::test
