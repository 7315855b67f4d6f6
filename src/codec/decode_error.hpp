#pragma once
#include <stdexcept>
#include <string_view>

namespace qbatch::codec {

/// What is wrong with an answer, in a sentence that names the member, without the body itself.
class DecodeError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Throws DecodeError. `member` is the path of the member at fault ("result.status"), empty for the whole answer; `problem` goes on from
/// its name ("is no number").
[[noreturn]] void failDecoding(std::string_view member, std::string_view problem);

}  // namespace qbatch::codec
