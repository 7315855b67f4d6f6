#include "local/request_checks.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "codec/json_object.hpp"
#include "codec/utf8.hpp"
#include "local/body_errors.hpp"
#include "local/refusal.hpp"

namespace qbatch::local {
namespace {

constexpr std::size_t longestName = 255;
constexpr std::size_t largestDimension = 65536;

Refusal refusal(std::string message) { return refuseAll(Error(Errc::refused, Origin::server, std::move(message), 422)); }

bool controlCharacter(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

}  // namespace

void checkName(std::string_view name, std::string_view what) {
  const std::string shown = codec::toValidUtf8(name.substr(0, 80));
  if (name.empty()) throw refusal(fmt::format("the {} is empty: give it at least one character", what));
  if (name.size() > longestName)
    throw refusal(fmt::format("the {} `{}…` is {} bytes long: at most {} are allowed", what, shown, name.size(), longestName));
  if (name.find('/') != std::string_view::npos)
    throw refusal(fmt::format("the {} `{}` has a `/` in it, which is not allowed", what, shown));
  if (codec::findInvalidUtf8(name)) throw refusal(fmt::format("the {} `{}` is not valid UTF-8", what, shown));
  if (std::any_of(name.begin(), name.end(), controlCharacter)) {
    throw refusal(fmt::format("the {} has a control character in it, which is not allowed", what));
  }
}

void checkNewCollection(const CollectionInfo& info) {
  checkName(info.name, "collection's name");
  if (!info.vectorName.empty()) checkName(info.vectorName, "vector's name");
  if (info.dimension == 0 || info.dimension > largestDimension) {
    throw refusal(
        fmt::format("collection `{}` cannot have vectors of {} values: 1 to {} are possible", info.name, info.dimension, largestDimension));
  }
  if (codec::findInvalidUtf8(info.embedder))
    throw refusal(fmt::format("the embedder's identity for collection `{}` is not valid UTF-8", info.name));
}

std::size_t checkedColumn(const VectorLayout& layout, std::string_view vectorName) {
  const auto column = layout.denseColumn(vectorName);
  if (!column) throw refuseItem(noVectorName(vectorName).error().serverMessage());
  return *column;
}

void checkVector(const DenseParams& params, std::span<const float> vector) {
  if (vector.size() != params.dimension) throw refuseItem(wrongDimension(params.dimension, vector.size()).error().serverMessage());
  if (!std::all_of(vector.begin(), vector.end(), [](float value) { return std::isfinite(value); })) {
    throw refuseItem("Wrong input: a vector holds a value that is not a finite number");
  }
}

std::string checkedPayload(std::string_view payload) {
  if (payload.empty()) return "{}";
  std::string checked;
  try {
    checked = codec::checkedJson(payload);
  } catch (const ParseError& error) {
    throw refuseItem(fmt::format("Format error in JSON body: a payload must be a JSON object: {}", error.what()));
  }
  if (checked.front() != '{')
    throw refuseItem(fmt::format("Format error in JSON body: a payload must be a JSON object, not {}", codec::kindName(checked)));
  return checked;
}

}  // namespace qbatch::local
