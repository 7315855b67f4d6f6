#include "local/body_errors.hpp"

#include <fmt/core.h>

#include <utility>

namespace qbatch::local {

std::string unexpected(simdjson::dom::element value) {
  using Type = simdjson::dom::element_type;
  switch (value.type()) {
    case Type::BOOL:
      return fmt::format("boolean `{}`", simdjson::minify(value));
    case Type::INT64:
    case Type::UINT64:
      return fmt::format("integer `{}`", simdjson::minify(value));
    case Type::DOUBLE:
      return fmt::format("floating point `{}`", simdjson::minify(value));
    case Type::STRING:
      return fmt::format("string {}", simdjson::minify(value));
    case Type::ARRAY:
      return "sequence";
    case Type::OBJECT:
      return "map";
    default:
      return "null";
  }
}

RequestError refusal(int status, std::string words) {
  std::string message = words;
  return RequestError(Error(Errc::refused, Origin::server, std::move(message), status, std::move(words)));
}

RequestError badFormat(std::string_view words) { return refusal(400, fmt::format("Format error in JSON body: {}", words)); }

RequestError formatRefusal(std::string message, std::string_view words) {
  return RequestError(Error(Errc::refused, Origin::server, std::move(message), 400, fmt::format("Format error in JSON body: {}", words)));
}

RequestError validationRefusal(std::string message, std::string_view problems) {
  return RequestError(
      Error(Errc::refused, Origin::server, std::move(message), 422, fmt::format("Validation error in JSON body: [{}]", problems)));
}

RequestError inputRefusal(std::string message, std::string_view words) {
  return RequestError(Error(Errc::refused, Origin::server, std::move(message), 400, fmt::format("Wrong input: {}", words)));
}

RequestError wrongInput(std::string_view words) { return refusal(400, fmt::format("Wrong input: {}", words)); }

RequestError wrongDimension(std::size_t expected, std::size_t got) {
  return wrongInput(fmt::format("Vector dimension error: expected dim: {}, got {}", expected, got));
}

RequestError noVectorName(std::string_view name) { return wrongInput(fmt::format("Not existing vector name error: {}", name)); }

RequestError unsupportedRefusal(std::string_view what) {
  std::string message = fmt::format("the embedded engine does not support {}: leave it out, or use a Qdrant server", what);
  std::string words = "Wrong input: " + message;
  return RequestError(Error(Errc::unsupported, Origin::server, std::move(message), 400, std::move(words)));
}

}  // namespace qbatch::local
