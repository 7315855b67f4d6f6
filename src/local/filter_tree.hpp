#pragma once
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "local/payload_path.hpp"
#include "local/payload_reader.hpp"
#include "qbatch/point_id.hpp"

namespace qbatch::local {

// The parts of a filter, meaning what they mean to a Qdrant server.

/// `match`: exactly one member is set. A list of texts or of integers, whichever its kind says.
struct MatchCondition {
  enum class Kind { value, any, except, text } kind{};
  std::variant<bool, std::set<std::int64_t>, std::set<std::string, std::less<>>> values{};  // for `value` and `text` of one element
};

struct NumberRange {
  std::optional<double> gt{}, gte{}, lt{}, lte{};
};

struct CountRange {
  std::optional<std::uint64_t> gt{}, gte{}, lt{}, lte{};
};

/// A `key` with at least one of the others. An array passes where one of its elements does.
struct FieldCondition {
  PayloadPath path;
  std::optional<MatchCondition> match{};
  std::optional<NumberRange> range{};
  std::optional<CountRange> valuesCount{};
  std::optional<bool> isEmpty{}, isNull{};
};

/// `is_empty`: absent, null or an empty array, all along the path.
struct IsEmptyCondition {
  PayloadPath path;
};
/// `is_null`: there and null.
struct IsNullCondition {
  PayloadPath path;
};
struct HasIdCondition {
  std::set<PointId> ids;
};

struct Condition;
/// Lists that are empty ask for nothing.
struct Conditions {
  std::vector<Condition> must, should, mustNot, minShould;
  std::uint64_t minCount = 0;
};
struct Condition {
  std::variant<FieldCondition, IsEmptyCondition, IsNullCondition, HasIdCondition, Conditions> kind;
};

/// A filter in Qdrant's JSON, ready to be asked about points. Immutable; several threads may use one, each with a reader of its own.
class FilterTree {
 public:
  /// Every point passes.
  FilterTree() = default;
  /// An empty text is no filter. Throws RequestError: `refused` where it is no valid filter, `unsupported` where the embedded engine cannot
  /// carry it out; both name the part.
  [[nodiscard]] static FilterTree parse(std::string_view json);

  [[nodiscard]] bool passes(const PointId& id, std::string_view payload, PayloadReader& reader) const;
  /// True where every point passes.
  [[nodiscard]] bool empty() const noexcept;
  /// False where ids alone decide.
  [[nodiscard]] bool needsPayload() const noexcept { return needsPayload_; }

 private:
  Conditions root_;
  bool needsPayload_ = false;
};

}  // namespace qbatch::local
