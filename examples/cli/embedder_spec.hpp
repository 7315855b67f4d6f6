#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "qbatch/embedder.hpp"

namespace cli {

/// Makes the embedder that a SPEC names: `hashing` or `hashing:DIM`. What is wrong is appended to `problems`, each sentence beginning with
/// `origin` (the option or variable that the SPEC came from); the result is then empty.
[[nodiscard]] std::shared_ptr<qbatch::Embedder> makeEmbedder(std::string_view spec, std::string_view origin,
                                                             std::vector<std::string>& problems);

}  // namespace cli
