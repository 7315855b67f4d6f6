#pragma once
#include <string>

#include "codec/json_line.hpp"
#include "qbatch/pattern.hpp"

// Items as JSON objects (qbatch/json_items.hpp). All throw LineError; the text in `line` stays, its capacity may grow.
namespace qbatch::codec {

[[nodiscard]] Pattern readPattern(JsonLines& json, std::string& line);
/// A pattern that is a member of another object.
[[nodiscard]] Pattern patternOf(Member& member);
[[nodiscard]] MetricUpdate readMetricUpdate(JsonLines& json, std::string& line);
[[nodiscard]] Query readQuery(JsonLines& json, std::string& line);

}  // namespace qbatch::codec
