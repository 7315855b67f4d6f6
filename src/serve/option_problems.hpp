#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "qbatch/http_server.hpp"

namespace qbatch::serve {

/// What cannot work in the options, one sentence a field. `maxBodyBytes`: what the caller's own options call that field.
[[nodiscard]] std::vector<std::string> problemsOf(const HttpServerOptions& options, std::string_view maxBodyBytes = "maxBodyBytes");

}  // namespace qbatch::serve
