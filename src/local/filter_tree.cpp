#include "local/filter_tree.hpp"

#include <algorithm>

#include "local/filter_parser.hpp"

namespace qbatch::local {
namespace {

using simdjson::dom::element;

template <typename Range, typename Number>
bool within(const Range& range, Number number) {
  return (!range.gt || number > *range.gt) && (!range.gte || number >= *range.gte) && (!range.lt || number < *range.lt) &&
         (!range.lte || number <= *range.lte);
}

/// A whole number that fits 64 signed bits; 1.0 is none.
std::optional<std::int64_t> integerOf(element value) {
  std::int64_t result = 0;
  if (value.is_int64() && value.get_int64().get(result) == simdjson::SUCCESS) return result;
  return std::nullopt;
}

bool inList(const MatchCondition& match, element value) {
  if (const auto* integers = std::get_if<std::set<std::int64_t>>(&match.values)) {
    const auto integer = integerOf(value);
    return integer && integers->contains(*integer);
  }
  std::string_view text;
  const auto* texts = std::get_if<std::set<std::string, std::less<>>>(&match.values);
  return texts != nullptr && value.get_string().get(text) == simdjson::SUCCESS && texts->contains(text);
}

bool matches(const MatchCondition& match, element value) {
  bool flag = false;
  std::string_view text;
  switch (match.kind) {
    case MatchCondition::Kind::value:
      if (const bool* wanted = std::get_if<bool>(&match.values)) {
        return value.get_bool().get(flag) == simdjson::SUCCESS && flag == *wanted;
      }
      return inList(match, value);
    case MatchCondition::Kind::any:
      return inList(match, value);
    case MatchCondition::Kind::except:
      return !value.is_null() && !inList(match, value);
    case MatchCondition::Kind::text:
      return value.get_string().get(text) == simdjson::SUCCESS &&
             text.find(*std::get<std::set<std::string, std::less<>>>(match.values).begin()) != std::string_view::npos;
  }
  return false;
}

bool emptyValue(element value) {
  simdjson::dom::array array;
  return value.is_null() || (value.get_array().get(array) == simdjson::SUCCESS && array.begin() == array.end());
}

bool nullWithin(element value) {
  simdjson::dom::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return value.is_null();
  return std::any_of(array.begin(), array.end(), [](element item) { return item.is_null(); });
}

std::uint64_t valuesIn(element value) {
  simdjson::dom::array array;
  if (value.is_null()) return 0;
  if (value.get_array().get(array) != simdjson::SUCCESS) return 1;
  return static_cast<std::uint64_t>(std::distance(array.begin(), array.end()));
}

/// One value that is no array, or one element of an array.
bool passesOne(const FieldCondition& field, element value) {
  double number = 0;
  return (field.match && matches(*field.match, value)) ||
         (field.range && value.is_number() && value.get_double().get(number) == simdjson::SUCCESS && within(*field.range, number));
}

bool passesValue(const FieldCondition& field, element value) {
  if (field.valuesCount) return within(*field.valuesCount, valuesIn(value));
  if (field.isEmpty) return emptyValue(value) == *field.isEmpty;
  if (field.isNull) return nullWithin(value) == *field.isNull;
  simdjson::dom::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return passesOne(field, value);
  return std::any_of(array.begin(), array.end(), [&](element item) { return passesOne(field, item); });
}

/// Asks one point; its payload is parsed when the first condition needs it.
class Asked {
 public:
  Asked(const PointId& id, std::string_view payload, PayloadReader& reader) : id_(id), payload_(payload), reader_(reader) {}

  [[nodiscard]] bool passes(const Conditions& conditions) {
    const auto one = [&](const Condition& condition) { return passesCondition(condition); };
    if (!std::all_of(conditions.must.begin(), conditions.must.end(), one)) return false;
    if (std::any_of(conditions.mustNot.begin(), conditions.mustNot.end(), one)) return false;
    if (!conditions.should.empty() && std::none_of(conditions.should.begin(), conditions.should.end(), one)) return false;
    if (conditions.minShould.empty()) return true;
    std::uint64_t count = 0;
    for (const Condition& condition : conditions.minShould) {
      if (count >= conditions.minCount) break;
      if (one(condition)) ++count;
    }
    return count >= conditions.minCount;
  }

 private:
  bool passesCondition(const Condition& condition) {
    return std::visit([this](const auto& kind) { return ask(kind); }, condition.kind);
  }
  bool ask(const Conditions& conditions) { return passes(conditions); }
  bool ask(const HasIdCondition& condition) const { return condition.ids.contains(id_); }
  bool ask(const IsEmptyCondition& condition) {
    const auto values = valuesAt(condition.path);
    return std::all_of(values.begin(), values.end(), emptyValue);
  }
  bool ask(const IsNullCondition& condition) {
    const auto values = valuesAt(condition.path);
    return std::any_of(values.begin(), values.end(), [](element value) { return value.is_null(); });
  }
  bool ask(const FieldCondition& field) {
    const auto values = valuesAt(field.path);
    if (values.empty()) return field.isEmpty ? *field.isEmpty : field.isNull ? !*field.isNull : false;
    return std::any_of(values.begin(), values.end(), [&](element value) { return passesValue(field, value); });
  }

  std::vector<element> valuesAt(const PayloadPath& path) {
    if (!parsed_) {
      object_ = reader_.read(payload_);
      parsed_ = true;
    }
    std::vector<element> values;
    if (object_) path.collect(*object_, values);
    return values;
  }

  const PointId& id_;
  std::string_view payload_;
  PayloadReader& reader_;
  bool parsed_ = false;
  std::optional<simdjson::dom::object> object_;
};

bool asksPayload(const Conditions& conditions);

bool asksPayload(const std::vector<Condition>& conditions) {
  return std::any_of(conditions.begin(), conditions.end(), [](const Condition& condition) {
    if (const auto* inner = std::get_if<Conditions>(&condition.kind)) return asksPayload(*inner);
    return !std::holds_alternative<HasIdCondition>(condition.kind);
  });
}

bool asksPayload(const Conditions& conditions) {
  return asksPayload(conditions.must) || asksPayload(conditions.should) || asksPayload(conditions.mustNot) ||
         asksPayload(conditions.minShould);
}

}  // namespace

FilterTree FilterTree::parse(std::string_view json) {
  FilterTree tree;
  if (json.empty()) return tree;
  tree.root_ = parseFilter(json);
  tree.needsPayload_ = asksPayload(tree.root_);
  return tree;
}

bool FilterTree::passes(const PointId& id, std::string_view payload, PayloadReader& reader) const {
  return empty() || Asked(id, payload, reader).passes(root_);
}

bool FilterTree::empty() const noexcept {
  return root_.must.empty() && root_.should.empty() && root_.mustNot.empty() && root_.minShould.empty();
}

}  // namespace qbatch::local
