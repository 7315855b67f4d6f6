#pragma once
#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>

namespace qbatch::local {

/// Parses payload texts one after the other, keeping its buffers. One reader serves one thread.
class PayloadReader {
 public:
  /// The parsed object, which holds until the next call; nullopt where the text is no valid JSON object.
  [[nodiscard]] std::optional<simdjson::dom::object> read(std::string_view json);
  /// What is wrong with a text that should be a payload; nullopt where nothing is.
  [[nodiscard]] std::optional<std::string> problem(std::string_view json);

 private:
  simdjson::dom::parser parser_;
};

/// The value of the member `key`; where the key stands several times, the last one counts.
[[nodiscard]] std::optional<simdjson::dom::element> memberOf(simdjson::dom::object object, std::string_view key);

}  // namespace qbatch::local
