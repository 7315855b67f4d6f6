#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "qbatch/export.hpp"

namespace qbatch {

/// One request, received whole.
struct HttpRequest {
  std::string method{};
  std::string path{};   ///< as sent: percent-encoded, without the query
  std::string query{};  ///< as sent, without the '?'
  std::string body{};   ///< already gunzipped
  /// Names in lower case, values without spaces around them. A repeated one stands here each time, in its order.
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string id{};      ///< what HttpServerOptions::idHeader says
  std::string client{};  ///< the other end's address and port, as 127.0.0.1:50000 or [::1]:50000

  /// The first header of this name (in lower case); nullptr where there is none.
  [[nodiscard]] QBATCH_EXPORT const std::string* header(std::string_view name) const noexcept;
};

struct HttpResponse {
  int status = 200;                              ///< 200 to 599; any other is answered with 500
  std::string contentType = "application/json";  ///< not sent where the body is empty
  std::string body{};                            ///< not sent with 204 and 304, and to HEAD
  /// Further ones. Left out are those whose name is no token or whose value has a control character in it, and those that the server
  /// writes itself: Content-Length, Content-Type, Transfer-Encoding, Trailer, Connection, Keep-Alive and the request's id. A body with a
  /// Content-Encoding here is taken for packed already.
  std::vector<std::pair<std::string, std::string>> headers{};
};

/// To be called exactly once, from any thread, perhaps before the handler returns. Later calls do nothing.
using Respond = std::function<void(HttpResponse)>;
/// Called by several threads at once; must not throw, and should not block for long. What it throws nevertheless becomes a 500, and so does
/// a Respond that is dropped without a word.
using HttpHandler = std::function<void(HttpRequest, Respond)>;

/// One request that was answered, or not: what an access log and figures are made of.
struct HttpExchange {
  std::string client{}, method{}, target{}, id{};  ///< method and target are empty where no head could be read
  int status = 0;                                  ///< of the answer that was begun; 0: the connection ended before there was one
  std::size_t bytesReceived = 0, bytesSent = 0;    ///< of the bodies, packed where they were, without the frame of chunks
  std::chrono::nanoseconds time{};                 ///< from the head's first byte to the answer's last one
  std::string path{};                              ///< the target's, as HttpRequest has it
  bool cut = false;                                ///< the connection ended before the answer was sent whole
};

/// Where and how an HttpServer listens.
struct HttpServerOptions {
  std::string host = "127.0.0.1";  ///< a name or an address, IPv6 with or without brackets
  std::uint16_t port = 0;          ///< 0: any free one
  std::string apiKey{};            ///< as `api-key` or as `Authorization: Bearer`; empty: none is needed
  /// Paths that need no key, exactly as they are sent, without the query: "/healthz" is neither "/healthz/" nor "/%68ealthz".
  std::vector<std::string> openPaths{};
  std::size_t maxBodyBytes = 32u << 20;  ///< as sent, and gunzipped
  std::size_t maxHeadBytes = 32u << 10;
  /// Beside the loopback ones, names that the Host header may have; "*" allows all. Any other is refused on loopback, and elsewhere where
  /// there is an entry here (DNS rebinding).
  std::vector<std::string> allowedHosts{};
  bool allowUnprotected = false;      ///< listen for other machines without a key
  std::size_t threads{};              ///< that carry out handlers; 0: one a core, at least two
  std::size_t maxConnections = 1024;  ///< further ones wait
  /// For a request's head, and for each silence within its body or an answer; a whole body may take ten times as long.
  std::chrono::milliseconds requestTimeout{30000};
  std::chrono::milliseconds idleTimeout{5000};  ///< until a request begins
  std::chrono::milliseconds grace{5000};        ///< for running requests when the server stops
  /// A header, as "x-request-id": its value, where it stands once and is 1 to 128 of [A-Za-z0-9._-], is the request's id, otherwise one is
  /// made; every answer carries it, refusals too. Empty: requests have no ids.
  std::string idHeader{};
  /// Words what the server itself answers: 400, 401, 403, 408, 413, 415, 417, 431, 500 and 501, each with a sentence for people. It may
  /// choose another status. Empty: as Qdrant does, which says 400 for 413. Called by several threads at once; must be quick and not throw,
  /// where it does, the words are Qdrant's.
  std::function<HttpResponse(int status, std::string_view message)> refusal{};
  /// Called once after each request that began to arrive, refused and cut ones, too, on the server's one thread for bytes, and not any more
  /// when stop() has returned. It must be quick and not throw, and not call stop().
  std::function<void(const HttpExchange&)> served{};
};

/// An HTTP/1.1 server: one thread moves bytes, others carry out the handler, as many requests at once as there are threads. No TLS, no
/// CORS. Strict about what it takes: one length, one Host, no folded headers, no request after one that was not read whole.
/// `qbatch local-server` and qbatch-service stand on it.
class QBATCH_EXPORT HttpServer {
 public:
  /// Takes the port; connections wait until start(). Throws ConfigError (options, all that is wrong at once) and RequestError (the address
  /// cannot be had).
  explicit HttpServer(HttpServerOptions options);
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  /// As stop().
  ~HttpServer();

  /// To be called once.
  void start(HttpHandler handler);
  [[nodiscard]] std::uint16_t port() const noexcept;
  /// "http://HOST:PORT" for programs on this machine.
  [[nodiscard]] std::string url() const;
  /// Takes no more connections, closes idle ones, and waits for running requests to be answered, at most the grace time and the present
  /// calls of the handler. Answers that come later are dropped. Does nothing the second time. Not to be called by a handler.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace qbatch
