#include "batch/change_checks.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "codec/utf8.hpp"

namespace qbatch::batch {

namespace {

std::optional<Error> invalid(std::string message) { return Error(Errc::invalidItem, Origin::caller, std::move(message)); }

std::optional<Error> checkName(std::string_view field, std::string_view name) {
  if (isCollectionName(name)) return std::nullopt;
  return invalid(std::string(field) + ": " + std::string(nameRule));
}

std::optional<Error> check(const CreateCollection& change) {
  const auto& info = change.info;
  if (auto problem = checkName("name", info.name)) return problem;
  if (info.dimension == 0) return invalid("dimension: a collection's vectors have at least one float; give their length");
  if (codec::findInvalidUtf8(info.vectorName)) return invalid("vectorName: must be UTF-8");
  if (codec::findInvalidUtf8(info.embedder)) return invalid("embedder: must be UTF-8");
  return std::nullopt;
}

std::optional<Error> check(const DropCollection& change) { return checkName("collection", change.collection); }

std::optional<Error> check(const SetAlias& change) {
  if (auto problem = checkName("alias", change.alias)) return problem;
  return checkName("collection", change.collection);
}

}  // namespace

bool isCollectionName(std::string_view name) noexcept {
  const bool control = std::any_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  // Of the last two the server makes folders that are others'.
  return !name.empty() && name != "." && name != ".." && name.size() <= 255 && name.find('/') == std::string_view::npos && !control &&
         !codec::findInvalidUtf8(name);
}

std::optional<Error> checkChange(const CollectionChange& change) {
  return std::visit([](const auto& kind) { return check(kind); }, change);
}

}  // namespace qbatch::batch
