#include "codec/decode_error.hpp"

#include <string>

namespace qbatch::codec {

void failDecoding(std::string_view member, std::string_view problem) {
  std::string sentence = "the server's answer ";
  if (!member.empty()) ((sentence += "is not what Qdrant answers: `") += member) += "` ";
  sentence += problem;
  throw DecodeError(sentence);
}

}  // namespace qbatch::codec
