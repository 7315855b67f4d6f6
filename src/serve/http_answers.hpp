#pragma once
#include <string>
#include <string_view>

#include "qbatch/http_server.hpp"

namespace qbatch::serve {

/// An error as Qdrant words it: `{"status":{"error":MESSAGE},"time":0.0}`.
[[nodiscard]] HttpResponse errorAnswer(int status, std::string_view message);
[[nodiscard]] HttpResponse textAnswer(int status, std::string_view text);

/// What an answer's head says beside status, type and length.
struct AnswerTraits {
  bool keepAlive = true;
  bool oldProtocol = false;  ///< the request was HTTP/1.0
  bool gzipped = false;
  std::string_view idHeader{}, id{};  ///< both empty where requests have no ids
};
/// Status line and headers, up to the empty line. What no header may be is left out: see HttpResponse::headers.
[[nodiscard]] std::string answerHead(const HttpResponse& answer, const AnswerTraits& traits);
/// True for a status that an answer may have: 200 to 599.
[[nodiscard]] bool isFinal(int status) noexcept;
/// False for 204 and 304.
[[nodiscard]] bool mayHaveBody(int status) noexcept;
/// A method's or a header's name by its characters.
[[nodiscard]] bool isToken(std::string_view text) noexcept;
/// Headers (in lower case) that answerHead() alone writes: what frames an answer, and its type.
[[nodiscard]] bool isServersOwn(std::string_view name) noexcept;

}  // namespace qbatch::serve
