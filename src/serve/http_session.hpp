#pragma once
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <functional>
#include <memory>

#include "qbatch/http_server.hpp"
#include "serve/http_checks.hpp"
#include "serve/pending_answer.hpp"
#include "serve/request_id.hpp"

namespace qbatch::serve {

class HttpSession;

/// What a server's sessions share. It outlives them.
struct SessionHome {
  const HttpServerOptions& options;
  HttpChecks checks;
  RequestIds ids;
  HttpHandler handler{};
  std::shared_ptr<Gate> gate{};
  std::function<void(std::function<void()>)> work{};  ///< carries out a task on a worker thread
  std::function<void(const HttpSession&)> ended{};    ///< the session is closed
  bool stopping = false;
};

/// One connection: its requests, one after the other. All members are called on the server's one thread for bytes.
class HttpSession {
 public:
  using Clock = std::chrono::steady_clock;

  HttpSession() = default;
  HttpSession(const HttpSession&) = delete;
  HttpSession& operator=(const HttpSession&) = delete;
  virtual ~HttpSession() = default;

  virtual void start() = 0;
  /// Closes at once where no request is under way, and else after the answer.
  virtual void finish() = 0;
  virtual void close() = 0;
  /// To be called now and then: ends what has waited for too long.
  virtual void expire(Clock::time_point now) = 0;
};

[[nodiscard]] std::shared_ptr<HttpSession> makeHttpSession(boost::asio::ip::tcp::socket socket, SessionHome& home);

}  // namespace qbatch::serve
