#include "support/fake_qdrant_json.hpp"

#include <algorithm>
#include <charconv>
#include <span>

#include "codec/json_writer.hpp"

namespace qbatch::test {
namespace {

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

JsonTree* memberOf(JsonTree::Object& members, std::string_view key) {
  const auto found = std::find_if(members.begin(), members.end(), [&](const auto& member) { return member.first == key; });
  return found == members.end() ? nullptr : &found->second;
}

void setMember(JsonTree::Object& members, const std::string& key, const JsonTree& value) {
  if (JsonTree* present = memberOf(members, key)) {
    *present = value;
  } else {
    members.emplace_back(key, value);
  }
}

void removeMember(JsonTree::Object& members, std::string_view key) {
  std::erase_if(members, [&](const auto& member) { return member.first == key; });
}

/// Calls `act` for each element of `tree` that an index step or an each step means.
template <class Act>
void eachElement(JsonTree& tree, const PathStep& step, const Act& act) {
  auto* items = std::get_if<JsonTree::Array>(&tree.value);
  if (items == nullptr) return;
  for (std::size_t i = 0; i < items->size(); ++i) {
    if (step.kind == PathStep::Kind::each || step.index == i) act((*items)[i]);
  }
}

void mergeInto(JsonTree& tree, std::span<const PathStep> path, const JsonTree::Object& members) {
  if (path.empty() || path.front().kind == PathStep::Kind::key) {
    if (tree.asObject() == nullptr) tree = JsonTree::object();
    auto& object = *tree.asObject();
    if (path.empty()) {
      for (const auto& [key, value] : members) value.isNull() ? removeMember(object, key) : setMember(object, key, value);
      return;
    }
    if (memberOf(object, path.front().key) == nullptr) object.emplace_back(path.front().key, JsonTree());
    return mergeInto(*memberOf(object, path.front().key), path.subspan(1), members);
  }
  eachElement(tree, path.front(), [&](JsonTree& element) { mergeInto(element, path.subspan(1), members); });
}

void removeFrom(JsonTree& tree, std::span<const PathStep> path) {
  if (path.front().kind == PathStep::Kind::key) {
    auto* object = tree.asObject();
    if (object == nullptr) return;
    if (path.size() == 1) return removeMember(*object, path.front().key);
    if (JsonTree* member = memberOf(*object, path.front().key)) removeFrom(*member, path.subspan(1));
    return;
  }
  if (path.size() == 1) return;  // elements of arrays stay
  eachElement(tree, path.front(), [&](JsonTree& element) { removeFrom(element, path.subspan(1)); });
}

using Paths = std::vector<std::span<const PathStep>>;

/// nullopt where none of the paths leads into the value.
std::optional<JsonTree> kept(const JsonTree& tree, const Paths& paths) {
  if (paths.empty()) return std::nullopt;
  if (std::any_of(paths.begin(), paths.end(), [](const auto& path) { return path.empty(); })) return tree;
  if (const auto* members = tree.asObject()) {
    JsonTree::Object result;
    for (const auto& [key, value] : *members) {
      Paths rest;
      for (const auto& path : paths) {
        if (path.front().kind == PathStep::Kind::key && path.front().key == key) rest.push_back(path.subspan(1));
      }
      if (auto part = kept(value, rest)) result.emplace_back(key, std::move(*part));
    }
    return JsonTree{std::move(result)};
  }
  const auto* items = std::get_if<JsonTree::Array>(&tree.value);
  if (items == nullptr) return std::nullopt;
  JsonTree::Array result;
  for (std::size_t i = 0; i < items->size(); ++i) {
    Paths rest;
    for (const auto& path : paths) {
      const PathStep& step = path.front();
      if (step.kind == PathStep::Kind::each || (step.kind == PathStep::Kind::index && step.index == i)) rest.push_back(path.subspan(1));
    }
    if (auto part = kept((*items)[i], rest)) result.push_back(std::move(*part));
  }
  return JsonTree{std::move(result)};
}

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
      for (const auto member : simdjson::dom::object(element)) setMember(members, std::string(member.key), from(member.value));
      return {std::move(members)};
    }
    default:
      return {};
  }
}

std::string JsonTree::text() const {
  std::string out;
  append(out, *this);
  return out;
}

std::optional<JsonPath> parseJsonPath(std::string_view text) {
  JsonPath path;
  while (!text.empty()) {
    if (text.front() == '[' && !path.empty()) {
      const auto end = text.find(']');
      if (end == std::string_view::npos) return std::nullopt;
      const auto digits = text.substr(1, end - 1);
      PathStep step{digits.empty() ? PathStep::Kind::each : PathStep::Kind::index};
      const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), step.index);
      if (!digits.empty() && (read.ec != std::errc() || read.ptr != digits.data() + digits.size())) return std::nullopt;
      path.push_back(std::move(step));
      text.remove_prefix(end + 1);
      continue;
    }
    if (!path.empty()) {
      if (text.front() != '.') return std::nullopt;
      text.remove_prefix(1);
    }
    const bool quoted = !text.empty() && text.front() == '"';
    if (quoted) text.remove_prefix(1);
    const auto end = std::min(quoted ? text.find('"') : text.find_first_of(".[\""), text.size());
    if (end == 0 || (quoted && end == text.size())) return std::nullopt;
    path.push_back({PathStep::Kind::key, std::string(text.substr(0, end)), 0});
    text.remove_prefix(end + (quoted ? 1 : 0));
  }
  if (path.empty()) return std::nullopt;
  return path;
}

void mergeAt(JsonTree& root, const JsonPath& path, const JsonTree::Object& members) { mergeInto(root, path, members); }

void removeAt(JsonTree& root, const JsonPath& path) { removeFrom(root, path); }

JsonTree onlyPaths(const JsonTree& root, const std::vector<JsonPath>& paths) {
  return kept(root, Paths(paths.begin(), paths.end())).value_or(JsonTree::object());
}

}  // namespace qbatch::test
