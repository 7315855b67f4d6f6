#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "serve/http_message.hpp"
#include "serve/http_options.hpp"

namespace qbatch::serve {

/// What cannot work in the options, one sentence a field, named as LocalServerOptions names it.
[[nodiscard]] std::vector<std::string> problemsOf(const HttpOptions& options);

/// An HTTP/1.1 server: one thread moves bytes, others carry out the handler, as many requests at once as there are threads.
class HttpServer {
 public:
  /// Takes the port; connections wait until start(). Throws ConfigError (options) and RequestError (the address cannot be had).
  explicit HttpServer(HttpOptions options);
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  ~HttpServer();

  /// To be called once.
  void start(HttpHandler handler);
  [[nodiscard]] std::uint16_t port() const noexcept;
  /// Takes no more connections, closes idle ones, and waits for running requests to be answered, at most the grace time and the present
  /// calls of the handler. Answers that come later are dropped. Does nothing the second time. Not to be called by a handler.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace qbatch::serve
