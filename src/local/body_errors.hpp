#pragma once
#include <simdjson.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "qbatch/error.hpp"

// What a Qdrant server answers to a body that it cannot use. `message` is our sentence for people; the server's words become the error's
// serverMessage().
namespace qbatch::local {

/// What stands there, as the server's messages call it: integer `5`, string "a", map.
[[nodiscard]] std::string unexpected(simdjson::dom::element value);

/// The same words for people and for programs.
[[nodiscard]] RequestError refusal(int status, std::string words);
/// 400, "Format error in JSON body: " and the words.
[[nodiscard]] RequestError badFormat(std::string_view words);
[[nodiscard]] RequestError formatRefusal(std::string message, std::string_view words);
/// 422, "Validation error in JSON body: [" and the problems, each with its place.
[[nodiscard]] RequestError validationRefusal(std::string message, std::string_view problems);
/// 400, "Wrong input: " and the words.
[[nodiscard]] RequestError inputRefusal(std::string message, std::string_view words);
[[nodiscard]] RequestError wrongInput(std::string_view words);
[[nodiscard]] RequestError wrongDimension(std::size_t expected, std::size_t got);
[[nodiscard]] RequestError noVectorName(std::string_view name);
/// 400 for what a Qdrant server could do and the embedded engine cannot. `what` is named in both messages.
[[nodiscard]] RequestError unsupportedRefusal(std::string_view what);

}  // namespace qbatch::local
