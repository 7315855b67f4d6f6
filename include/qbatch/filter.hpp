#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "qbatch/export.hpp"
#include "qbatch/payload.hpp"
#include "qbatch/point_id.hpp"

namespace qbatch {

/// One condition of a filter, kept in Qdrant's own JSON.
class QBATCH_EXPORT Condition {
 public:
  [[nodiscard]] const std::string& json() const noexcept { return json_; }

 private:
  friend class Filter;
  friend Condition match(std::string_view, Payload::Value);
  friend Condition matchAny(std::string_view, std::vector<Payload::Value>);
  friend Condition range(std::string_view, std::optional<double>, std::optional<double>);
  friend Condition hasId(std::vector<PointId>);
  friend Condition isEmpty(std::string_view);
  explicit Condition(std::string json) : json_(std::move(json)) {}
  std::string json_;
};

/// The payload member equals the value (a string, an integer or a boolean; others throw ConfigError, as Qdrant matches no others).
/// A key is a path: `a.b`, `a[].b`. An array matches where one of its elements does.
[[nodiscard]] QBATCH_EXPORT Condition match(std::string_view key, Payload::Value value);
/// The payload member equals one of the values (all strings or all integers).
[[nodiscard]] QBATCH_EXPORT Condition matchAny(std::string_view key, std::vector<Payload::Value> values);
/// The payload member is a number of at least `gte` and below `lt`; a bound may be left out, not both.
[[nodiscard]] QBATCH_EXPORT Condition range(std::string_view key, std::optional<double> gte, std::optional<double> lt);
/// The point has one of these ids.
[[nodiscard]] QBATCH_EXPORT Condition hasId(std::vector<PointId> ids);
/// The payload member is absent, null or an empty array.
[[nodiscard]] QBATCH_EXPORT Condition isEmpty(std::string_view key);

/// Which points: all `must` conditions hold, no `mustNot` holds, and one `should` holds where there are any.
class QBATCH_EXPORT Filter {
 public:
  /// Every point.
  explicit Filter();
  /// Qdrant's own filter JSON, in any of its forms. Throws ParseError where it is not a JSON object or has an unknown member.
  /// What a backend does not support is refused when the filter is used, never ignored.
  [[nodiscard]] static Filter json(std::string_view text);

  Filter& must(Condition condition);
  Filter& should(Condition condition);
  Filter& mustNot(Condition condition);
  /// True where every point passes.
  [[nodiscard]] bool empty() const noexcept;
  /// The filter as Qdrant's JSON object; `{}` where it is empty.
  [[nodiscard]] std::string json() const;

 private:
  std::vector<std::string> must_, should_, mustNot_;
  std::string minShould_;
};

}  // namespace qbatch
