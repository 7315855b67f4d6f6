#pragma once
#include <string_view>

namespace service {

/// openapi.json, which the build puts into the program.
[[nodiscard]] std::string_view interfaceText() noexcept;

}  // namespace service
