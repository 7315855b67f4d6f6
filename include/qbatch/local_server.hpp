#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "qbatch/export.hpp"

namespace qbatch {

/// What a LocalServer serves, where it listens, and what it bears.
struct LocalServerOptions {
  /// The embedded engine's file, created where it is missing; ":memory:" keeps everything in memory alone.
  std::string file = ":memory:";
  /// The name or address to listen on; an IPv6 address with or without brackets.
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any free one, which LocalServer::port() tells
  /// Requests must carry it, as `api-key` or as `Authorization: Bearer`. Empty: none is needed, which for other addresses than loopback has
  /// to be allowed by `allowUnprotected`.
  std::string apiKey{};
  std::size_t maxRequestBytes = 32u << 20;  ///< of one request's body, and of what it unpacks to
  /// Names, beside the loopback ones, that the Host header of requests may have; "*" allows all. On loopback any other name is refused, and
  /// so it is elsewhere where there is an entry here: a web page whose name was pointed at this server (DNS rebinding) has its own name
  /// there.
  std::vector<std::string> allowedHosts{};
  bool allowUnprotected = false;                    ///< listen for other machines although there is no `apiKey`
  std::size_t threads{};                            ///< that carry out requests; 0: one a core, at least two
  std::size_t maxConnections = 1024;                ///< further ones wait
  std::chrono::milliseconds requestTimeout{30000};  ///< for a request's head, and for each silence within its body
  std::chrono::milliseconds idleTimeout{5000};      ///< a connection without a request is closed then
  std::chrono::milliseconds grace{5000};            ///< for running requests when the server stops
};

/// Qdrant's REST API over the embedded engine, on threads of its own: any Qdrant client can work on the file, or on a throw-away store in
/// memory on a free port. No TLS. The file belongs to this server until it is stopped. Prints nothing and handles no signals.
/// Any number of threads may use one object; not valid in a forked child.
class QBATCH_EXPORT LocalServer {
 public:
  /// Listens when it returns. Throws ConfigError (options, all that is wrong at once) and RequestError (the file is in use or damaged, or
  /// the address cannot be had).
  explicit LocalServer(LocalServerOptions options = {});
  LocalServer(LocalServer&&) noexcept;
  LocalServer& operator=(LocalServer&&) noexcept;
  /// As stop().
  ~LocalServer();

  [[nodiscard]] std::uint16_t port() const noexcept;
  /// "http://HOST:PORT" for programs on this machine.
  [[nodiscard]] std::string url() const;
  /// Takes no more connections, closes idle ones, waits until running requests are answered (at most `grace`, and what the engine is doing
  /// just then) and every write is on the disk, and gives up the file. Does nothing the second time.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace qbatch
