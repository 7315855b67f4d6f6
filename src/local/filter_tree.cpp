#include "local/filter_tree.hpp"

#include <algorithm>

#include "local/field_check.hpp"
#include "local/filter_parser.hpp"

namespace qbatch::local {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

/// Asks one point; its payload is parsed when the first condition needs it.
class Asked {
 public:
  Asked(const FilterSubject& subject, PayloadReader& reader) : subject_(subject), reader_(reader) {}

  /// `part` is the object inside the payload that a nested filter asks about; nullptr: the point as a whole.
  [[nodiscard]] bool passes(const Conditions& conditions, const object* part) {
    if (conditions.never) return false;
    const auto one = [&](const Condition& condition) {
      return std::visit([&](const auto& kind) { return ask(kind, part); }, condition.kind);
    };
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
  bool ask(const Conditions& conditions, const object* part) { return passes(conditions, part); }
  /// Inside a payload there are neither ids nor vectors; the server says no there, and so do we.
  bool ask(const HasIdCondition& condition, const object* part) const { return part == nullptr && condition.ids.contains(subject_.id); }
  bool ask(const HasVectorCondition& condition, const object* part) const {
    return part == nullptr && subject_.vectors != nullptr && subject_.vectors->holds(condition.name);
  }
  bool ask(const IsEmptyCondition& condition, const object* part) {
    const auto values = valuesAt(condition.path, part);
    return std::all_of(values.begin(), values.end(), emptyValue);
  }
  bool ask(const IsNullCondition& condition, const object* part) {
    const auto values = valuesAt(condition.path, part);
    return std::any_of(values.begin(), values.end(), [](element value) { return value.is_null(); });
  }
  bool ask(const FieldCondition& field, const object* part) { return passesField(field, valuesAt(field.path, part), part != nullptr); }
  bool ask(const NestedCondition& condition, const object* part) {
    const auto values = valuesAt(condition.path, part);
    return std::any_of(values.begin(), values.end(), [&](element value) {
      object members;
      return value.get_object().get(members) == simdjson::SUCCESS && passes(condition.filter, &members);
    });
  }

  std::vector<element> valuesAt(const PayloadPath& path, const object* part) {
    if (part == nullptr && !parsed_) {
      payload_ = reader_.read(subject_.payload);
      parsed_ = true;
    }
    std::vector<element> values;
    if (part != nullptr) {
      path.collect(*part, values);
    } else if (payload_) {
      path.collect(*payload_, values);
    }
    return values;
  }

  const FilterSubject& subject_;
  PayloadReader& reader_;
  bool parsed_ = false;
  std::optional<object> payload_;
};

/// True where `wanted` is true of one of the conditions or of one inside them.
template <class Wanted>
bool anyCondition(const Conditions& conditions, const Wanted& wanted) {
  const auto one = [&](const Condition& condition) {
    if (wanted(condition)) return true;
    if (const auto* inner = std::get_if<Conditions>(&condition.kind)) return anyCondition(*inner, wanted);
    const auto* nested = std::get_if<NestedCondition>(&condition.kind);
    return nested != nullptr && anyCondition(nested->filter, wanted);
  };
  const auto among = [&](const std::vector<Condition>& list) { return std::any_of(list.begin(), list.end(), one); };
  return among(conditions.must) || among(conditions.should) || among(conditions.mustNot) || among(conditions.minShould);
}

bool asksPayload(const Condition& condition) {
  return !std::holds_alternative<Conditions>(condition.kind) && !std::holds_alternative<HasIdCondition>(condition.kind) &&
         !std::holds_alternative<HasVectorCondition>(condition.kind);
}

bool asksVectors(const Condition& condition) { return std::holds_alternative<HasVectorCondition>(condition.kind); }

/// The ids that all of the `has_id` among the conditions name; nullopt where there is none.
std::optional<std::set<PointId>> idsOfAll(const std::vector<Condition>& must) {
  std::optional<std::set<PointId>> ids;
  for (const Condition& condition : must) {
    const auto* named = std::get_if<HasIdCondition>(&condition.kind);
    if (named == nullptr) continue;
    if (!ids) {
      ids = named->ids;
    } else {
      std::erase_if(*ids, [&](const PointId& id) { return !named->ids.contains(id); });
    }
  }
  return ids;
}

/// nullopt unless the condition is met by one value only.
std::optional<FilterTree::RequiredValue> requiredBy(const Condition& condition) {
  const auto* field = std::get_if<FieldCondition>(&condition.kind);
  if (field == nullptr || !field->match || field->match->kind != MatchCondition::Kind::any) return std::nullopt;
  if (field->text || field->range || field->times || field->valuesCount || field->isEmpty || field->isNull) return std::nullopt;
  FilterTree::RequiredValue required{field->path.text()};
  const auto& values = field->match->values;
  if (const bool* flag = std::get_if<bool>(&values)) {
    required.value = *flag;
  } else if (const auto* integers = std::get_if<std::set<std::int64_t>>(&values)) {
    if (integers->size() != 1) return std::nullopt;
    required.value = *integers->begin();
  } else {
    const auto& texts = std::get<std::set<std::string, std::less<>>>(values);
    if (texts.size() != 1) return std::nullopt;
    required.value = *texts.begin();
  }
  return required;
}

}  // namespace

FilterTree FilterTree::parse(std::string_view json, const Context& context) {
  if (json.empty()) return {};
  simdjson::dom::parser parser;
  return parse(parsedFilterText(parser, json), context);
}

FilterTree FilterTree::parse(element json, const Context& context) {
  FilterTree tree;
  tree.root_ = parseFilter(json, context);
  tree.onlyIds_ = idsOfAll(tree.root_.must);
  tree.needsPayload_ = anyCondition(tree.root_, asksPayload);
  tree.needsVectors_ = anyCondition(tree.root_, asksVectors);
  return tree;
}

bool FilterTree::passes(const FilterSubject& subject, PayloadReader& reader) const {
  return empty() || Asked(subject, reader).passes(root_, nullptr);
}

bool FilterTree::empty() const noexcept {
  return root_.must.empty() && root_.should.empty() && root_.mustNot.empty() && root_.minShould.empty();
}

std::vector<FilterTree::RequiredValue> FilterTree::requiredValues() const {
  std::vector<RequiredValue> required;
  for (const Condition& condition : root_.must) {
    if (auto one = requiredBy(condition)) required.push_back(std::move(*one));
  }
  return required;
}

}  // namespace qbatch::local
