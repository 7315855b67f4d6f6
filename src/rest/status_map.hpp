#pragma once
#include <cstddef>
#include <span>
#include <string>

#include "http/transport.hpp"
#include "qbatch/backend.hpp"

namespace qbatch::rest {

/// What was asked for, as far as the meaning of the answer depends on it.
struct Asked {
  std::string server{};  ///< URL without secrets, for messages
  bool writes = false;
  std::size_t items = 1;  ///< points or operations in the body
  bool packed = false;    ///< the body, with gzip
  std::size_t bodyBytes{};
  std::size_t largestPassed{};                    ///< bytes of the largest body that this server has taken so far
  std::size_t smallestRefused = std::size_t(-1);  ///< bytes of the smallest body that it has refused, or seems to have
  std::span<const std::string> secrets{};         ///< never repeated in messages
};

/// What came of one exchange in the words of the batch policy: completed for a 2xx answer, whose body is still to be read; else kind, error
/// and whether some of it may have been applied. May change spare bytes behind the response's body.
[[nodiscard]] Verdict verdictOf(http::Response& response, const Asked& asked);

/// What an exchange says of the size of the request's body, in bytes. A refusal of too many items says nothing.
enum class SizeSign {
  none,
  refused,    ///< the server said that it is too large
  suspected,  ///< probably too large: the verdict is tooLarge, but nobody said so
  broken,     ///< the connection broke while it was being sent, or before an answer came; its size may be why
};
/// May change spare bytes behind the response's body.
[[nodiscard]] SizeSign sizeSignOf(http::Response& response, const Asked& asked);

/// For a 2xx answer whose body is not what was asked for, `problem` saying why.
[[nodiscard]] Verdict unreadable(const http::Response& response, const Asked& asked, const std::string& problem);

}  // namespace qbatch::rest
