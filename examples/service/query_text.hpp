#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace service {

/// A percent-encoded part of an address; nullopt where it is misshapen.
[[nodiscard]] std::optional<std::string> percentDecoded(std::string_view text, bool plusIsSpace = false);
/// NAME=VALUE pairs of an address's query. Throws Refusal (400).
[[nodiscard]] std::vector<std::pair<std::string, std::string>> queryParameters(std::string_view query);

}  // namespace service
