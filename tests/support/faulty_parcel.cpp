#include "support/faulty_parcel.hpp"

#include <algorithm>
#include <set>
#include <string_view>

#include "local/json_tree.hpp"

namespace qbatch::test {

namespace {

using local::JsonTree;

const JsonTree* find(const JsonTree& tree, std::string_view name) {
  const auto* members = tree.asObject();
  if (members == nullptr) return nullptr;
  const auto found = std::find_if(members->begin(), members->end(), [&](const auto& member) { return member.first == name; });
  return found == members->end() ? nullptr : &found->second;
}

const JsonTree::Array* listIn(const JsonTree& tree, std::string_view name) {
  const auto* member = find(tree, name);
  return member == nullptr ? nullptr : std::get_if<JsonTree::Array>(&member->value);
}

PointId idOf(const JsonTree& value) {
  const auto* text = std::get_if<std::string>(&value.value);
  return PointId::parse(text ? *text : value.text());
}

bool isId(const JsonTree& value) {
  return std::holds_alternative<std::int64_t>(value.value) || std::holds_alternative<std::uint64_t>(value.value) ||
         std::holds_alternative<std::string>(value.value);
}

// Whatever the body is: points and ids stand under these names.
void collect(const JsonTree& tree, std::set<PointId>& ids) {
  if (const auto* array = std::get_if<JsonTree::Array>(&tree.value)) {
    for (const auto& element : *array) collect(element, ids);
    return;
  }
  const auto* members = tree.asObject();
  if (members == nullptr) return;
  for (const auto& [name, value] : *members) {
    const auto* list = std::get_if<JsonTree::Array>(&value.value);
    if (list != nullptr && (name == "points" || name == "ids" || name == "has_id")) {
      for (const auto& element : *list) {
        if (const auto* id = find(element, "id"))
          ids.insert(idOf(*id));
        else if (isId(element))
          ids.insert(idOf(element));
      }
    } else if (name != "payload" && name != "update_filter") {
      collect(value, ids);
    }
  }
}

Parcel::Kind kindOf(const Exchange& exchange) {
  const auto ends = [&](std::string_view end) { return exchange.path.ends_with(end); };
  if (exchange.method == "GET") return Parcel::Kind::read;
  if (exchange.method == "PUT" && ends("/points")) return Parcel::Kind::upsert;
  if (exchange.path.find("/points") == std::string::npos) return Parcel::Kind::ofCollection;
  const bool read = exchange.method == "POST" &&
                    (ends("/points") || ends("/points/scroll") || ends("/points/count") || ends("/points/query/batch") || ends("/query"));
  return read ? Parcel::Kind::read : Parcel::Kind::otherUpdate;
}

bool isBad(const JsonTree& search) {
  const auto* vector = listIn(search, "query");
  if (vector == nullptr || vector->empty()) return false;
  const auto text = vector->front().text();
  return std::stof(text) == badQueryMark;
}

void readBody(Parcel& parcel, const std::string& text) {
  const auto body = JsonTree::parse(text);
  std::set<PointId> ids;
  collect(body, ids);
  parcel.ids.assign(ids.begin(), ids.end());
  if (const auto* operations = listIn(body, "operations")) parcel.operations = operations->size();
  if (const auto* searches = listIn(body, "searches")) {
    parcel.queries = searches->size();
    parcel.badQuery = std::any_of(searches->begin(), searches->end(), isBad);
  }
}

}  // namespace

bool Parcel::waits() const {
  const auto wish = exchange.query.find("wait");
  return wish != exchange.query.end() && wish->second == "true";
}

Exchange exchangeOf(std::string method, std::string path, std::string body) {
  Exchange exchange;
  exchange.method = std::move(method);
  exchange.body = std::move(body);
  const auto mark = path.find('?');
  exchange.path = path.substr(0, mark);
  exchange.target = path;
  while (mark != std::string::npos && !path.empty()) {
    path.erase(0, path.find(exchange.query.empty() ? '?' : '&') + 1);
    const auto end = std::min(path.find('&'), path.size()), equals = path.find('=');
    if (equals < end) exchange.query[path.substr(0, equals)] = percentDecoded(path.substr(equals + 1, end - equals - 1));
    if (end == path.size()) break;
  }
  return exchange;
}

Parcel parcelOf(const http::Request& request) {
  const auto host = request.url.find("://") + 3;
  Parcel parcel;
  parcel.exchange = exchangeOf(request.method, request.url.substr(request.url.find('/', host)), request.body ? *request.body : "");
  for (const auto& [name, value] : request.headers) {
    std::string lower = name;
    std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
    parcel.exchange.headers.emplace_back(lower, value);
  }
  parcel.kind = kindOf(parcel.exchange);
  if (request.body && !request.body->empty()) readBody(parcel, *request.body);
  return parcel;
}

std::string keepPoints(const std::string& upsert, const std::function<bool(const PointId&)>& keep) {
  auto body = JsonTree::parse(upsert);
  for (auto& [name, value] : *body.asObject()) {
    auto* points = std::get_if<JsonTree::Array>(&value.value);
    if (name != "points" || points == nullptr) continue;
    std::erase_if(*points, [&](const JsonTree& point) { return !keep(idOf(*find(point, "id"))); });
    if (points->empty()) return {};
  }
  return body.text();
}

}  // namespace qbatch::test
