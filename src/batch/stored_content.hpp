#pragma once
#include <optional>
#include <span>
#include <string_view>

#include "batch/batch_machine.hpp"
#include "qbatch/backend.hpp"

// What points that are read back say of writes whose answer was lost. Pure.
namespace qbatch::batch {

/// How what was sent compares with what is stored.
struct ContentRules {
  Existing existing = Existing::replace;
  FieldNames fields{};
  Distance distance = Distance::cosine;
  float tolerance = 1e-5f;  ///< of a vector's values, in parts of its largest
};

/// Payloads equal as JSON, but for what keepMetrics keeps.
[[nodiscard]] bool samePayload(std::string_view sent, std::string_view stored, const ContentRules& rules);
/// Vectors within the tolerance, after the normalisation that the collection does by itself.
[[nodiscard]] bool sameVector(std::span<const float> sent, std::span<const float> stored, const ContentRules& rules);
/// True where the point holds what was sent: payloads equal as JSON, but for what keepMetrics keeps; vectors within the tolerance, after
/// the normalisation that the collection does by itself.
[[nodiscard]] bool sameContent(const PointView& sent, const StoredPoint& stored, const ContentRules& rules);

/// What `stored` (null: there is no such point) says of an upsert. Where `before` was not known, what is found counts as that, unless it is
/// what was sent; where nothing else has changed since it is brought up to date with metrics that were counted meanwhile.
[[nodiscard]] Found upserted(const PointView& sent, const StoredPoint* stored, std::optional<PointBefore>& before, const ContentRules& rules);
/// The same of a delete.
[[nodiscard]] Found deleted(const StoredPoint* stored, std::optional<PointBefore>& before);

}  // namespace qbatch::batch
