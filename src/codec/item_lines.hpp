#pragma once
#include <string>

#include "codec/json_line.hpp"
#include "qbatch/pattern.hpp"

// Items as JSON objects (qbatch/json_items.hpp). All throw LineError; the text in `line` stays, its capacity may grow.
namespace qbatch::codec {

[[nodiscard]] Pattern readPattern(JsonLines& json, std::string& line);
// Items that are members of another object, or elements of an array.
[[nodiscard]] Pattern patternOf(Member& member);
[[nodiscard]] MetricUpdate updateOf(Member& member);
[[nodiscard]] Query queryOf(Member& member);
[[nodiscard]] MetricUpdate readMetricUpdate(JsonLines& json, std::string& line);
[[nodiscard]] Query readQuery(JsonLines& json, std::string& line);

}  // namespace qbatch::codec
