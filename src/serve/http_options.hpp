#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace qbatch::serve {

/// Where and how an HttpServer listens.
struct HttpOptions {
  std::string host = "127.0.0.1";  ///< a name or an address, IPv6 with or without brackets
  std::uint16_t port = 0;          ///< 0: any free one
  std::string apiKey{};            ///< empty: none is needed
  std::size_t maxBodyBytes = 32u << 20;
  std::size_t maxHeadBytes = 32u << 10;
  std::vector<std::string> allowedHosts{};  ///< beside the loopback names; "*" allows all
  bool allowUnprotected = false;            ///< listen for other machines without a key
  std::size_t threads{};                    ///< that carry out handlers; 0: one a core, at least two
  std::size_t maxConnections = 1024;
  std::chrono::milliseconds requestTimeout{30000};  ///< for a request's head, and for each silence within its body or an answer
  std::chrono::milliseconds idleTimeout{5000};      ///< until a request begins
  std::chrono::milliseconds grace{5000};            ///< for running requests when the server stops
};

}  // namespace qbatch::serve
