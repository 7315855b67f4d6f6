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

Reply replyOf(Verdict verdict) {
  Reply reply;
  reply.verdict = std::move(verdict);
  return reply;
}

}  // namespace qbatch::local
