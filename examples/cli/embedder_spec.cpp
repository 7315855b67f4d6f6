#include "embedder_spec.hpp"

#include "numbers.hpp"
#include "qbatch/error.hpp"

namespace cli {

std::shared_ptr<qbatch::Embedder> makeEmbedder(std::string_view spec, std::string_view origin, std::vector<std::string>& problems) {
  const auto refuse = [&](const std::string& why) {
    problems.push_back(std::string(origin) + ": \"" + std::string(spec) + "\" " + why);
    return nullptr;
  };
  const auto colon = spec.find(':');
  const std::string_view kind = spec.substr(0, colon);
  if (kind == "static" || kind == "http") {
    return refuse("names an embedder that is not part of this version; use hashing or hashing:DIM");
  }
  if (kind != "hashing") return refuse("is not an embedder; use hashing or hashing:DIM, for example hashing:512");

  qbatch::HashingEmbedderOptions options;
  if (colon != std::string_view::npos) {
    const auto dimension = readWholeNumber(spec.substr(colon + 1));
    if (!dimension) return refuse("has no whole number after the colon; write for example hashing:512");
    options.dimension = static_cast<std::size_t>(*dimension);
  }
  try {
    return qbatch::makeHashingEmbedder(options);
  } catch (const qbatch::ConfigError& error) {
    for (const auto& problem : error.problems()) problems.push_back(std::string(origin) + ": " + problem);
    return nullptr;
  }
}

}  // namespace cli
