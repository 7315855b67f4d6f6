#include "local/refusal.hpp"

#include <fmt/core.h>

namespace qbatch::local {

Refusal refuseAll(Error error) {
  Verdict verdict;
  verdict.kind = Verdict::Kind::fatal;
  verdict.error = std::move(error);
  return Refusal(std::move(verdict));
}

Refusal refuseItem(std::string words) {
  Verdict verdict;
  verdict.kind = Verdict::Kind::itemAtFault;
  std::string message = words;
  verdict.error = Error(Errc::refused, Origin::server, std::move(message), 400, std::move(words));
  return Refusal(std::move(verdict));
}

Refusal noCollection(std::string_view name) {
  std::string words = fmt::format("Not found: Collection `{}` doesn't exist!", name);
  return refuseAll(Error(Errc::collectionNotFound, Origin::server,
                         fmt::format("Collection `{}` doesn't exist: create it, or check the name", name), 404, std::move(words)));
}

RequestError badRequest(int status, std::string words) {
  std::string message = words;
  return RequestError(Error(Errc::refused, Origin::server, std::move(message), status, std::move(words)));
}

RequestError badFormat(std::string_view words) { return badRequest(400, fmt::format("Format error in JSON body: {}", words)); }

RequestError wrongInput(std::string_view words) { return badRequest(400, fmt::format("Wrong input: {}", words)); }

RequestError notSupported(std::string_view what) {
  std::string words = fmt::format("Bad request: the embedded engine does not support {}", what);
  std::string message = words;
  return RequestError(Error(Errc::unsupported, Origin::server, std::move(message), 400, std::move(words)));
}

RequestError wrongDimension(std::size_t expected, std::size_t got) {
  return wrongInput(fmt::format("Vector dimension error: expected dim: {}, got {}", expected, got));
}

RequestError noVectorName(std::string_view name) { return wrongInput(fmt::format("Not existing vector name error: {}", name)); }

Reply replyOf(Verdict verdict) {
  Reply reply;
  reply.verdict = std::move(verdict);
  return reply;
}

}  // namespace qbatch::local
