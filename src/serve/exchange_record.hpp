#pragma once
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "qbatch/http_server.hpp"
#include "serve/request_head.hpp"

namespace qbatch::serve {

/// What HttpServerOptions::served is told of a connection's requests, each once. Where nobody wants to be told, it does nothing.
class ExchangeRecord {
 public:
  ExchangeRecord(const HttpServerOptions& options, std::string client) : options_(options), client_(std::move(client)) {}

  /// A request begins to arrive. Does nothing while one is under way.
  void begin();
  void read(const RequestHead& head, const std::string& id);
  void received(std::size_t bytes) noexcept;
  void answering(int status) noexcept;
  void sent(std::size_t bytes) noexcept;
  /// Tells of the request, where one is under way. `cut`: its answer was not sent whole.
  void end(bool cut) noexcept;

  /// The other end's address and port.
  [[nodiscard]] const std::string& client() const noexcept { return client_; }

 private:
  const HttpServerOptions& options_;
  std::string client_;
  std::optional<HttpExchange> exchange_{};
  std::chrono::steady_clock::time_point begin_{};
};

}  // namespace qbatch::serve
