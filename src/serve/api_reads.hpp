#pragma once
#include <optional>
#include <string>

#include "local/catalog.hpp"
#include "serve/api_call.hpp"

namespace qbatch::serve {

/// The member `result` for a request that changes nothing; nullopt where it is none. Throws RequestError and Refusal.
[[nodiscard]] std::optional<std::string> readResult(const ApiCall& call, const Body& body, const local::Names& names);

}  // namespace qbatch::serve
