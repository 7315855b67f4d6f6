#pragma once
#include <span>
#include <string>
#include <string_view>

#include "local/catalog.hpp"
#include "qbatch/backend.hpp"

// What a request must fulfil before the engine touches anything. Each throws Refusal.
namespace qbatch::local {

/// Names of collections and aliases: not empty, at most 255 bytes of UTF-8 without slash and control characters.
void checkName(std::string_view name, std::string_view what);
/// A collection to be created.
void checkNewCollection(const CollectionInfo& info);
/// The dense vector's column.
[[nodiscard]] std::size_t checkedColumn(const VectorLayout& layout, std::string_view vectorName);
/// Its dimension, and finite values.
void checkVector(const DenseParams& params, std::span<const float> vector);
/// The payload as it is kept: a JSON object without white space, each name once. An empty text is the empty object.
[[nodiscard]] std::string checkedPayload(std::string_view payload);

}  // namespace qbatch::local
