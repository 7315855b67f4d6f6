#pragma once
#include <cstddef>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "qbatch/export.hpp"
#include "qbatch/pattern.hpp"
#include "qbatch/report.hpp"

// Items as JSON objects, as they stand in the lines of an NDJSON file. Each function throws std::invalid_argument with a sentence that
// says what is wrong, where, and what to do: no JSON, an unknown member, one that stands twice, a wrong kind, a float outside float32.
namespace qbatch {

/// {"description": …, "code": …, "language": …, "metadata": {…}, "id": …, "vector": […]}, each of which may be missing.
[[nodiscard]] QBATCH_EXPORT Pattern parsePattern(std::string_view json);
/// {"id": …, "increment_usage": true or a whole number, "success_rate": …, "last_used": …, "set": {…}}; `id` must be there.
[[nodiscard]] QBATCH_EXPORT MetricUpdate parseMetricUpdate(std::string_view json);
/// {"text": …} or {"vector": […]}.
[[nodiscard]] QBATCH_EXPORT Query parseQuery(std::string_view json);

/// An element of a JSON array that is no such item: it does not block the others.
struct RefusedItem {
  std::size_t index{};   ///< in the array
  std::string json{};    ///< as it was given
  std::string reason{};  ///< what the parse function of one item says
};

/// The items of a JSON array.
template <class Item>
struct ParsedItems {
  std::vector<Item> items{};           ///< the good ones, in order
  std::vector<RefusedItem> refused{};  ///< the others, in order
  [[nodiscard]] std::size_t size() const noexcept { return items.size() + refused.size(); }
};

/// An array has more elements than were allowed.
class QBATCH_EXPORT TooManyItems : public std::length_error {
 public:
  explicit TooManyItems(std::size_t count);
  /// How many there are.
  [[nodiscard]] std::size_t count() const noexcept { return count_; }

 private:
  std::size_t count_;
};

inline constexpr std::size_t anyNumber = std::numeric_limits<std::size_t>::max();

// Each throws ParseError, with the place in `json`, where that is no JSON array, and TooManyItems for more than `most` elements, before it
// has taken memory for them.
[[nodiscard]] QBATCH_EXPORT ParsedItems<Pattern> parsePatterns(std::string_view json, std::size_t most = anyNumber);
[[nodiscard]] QBATCH_EXPORT ParsedItems<MetricUpdate> parseMetricUpdates(std::string_view json, std::size_t most = anyNumber);
/// An element may also be a string, the query's text.
[[nodiscard]] QBATCH_EXPORT ParsedItems<Query> parseQueries(std::string_view json, std::size_t most = anyNumber);

/// A member of a JSON object, with its value as it stands there: valid JSON.
struct JsonMember {
  std::string name{};
  std::string_view json{};  ///< valid as long as the object's text is neither changed nor gone
  std::size_t offset{};     ///< of the value, in the object's text
};
/// An object's members, or an array's elements (without names), in order. Throws ParseError where `json` is not valid or something else, or
/// has a member twice, and TooManyItems.
[[nodiscard]] QBATCH_EXPORT std::vector<JsonMember> parseMembers(std::string_view json, std::size_t most = anyNumber);
[[nodiscard]] QBATCH_EXPORT std::vector<JsonMember> parseElements(std::string_view json, std::size_t most = anyNumber);

/// A JSON object of which one member is an array of items, as the documented requests are.
template <class Item>
struct ParsedRequest {
  std::optional<ParsedItems<Item>> items{};  ///< nullopt where that member is missing
  std::vector<JsonMember> others{};          ///< the other members, at most 1000, in order; none stands twice
};

// Each reads `object` in one pass, without a copy of it: its capacity may grow. `member` is the array's name. Throws ParseError, with the
// place in `object`, where that is no JSON object or `member` no array, and TooManyItems as above.
[[nodiscard]] QBATCH_EXPORT ParsedRequest<Pattern> parsePatternsIn(std::string& object, std::string_view member,
                                                                   std::size_t most = anyNumber);
[[nodiscard]] QBATCH_EXPORT ParsedRequest<MetricUpdate> parseMetricUpdatesIn(std::string& object, std::string_view member,
                                                                             std::size_t most = anyNumber);
[[nodiscard]] QBATCH_EXPORT ParsedRequest<Query> parseQueriesIn(std::string& object, std::string_view member, std::size_t most = anyNumber);

/// The documented response to a whole array, with its refused items among the errors, all by their indices in the array. The report is that
/// of a call with `parsed.items`.
[[nodiscard]] QBATCH_EXPORT std::string toJson(const StoreReport&, const ParsedItems<Pattern>& parsed);
[[nodiscard]] QBATCH_EXPORT std::string toJson(const SearchReport&, const ParsedItems<Query>& parsed);
[[nodiscard]] QBATCH_EXPORT std::string toJson(const UpdateReport&, const ParsedItems<MetricUpdate>& parsed);

}  // namespace qbatch
