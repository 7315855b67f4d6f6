#pragma once
#include <span>
#include <string>
#include <string_view>

namespace qbatch::rest {

/// The text with each of the secrets replaced by "***", for messages and logs. Secrets shorter than four bytes are left alone: they would
/// turn ordinary words into stars.
[[nodiscard]] std::string redact(std::string_view text, std::span<const std::string> secrets);

}  // namespace qbatch::rest
