#pragma once
#include <simdjson.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/http_exchange.hpp"

namespace qbatch::test {

/// One recorded request of a real server and its answer.
struct RecordedStep {
  std::string name{};      ///< "query 15"
  std::string caseName{};  ///< each case begins on an empty store
  Exchange request{};
  int status{};
  std::string response{};  ///< JSON
};

/// Throws std::runtime_error where the file is not as it should be.
[[nodiscard]] std::vector<RecordedStep> loadRecordedSteps(const std::string& file);
/// How an answer differs from the recorded one; nullopt where it does not: status; `result` with numbers within 1e-5, hits of equal score
/// in any order, operation ids as any number; an error's words up to what a JSON parser says about places.
[[nodiscard]] std::optional<std::string> difference(const RecordedStep& step, const HttpAnswer& answer);

}  // namespace qbatch::test
