#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "http/url.hpp"
#include "support/campaign.hpp"
#include "support/http_exchange.hpp"
#include "support/http_socket.hpp"
#include "support/scripted_server.hpp"

namespace qbatch::test {

/// An HTTP/1.1 proxy on 127.0.0.1 in front of one server, on which requests and answers get lost at random: a client on it cannot tell a
/// request that never arrived from one that was carried out. Connections are kept alive on both sides. Thread-safe.
class LossyProxy {
 public:
  struct Options {
    std::uint64_t seed = 0;
    /// Percent of all requests: the client's connection is reset, and the server never hears of them.
    unsigned resetBefore = 5;
    /// Percent of the requests that were forwarded and answered: the client's connection is closed or reset instead of the answer.
    unsigned dropAnswer = 10;
    /// Percent of the requests that are not reset: the client's connection is reset all the same, and the request is forwarded when up to
    /// `latest` further ones have come.
    unsigned late = 0;
    std::size_t latest = 40;
    /// Called with every request before it is forwarded, by several threads at once.
    std::function<void(const Exchange&)> seen{};
  };
  struct Counts {
    std::size_t requests{};  ///< the sum of the others, but for what is under way
    std::size_t resetBefore{}, late{}, dropped{}, passed{};
    std::size_t broken{};  ///< the server gave no answer, and neither did the proxy
    [[nodiscard]] std::string text() const;
  };

  /// `url` is the server's, http only. Listens when it returns. Throws ParseError and std::runtime_error.
  LossyProxy(const std::string& url, Options options);
  /// Ends whatever is under way.
  ~LossyProxy();
  LossyProxy(const LossyProxy&) = delete;
  LossyProxy& operator=(const LossyProxy&) = delete;

  /// To be used instead of the server's URL.
  [[nodiscard]] std::string url() const { return server_.url() + upstream_.path; }
  [[nodiscard]] Counts counts() const;
  /// Forwards now what was to come late; returns when it is answered.
  void deliverLate() { deliver(takeLate(true)); }

 private:
  enum class Fate { resetBefore, late, dropped, droppedByReset, passed };
  class Connection;
  struct Late {
    std::size_t due{};  ///< the number of the request before which it is forwarded
    std::string bytes{};
  };

  [[nodiscard]] Fate draw();
  [[nodiscard]] HttpAnswer answer(const Exchange& exchange);
  [[nodiscard]] std::unique_ptr<Connection> connection();
  void keep(std::unique_ptr<Connection> connection);
  void holdBack(const Exchange& exchange);
  /// Those that are due, or all.
  [[nodiscard]] std::vector<Late> takeLate(bool all);
  void deliver(const std::vector<Late>& requests);

  http::Url upstream_;
  Options options_;
  StopSignal stop_;  // of the connections to the server
  mutable std::mutex mutex_;
  Random random_;
  Counts counts_{};
  std::vector<std::unique_ptr<Connection>> idle_{};
  std::vector<Late> late_{};
  ScriptedServer server_;  // its threads use all of the above
};

}  // namespace qbatch::test
