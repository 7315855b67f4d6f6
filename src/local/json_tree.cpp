#include "local/json_tree.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <memory>
#include <numeric>
#include <span>

#include "codec/json_writer.hpp"
#include "qbatch/error.hpp"

namespace qbatch::local {
namespace {

using Step = PayloadPath::Step;
using Steps = std::span<const Step>;

void append(std::string& out, const JsonTree& tree);

struct Writer {
  std::string& out;
  void operator()(std::nullptr_t) const { out += "null"; }
  void operator()(bool flag) const { out += flag ? "true" : "false"; }
  void operator()(std::int64_t number) const { codec::appendInteger(out, number); }
  void operator()(std::uint64_t number) const { codec::appendUnsigned(out, number); }
  void operator()(double number) const { codec::appendDouble(out, number); }
  void operator()(const std::string& text) const { codec::appendString(out, text); }
  void operator()(const JsonTree::Array& items) const {
    out += '[';
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (i > 0) out += ',';
      append(out, items[i]);
    }
    out += ']';
  }
  void operator()(const JsonTree::Object& members) const {
    out += '{';
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (i > 0) out += ',';
      codec::appendString(out, members[i].first);
      out += ':';
      append(out, members[i].second);
    }
    out += '}';
  }
};

void append(std::string& out, const JsonTree& tree) { std::visit(Writer{out}, tree.value); }

/// The places of the members in the order of their names; equal names in the order in which they stand.
std::vector<std::size_t> sortedPlaces(const JsonTree::Object& members) {
  std::vector<std::size_t> places(members.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  std::sort(places.begin(), places.end(), [&](std::size_t a, std::size_t b) {
    const int order = members[a].first.compare(members[b].first);
    return order != 0 ? order < 0 : a < b;
  });
  return places;
}

/// Takes out the members that are marked, in their order.
void eraseMarked(JsonTree::Object& members, const std::vector<bool>& marked) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (marked[i]) continue;
    if (kept != i) members[kept] = std::move(members[i]);
    ++kept;
  }
  members.erase(members.begin() + static_cast<std::ptrdiff_t>(kept), members.end());
}

/// Of equal names the last value, in the first place.
void dropDoubles(JsonTree::Object& members) {
  const auto places = sortedPlaces(members);
  std::vector<bool> marked(members.size());
  bool any = false;
  for (std::size_t i = 0, first = 0; i < places.size(); ++i) {
    if (members[places[i]].first != members[places[first]].first) first = i;
    if (first == i) continue;
    members[places[first]].second = std::move(members[places[i]].second);
    marked[places[i]] = any = true;
  }
  if (any) eraseMarked(members, marked);
}

JsonTree* memberOf(JsonTree::Object& members, std::string_view key) {
  const auto found = std::find_if(members.begin(), members.end(), [&](const auto& member) { return member.first == key; });
  return found == members.end() ? nullptr : &found->second;
}

/// Sorts once, because both sides may be wide.
void setMembers(JsonTree::Object& object, const JsonTree::Object& members) {
  const auto places = sortedPlaces(object);
  std::vector<bool> removed(object.size());
  JsonTree::Object added;
  for (const auto& [key, value] : members) {
    const auto found = std::lower_bound(places.begin(), places.end(), key,
                                        [&](std::size_t place, const std::string& name) { return object[place].first < name; });
    const bool present = found != places.end() && object[*found].first == key;
    if (present && value.isNull()) {
      removed[*found] = true;
    } else if (present) {
      object[*found].second = value;
    } else if (!value.isNull()) {
      added.emplace_back(key, value);
    }
  }
  eraseMarked(object, removed);
  object.insert(object.end(), std::make_move_iterator(added.begin()), std::make_move_iterator(added.end()));
}

JsonTree::Object& madeObject(JsonTree& tree) {
  if (tree.asObject() == nullptr) tree = JsonTree::object();
  return *tree.asObject();
}

void mergeInto(JsonTree& tree, Steps path, const JsonTree::Object& members) {
  if (path.empty()) return setMembers(madeObject(tree), members);
  const Step& step = path.front();
  if (step.kind == Step::Kind::key) {
    auto& object = madeObject(tree);
    if (memberOf(object, step.key) == nullptr) object.emplace_back(step.key, JsonTree());
    return mergeInto(*memberOf(object, step.key), path.subspan(1), members);
  }
  if (!std::holds_alternative<JsonTree::Array>(tree.value)) tree = JsonTree{JsonTree::Array()};
  auto& items = std::get<JsonTree::Array>(tree.value);
  if (step.kind == Step::Kind::each) {
    for (JsonTree& item : items) mergeInto(item, path.subspan(1), members);
  } else if (step.index < items.size()) {
    mergeInto(items[step.index], path.subspan(1), members);
  }
}

