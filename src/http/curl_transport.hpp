#pragma once
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "http/transport.hpp"
#include "qbatch/options.hpp"

namespace qbatch::http {

struct CurlOptions {
  milliseconds connectTimeout{5000};
  milliseconds idleTimeout{30000};  ///< without a byte in either direction while an answer is awaited or a body is sent; 0: none
  milliseconds keepAlive{4000};     ///< idle connections older than this are not used again (Qdrant closes them after 5 s). Taken as whole
                                    ///< seconds, rounded up, 2 at least; 0: no connection is used twice
  std::size_t connections = 8;      ///< at once to one host; further exchanges wait their turn
  TlsOptions tls = TlsOptions();
  std::string proxy{};      ///< empty: as http_proxy, https_proxy and no_proxy say; never for loopback hosts
  std::string userAgent{};  ///< empty: "qbatch/VERSION"
};

/// Over libcurl: one thread with one multi handle. Throws RequestError where that cannot be set up.
///
/// Destroying it from within a `done` would have its thread wait for itself: std::terminate. In a process that was forked off the thread
/// does not exist: nothing that is started there ever ends, and the destructor must not be called there.
[[nodiscard]] std::unique_ptr<Transport> makeCurlTransport(CurlOptions options);

}  // namespace qbatch::http
