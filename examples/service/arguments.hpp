#pragma once
#include <stdexcept>
#include <string>
#include <vector>

#include "service.hpp"

namespace service {

/// --help or --version was asked for; `text` is what to print.
struct TextRequested : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Command line before environment (as of `qbatch`, and QBATCH_SERVICE_KEY) before defaults. What is wrong is appended to `problems`, each
/// beginning with the option's name. Throws TextRequested.
[[nodiscard]] ServiceSettings readArguments(int argc, const char* const* argv, std::vector<std::string>& problems);

}  // namespace service
