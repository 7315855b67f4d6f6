#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "arguments.hpp"
#include "qbatch/embedder.hpp"

namespace cli {

/// Where and how to work, after command line, environment and defaults.
struct Settings {
  std::string url{};  ///< the server's; empty: the embedded engine is used
  std::string apiKey{}, caFile{};
  bool allowKeyOverPlainHttp = false, allowOtherEmbedder = false;
  std::string local{};          ///< the embedded engine's file, or ":memory:"
  bool localByDefault = false;  ///< neither command line nor environment named one
  std::string collection = "patterns";
  std::shared_ptr<qbatch::Embedder> embedder{};
  bool json = false, quiet = false;
};

/// A variable of the environment; nullopt where it is unset or empty.
[[nodiscard]] std::optional<std::string> environmentVariable(const char* name);

/// The command line goes before the environment (QDRANT_URL, QDRANT_API_KEY, QBATCH_LOCAL, QBATCH_EMBEDDER; QBATCH_EMBEDDER_API_KEY is for
/// embedders that this version has not). What is contradictory or not available is appended to `problems`.
[[nodiscard]] Settings makeSettings(const GlobalArguments& arguments, std::vector<std::string>& problems);

}  // namespace cli
