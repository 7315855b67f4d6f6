#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "serve/http_message.hpp"

namespace qbatch::serve {

/// An error as Qdrant words it: `{"status":{"error":MESSAGE},"time":0.0}`.
[[nodiscard]] HttpResponse errorAnswer(int status, std::string_view message);
[[nodiscard]] HttpResponse textAnswer(int status, std::string_view text);
/// 400 for a body whose announced size is too large.
[[nodiscard]] HttpResponse announcedTooLarge(std::uint64_t bytes, std::size_t limit);
/// 400 for a body that grew too large while it was received or unpacked.
[[nodiscard]] HttpResponse grownTooLarge(std::size_t limit);

/// What an answer's head says beside status, type and length.
struct AnswerTraits {
  bool keepAlive = true;
  bool oldProtocol = false;  ///< the request was HTTP/1.0
  bool gzipped = false;
};
/// Status line and headers, up to the empty line.
[[nodiscard]] std::string answerHead(const HttpResponse& answer, const AnswerTraits& traits);

}  // namespace qbatch::serve