void removeFrom(JsonTree& tree, Steps path) {
  const Step& step = path.front();
  const bool last = path.size() == 1;
  if (step.kind == Step::Kind::key) {
    auto* object = tree.asObject();
    if (object == nullptr) return;
    if (last) {
      std::erase_if(*object, [&](const auto& member) { return member.first == step.key; });
    } else if (JsonTree* member = memberOf(*object, step.key)) {
      removeFrom(*member, path.subspan(1));
    }
    return;
  }
  auto* items = std::get_if<JsonTree::Array>(&tree.value);
  if (items == nullptr) return;
  if (step.kind == Step::Kind::index) {
    if (!last && step.index < items->size()) removeFrom((*items)[step.index], path.subspan(1));
  } else if (last) {
    items->clear();
  } else {
    for (JsonTree& item : *items) removeFrom(item, path.subspan(1));
  }
}

/// The paths of a selector, so that each place of a payload is looked up once.
struct Branch {
  bool ends = false;  // a path ends here
  std::map<std::string_view, Branch> keys{};
  std::unique_ptr<Branch> each{};
};

Branch branchesOf(const std::vector<PayloadPath>& paths) {
  Branch root;
  for (const PayloadPath& path : paths) {
    Branch* branch = &root;
    bool whole = true;
    for (const Step& step : path.steps()) {
      if (step.kind == Step::Kind::index) {  // the way to the array counts, but none of its elements is meant
        whole = false;
        break;
      }
      if (step.kind == Step::Kind::key) {
        branch = &branch->keys[step.key];
      } else {
        if (branch->each == nullptr) branch->each = std::make_unique<Branch>();
        branch = branch->each.get();
      }
    }
    branch->ends = branch->ends || whole;
  }
  return root;
}

/// Keeps what the branches lead to or through, or else takes away what they end at.
class Selector {
 public:
  explicit Selector(bool keeps) : keeps_(keeps) {}

  /// The branch is never one at which a path ends.
  [[nodiscard]] JsonTree select(const JsonTree& tree, const Branch& branch) const {
    if (const auto* members = tree.asObject()) {
      JsonTree::Object result;
      for (const auto& [key, value] : *members) {
        const auto found = branch.keys.find(key);
        if (auto part = take(value, found == branch.keys.end() ? nullptr : &found->second)) result.emplace_back(key, std::move(*part));
      }
      return {std::move(result)};
    }
    const auto* items = std::get_if<JsonTree::Array>(&tree.value);
    if (items == nullptr) return tree;
    JsonTree::Array result;
    for (const JsonTree& item : *items) {
      if (auto part = take(item, branch.each.get())) result.push_back(std::move(*part));
    }
    return {std::move(result)};
  }

 private:
  [[nodiscard]] std::optional<JsonTree> take(const JsonTree& tree, const Branch* branch) const {
    if (branch == nullptr) return keeps_ ? std::nullopt : std::optional(tree);
    if (branch->ends) return keeps_ ? std::optional(tree) : std::nullopt;
    return select(tree, *branch);
  }

  bool keeps_;
};

}  // namespace

JsonTree JsonTree::from(simdjson::dom::element element) {
  using Type = simdjson::dom::element_type;
  switch (element.type()) {
    case Type::BOOL:
      return {bool(element)};
    case Type::INT64:
      return {std::int64_t(element)};
    case Type::UINT64:
      return {std::uint64_t(element)};
    case Type::DOUBLE:
      return {double(element)};
    case Type::STRING:
      return {std::string(std::string_view(element))};
    case Type::ARRAY: {
      Array items;
      for (const simdjson::dom::element item : simdjson::dom::array(element)) items.push_back(from(item));
      return {std::move(items)};
    }
    case Type::OBJECT: {
      Object members;
      for (const auto member : simdjson::dom::object(element)) members.emplace_back(std::string(member.key), from(member.value));
      dropDoubles(members);
      return {std::move(members)};
    }
    default:
      return {};
  }
}

JsonTree JsonTree::parse(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (const auto code = parser.parse(json.data(), json.size()).get(root); code != simdjson::SUCCESS) {
    throw ParseError(simdjson::error_message(code), 0);
  }
  return from(root);
}

std::string JsonTree::text() const {
  std::string out;
  append(out, *this);
  return out;
}

void mergeAt(JsonTree& root, const std::optional<PayloadPath>& path, const JsonTree::Object& members) {
  mergeInto(root, path ? Steps(path->steps()) : Steps(), members);
}

void removeAt(JsonTree& root, const PayloadPath& path) { removeFrom(root, path.steps()); }

JsonTree onlyPaths(const JsonTree& root, const std::vector<PayloadPath>& paths) { return Selector(true).select(root, branchesOf(paths)); }

JsonTree withoutPaths(const JsonTree& root, const std::vector<PayloadPath>& paths) {
  return Selector(false).select(root, branchesOf(paths));
}

}  // namespace qbatch::local
