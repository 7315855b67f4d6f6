#include "serve/refusal.hpp"

#include <fmt/core.h>

#include "serve/http_answers.hpp"

namespace qbatch::serve {
namespace {

HttpResponse inQdrantsWords(const Refusal& refusal) {
  if (refusal.status == 401) return textAnswer(401, refusal.message);
  return errorAnswer(refusal.status == 413 ? 400 : refusal.status, refusal.message);
}

}  // namespace

Refusal announcedTooLarge(std::uint64_t bytes, std::size_t limit) {
  return {413, fmt::format("Payload error: JSON payload ({} bytes) is larger than allowed (limit: {} bytes).", bytes, limit)};
}

Refusal grownTooLarge(std::size_t limit) { return {413, fmt::format("Payload error: JSON payload has exceeded limit ({} bytes).", limit)}; }

HttpResponse worded(const Refusal& refusal, const HttpServerOptions& options) {
  if (!options.refusal) return inQdrantsWords(refusal);
  try {
    auto answer = options.refusal(refusal.status, refusal.message);
    return isFinal(answer.status) ? answer : inQdrantsWords(refusal);
  } catch (...) {
    return inQdrantsWords(refusal);
  }
}

}  // namespace qbatch::serve
