#pragma once
#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "access_log.hpp"
#include "figures.hpp"
#include "keyed.hpp"
#include "qbatch/answer_store.hpp"
#include "qbatch/http_server.hpp"
#include "settings.hpp"
#include "tools.hpp"

namespace service {

struct ServiceSettings {
  cli::Settings work{};  ///< server or file, collection, embedder
  qbatch::HttpServerOptions http{};
  qbatch::Limits limits{};
  std::size_t maxHits = 10000;     ///< that one search may ask for
  std::string state = ":memory:";  ///< where answers by Idempotency-Key are kept
  std::chrono::milliseconds requestTime{120000}, drainDelay{0};
  bool accessLog = true;
};

/// The service: an HTTP server before one BatchClient. Construction opens store and state and takes the port, start() lets requests in.
class Service {
 public:
  /// Throws qbatch::ConfigError and qbatch::RequestError.
  explicit Service(ServiceSettings settings);
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;
  ~Service();

  void start();
  [[nodiscard]] std::string url() const { return server_.url(); }
  /// Says at /readyz that it is about to stop, goes on for the drain delay, takes no more connections, answers what is under way (at most
  /// the server's grace time), and ends what is left.
  void drain();

 private:
  [[nodiscard]] Tools makeTools();
  void handle(qbatch::HttpRequest request, const qbatch::Respond& respond);
  void carryOut(const Route& route, Call call);
  void served(const qbatch::HttpExchange& exchange);

  const ServiceSettings settings_;
  Figures figures_;
  std::optional<AccessLog> log_;
  std::atomic<bool> draining_{false};
  std::stop_source stop_;
  // What is declared later is taken later, the port last, and goes first, so that nobody is called who is gone.
  boost::asio::thread_pool workers_;
  Tools tools_;
  qbatch::AnswerStore answers_;
  Keyed keyed_;
  qbatch::HttpServer server_;
};

}  // namespace service
