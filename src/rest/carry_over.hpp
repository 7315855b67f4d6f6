#pragma once
#include <cstddef>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "codec/encode_requests.hpp"
#include "qbatch/backend.hpp"

// Storing points again that exist already: what is written, and under which condition. Pure.
namespace qbatch::rest {

/// The payload member that holds the stamp of the last conditional store; increments leave it alone, so it tells whose store is there.
constexpr std::string_view storeStamp = "_qbatch_store";

/// An upsert that replaces points only where they are as they were read, with their metrics carried over. Refers to the fresh points.
struct CarriedOver {
  std::vector<PointView> points{};     ///< all of them, those that exist with a payload of their own
  std::deque<std::string> payloads{};  ///< which those refer to
  std::string filter{};                ///< update_filter; matches nothing where no point exists
  std::vector<std::size_t> known{};    ///< positions of the points that exist
};
/// `stamp` must be unlike any other's. Throws ParseError where a payload is no JSON object.
[[nodiscard]] CarriedOver carryOver(std::span<const PointView> fresh, std::span<const StoredPoint> stored, const FieldNames& fields,
                                    std::string_view stamp);

/// For servers without conditional upserts: what makes the stored payload the fresh one and leaves its metrics and own keys untouched.
[[nodiscard]] std::vector<codec::BatchOperation> contentUpdate(const PointView& fresh, const StoredPoint& stored, const FieldNames& fields);

/// True where a point that was read twice (null: it was absent) has been counted on meanwhile, and not changed otherwise.
[[nodiscard]] bool onlyCounted(const StoredPoint* before, const StoredPoint* now, const FieldNames& fields);

/// True where a point is as the caller knew it, in all members that he knew.
[[nodiscard]] bool isAs(const PointBefore& before, const StoredPoint* now);

}  // namespace qbatch::rest
