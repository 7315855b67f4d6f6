#pragma once
#include <cstddef>
#include <string>

#include "codec/decode_collection.hpp"
#include "codec/decode_error.hpp"
#include "codec/decode_points.hpp"

// Answers of Qdrant's REST API. `body` is the whole text of a 2xx answer; it is parsed in place and may be given room behind its end, but
// its bytes stay as they are. Unknown members are passed over. What is not the expected answer (not JSON, cut short, `result` absent or
// null or of another kind, a member of another kind, invalid UTF-8) throws DecodeError, whatever the bytes are.
namespace qbatch::codec {

/// How far a write has come, the least of several first.
enum class WriteStatus { waitTimeout, acknowledged, completed };

/// `result.status` of one write. An unknown word counts as acknowledged.
[[nodiscard]] WriteStatus decodeWrite(std::string& body);
/// The least of `result[i].status`; completed for an empty list.
[[nodiscard]] WriteStatus decodeBatchWrite(std::string& body);
/// `result` as true or false (collections, aliases).
[[nodiscard]] bool decodeBool(std::string& body);
[[nodiscard]] std::size_t decodeCount(std::string& body);

/// GET /
struct ServerVersion {
  unsigned major{}, minor{}, patch{};
  std::string text{};  ///< as the server writes it
  [[nodiscard]] bool atLeast(unsigned wantedMajor, unsigned wantedMinor) const noexcept {
    return major != wantedMajor ? major > wantedMajor : minor >= wantedMinor;
  }
};
/// Throws DecodeError where the answer does not say that a Qdrant speaks.
[[nodiscard]] ServerVersion decodeVersion(std::string& body);

/// The server's sentence in an error's body, at most 1,000 bytes of valid UTF-8: `status.error` where it is JSON, the text itself where it
/// is short plain text, "" for HTML and anything else. Never throws for its content.
[[nodiscard]] std::string errorSentence(std::string& body);

}  // namespace qbatch::codec
