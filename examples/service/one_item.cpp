// Requests about one item: what the library knows as an item, with members of the request beside its own.
#include <functional>
#include <string>
#include <utility>

#include "answers.hpp"
#include "body_members.hpp"
#include "json_values.hpp"
#include "requests.hpp"

namespace service {
namespace {

/// The members of the body's object that `take` does not take, behind those in `item`, as an array of one item. A member named `text` is
/// the item's "text".
std::string itemOf(std::string_view body, const std::function<bool(const BodyMember&)>& take, std::string item = {},
                   std::string_view text = "text") {
  readBody(body, {}, [&](const BodyMember& member) {
    if (take(member)) return true;
    const auto name = member.name() == text ? "text" : member.name();
    item += (item.empty() ? "" : ",") + cli::jsonString(name) + ":" + std::string(member.json());
    return true;
  });
  return "[{" + item + "}]";
}

/// What is no item is at fault itself; its JSON was in order.
template <class Item>
qbatch::ParsedItems<Item> good(qbatch::ParsedItems<Item> parsed) {
  if (!parsed.refused.empty()) throw Refusal(422, parsed.refused.front().reason);
  return parsed;
}

}  // namespace

StoreRequest readPattern(std::string_view body) {
  StoreRequest request;
  const auto array = itemOf(body, [&](const BodyMember& member) { return takeOption(request.options, member); });
  request.patterns = good(qbatch::parsePatterns(array));
  return request;
}

SearchRequest readOneSearch(std::string_view body) {
  SearchRequest request;
  const auto array = itemOf(
      body, [&](const BodyMember& member) { return takeOption(request.options, member); }, {}, "query");
  request.queries = good(qbatch::parseQueries(array));
  return request;
}

UpdateRequest readOneUpdate(std::string_view body, const qbatch::PointId& id) {
  UpdateRequest request;
  const auto take = [&](const BodyMember& member) {
    if (member.name() == "id") throw Refusal(422, "\"id\" does not belong into the body: it stands in the address");
    return takeOption(request.options, member);
  };
  const auto array = itemOf(body, take, "\"id\":\"" + id.toString() + "\"");
  request.updates = good(qbatch::parseMetricUpdates(array));
  return request;
}

}  // namespace service
