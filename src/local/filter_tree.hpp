#pragma once
#include <simdjson.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "codec/timestamp.hpp"
#include "local/payload_path.hpp"
#include "local/payload_reader.hpp"
#include "local/text_query.hpp"
#include "qbatch/point_id.hpp"

namespace qbatch::local {

// The parts of a filter, meaning what they mean to a Qdrant server.

/// `match` with a value or a list of values: one list of texts or of integers, or a boolean.
struct MatchCondition {
  enum class Kind { any, except } kind{};
  std::variant<bool, std::set<std::int64_t>, std::set<std::string, std::less<>>> values{};
};

template <class Value>
struct Bounds {
  std::optional<Value> gt{}, gte{}, lt{}, lte{};
  [[nodiscard]] bool hold(const Value& value) const {
    return (!gt || value > *gt) && (!gte || value >= *gte) && (!lt || value < *lt) && (!lte || value <= *lte);
  }
};

/// A `key` with at least one of the others. An array passes where one of its elements does.
struct FieldCondition {
  PayloadPath path;
  std::optional<MatchCondition> match{};
  std::optional<TextQuery> text{};
  std::optional<Bounds<double>> range{};
  std::optional<Bounds<codec::Timestamp>> times{};
  std::optional<Bounds<std::uint64_t>> valuesCount{};
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
struct HasVectorCondition {
  std::string name;
};

struct Condition;
/// Lists that are empty ask for nothing.
struct Conditions {
  std::vector<Condition> must, should, mustNot, minShould;
  std::uint64_t minCount = 0;
  bool never = false;  ///< nothing passes, whatever else is asked
};
/// One of the objects that the path leads to passes the filter, with their members as its roots.
struct NestedCondition {
  PayloadPath path;
  Conditions filter;
};
struct Condition {
  std::variant<FieldCondition, IsEmptyCondition, IsNullCondition, HasIdCondition, HasVectorCondition, NestedCondition, Conditions> kind;
};

/// Which vectors a point has.
class HeldVectors {
 public:
  [[nodiscard]] virtual bool holds(std::string_view name) const = 0;

 protected:
  ~HeldVectors() = default;
};

/// A point as a filter sees it. Without `vectors` it has none. All must outlive the question.
struct FilterSubject {
  const PointId& id;
  std::string_view payload{};
  const HeldVectors* vectors = nullptr;
};

/// What a filter's meaning and its errors depend on beside its text.
struct FilterContext {
  /// The paths (as PayloadPath::text() writes them) of the fields that have a full-text index.
  std::map<std::string, WordRule, std::less<>> textFields{};
  /// How the server's errors name the filter, such as "scroll_request.filter".
  std::string place{"filter"};
};

/// A filter in Qdrant's JSON, ready to be asked about points. Immutable; several threads may use one, each with a reader of its own.
class FilterTree {
 public:
  using Context = FilterContext;
  /// The one value that a field must have.
  struct RequiredValue {
    std::string key{};  ///< as PayloadPath::text() writes it
    std::variant<bool, std::int64_t, std::string> value{};
  };

  /// Every point passes.
  FilterTree() = default;
  /// An empty text is no filter. Throws RequestError: `refused` where it is no valid filter, `unsupported` where the embedded engine cannot
  /// carry it out; both name the part, and serverMessage() is what a Qdrant server answers.
  [[nodiscard]] static FilterTree parse(std::string_view json, const Context& context = {});
  [[nodiscard]] static FilterTree parse(simdjson::dom::element json, const Context& context = {});

  [[nodiscard]] bool passes(const FilterSubject& subject, PayloadReader& reader) const;
  [[nodiscard]] bool passes(const PointId& id, std::string_view payload, PayloadReader& reader) const {
    return passes(FilterSubject{id, payload}, reader);
  }

  /// True where every point passes.
  [[nodiscard]] bool empty() const noexcept;
  /// False where ids and vectors alone decide.
  [[nodiscard]] bool needsPayload() const noexcept { return needsPayload_; }
  /// True where it matters which vectors a point has.
  [[nodiscard]] bool needsVectors() const noexcept { return needsVectors_; }
  /// The ids that alone can pass, where `must` names some; nullptr where any may.
  [[nodiscard]] const std::set<PointId>* onlyIds() const noexcept { return onlyIds_ ? &*onlyIds_ : nullptr; }
  /// What `must` asks of fields by `match.value` alone. A point without one of them (in an array counts, too) does not pass.
  [[nodiscard]] std::vector<RequiredValue> requiredValues() const;

 private:
  Conditions root_;
  std::optional<std::set<PointId>> onlyIds_{};
  bool needsPayload_ = false, needsVectors_ = false;
};

}  // namespace qbatch::local
