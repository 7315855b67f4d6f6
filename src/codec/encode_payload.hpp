#pragma once
#include <string>

#include "qbatch/options.hpp"
#include "qbatch/pattern.hpp"

namespace qbatch::codec {

/// Appends the payload under which a new point of this pattern is stored: description, code, language, metadata's members, and usage_count
/// 0, all flat. The pattern must have passed checkPattern.
void appendPatternPayload(std::string& out, const Pattern& pattern, const FieldNames& fields);

}  // namespace qbatch::codec
