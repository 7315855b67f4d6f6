#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

#include "qbatch/http_server.hpp"

namespace qbatch::serve {

/// Why the server itself answers a request, and not the handler.
struct Refusal {
  int status = 400;
  std::string message{};
};

/// A body whose announced size is too large.
[[nodiscard]] Refusal announcedTooLarge(std::uint64_t bytes, std::size_t limit);
/// A body that grew too large while it was received or unpacked.
[[nodiscard]] Refusal grownTooLarge(std::size_t limit);

/// The answer by the words of HttpServerOptions::refusal, and without those (or where they throw or give no answer) by Qdrant's, which are
/// plain text for 401 and a 400 for bodies that are too large. Safe to use from any thread.
[[nodiscard]] HttpResponse worded(const Refusal& refusal, const HttpServerOptions& options);

}  // namespace qbatch::serve
