#include "requests.hpp"

#include <algorithm>
#include <utility>

#include "answers.hpp"
#include "body_members.hpp"
#include "qbatch/error.hpp"

namespace service {
namespace {

/// What the three big requests have in common: an array of items, and options beside it.
struct Kind {
  std::string_view items;   ///< the array's name
  std::string option;       ///< of the service: sets the most items
  std::string_view others;  ///< the names of the other members, for messages
};

[[noreturn]] void tooMany(std::string_view name, std::size_t count, std::size_t most, const std::string& option) {
  throw Refusal(413, std::to_string(count) + " " + std::string(name) + " are more than the " + std::to_string(most) +
                         " that one request may carry; send them in several requests, or start the service with a larger " + option);
}

[[noreturn]] void unknown(std::string_view name, const Kind& kind) {
  throw Refusal(400, "unknown member \"" + std::string(name) + "\"; the body of this request may have " + std::string(kind.items) + ", " +
                         std::string(kind.others));
}

[[noreturn]] void missing(const std::string& name) { throw Refusal(400, "\"" + name + "\" is missing in the body"); }

std::string collectionName(const BodyMember& member) {
  auto name = member.text();
  if (name.empty()) throw Refusal(400, "\"" + std::string(member.name()) + "\" must be the name of a collection, and is empty");
  return name;
}

constexpr std::size_t mostCollections = 64, mostFilterBytes = 1u << 20;

/// Each collection that is searched gets a copy.
qbatch::Filter filterOf(const BodyMember& member) {
  if (member.json().size() > mostFilterBytes) throw Refusal(413, "the filter is larger than 1 MiB; use fewer or shorter conditions");
  qbatch::Filter filter;
  member.parse([&](std::string_view json) { filter = qbatch::Filter::json(json); });
  return filter;
}

qbatch::PointId idOf(const BodyMember& member) {
  // As ids stand in updates: a whole number, or a text with one or a UUID.
  const auto parsed = qbatch::parseMetricUpdates("[{\"id\":" + std::string(member.json()) + "}]");
  if (parsed.items.empty()) member.refuse("a whole number from 0 to 18446744073709551615 or a UUID");
  return parsed.items.front().id;
}

/// One action as it is written.
struct Action {
  std::string action{}, alias{};
  qbatch::CollectionInfo info{};
  std::vector<std::string> names{};  ///< of its members
};

bool take(Action& action, const BodyMember& member) {
  const auto& name = member.name();
  if (name == "action") {
    action.action = member.text();
  } else if (name == "collection") {
    action.info.name = member.text();
  } else if (name == "alias") {
    action.alias = member.text();
  } else if (name == "size") {
    action.info.dimension = member.wholeNumber();
  } else if (name == "vector_name") {
    action.info.vectorName = member.text();
  } else if (name == "distance") {
    const auto distance = qbatch::parseDistance(member.text());
    if (!distance) member.refuse("\"Cosine\", \"Dot\", \"Euclid\" or \"Manhattan\"");
    action.info.distance = *distance;
  } else {
    return false;
  }
  action.names.push_back(name);
  return true;
}

qbatch::CollectionChange changeOf(const BodyMember& element) {
  if (element.json().front() != '{') element.refuse("an object with an \"action\"");
  Action action;
  readBody(element.json(), {"action", "collection", "alias", "size", "distance", "vector_name"},
           [&](const BodyMember& member) { return take(action, member); });
  using Names = std::initializer_list<std::string_view>;
  const auto has = [](const auto& names, std::string_view name) { return std::find(names.begin(), names.end(), name) != names.end(); };
  const auto requireMembers = [&](Names must, Names may) {
    const auto refuse = [&](const char* how, std::string_view name) {
      element.refuse(std::string("an action ") + how + " \"" + std::string(name) + "\", as it is \"" + action.action + "\"");
    };
    for (const auto name : must)
      if (!has(action.names, name)) refuse("with", name);
    for (const auto& name : action.names)
      if (name != "action" && !has(must, name) && !has(may, name)) refuse("without", name);
  };
  if (action.action == "create") {
    requireMembers({"collection", "size"}, {"distance", "vector_name"});
    return qbatch::CreateCollection{action.info};
  }
  if (action.action == "delete") {
    requireMembers({"collection"}, {});
    return qbatch::DropCollection{action.info.name};
  }
  if (action.action == "alias") {
    requireMembers({"alias", "collection"}, {});
    return qbatch::SetAlias{action.alias, action.info.name};
  }
  element.refuse("an object whose \"action\" is \"create\", \"delete\" or \"alias\"");
}

}  // namespace

bool takeOption(qbatch::StoreOptions& options, const BodyMember& member) {
  if (member.name() == "collection") {
    options.collection = collectionName(member);
  } else if (member.name() == "existing") {
    const auto word = member.text();
    using qbatch::Existing;
    if (word != "keep" && word != "replace" && word != "skip") member.refuse("\"keep\", \"replace\" or \"skip\"");
    options.existing = word == "keep" ? Existing::keepMetrics : word == "replace" ? Existing::replace : Existing::skip;
  } else {
    return false;
  }
  return true;
}

bool takeOption(qbatch::SearchOptions& options, const BodyMember& member) {
  const auto name = member.name();
  if (name == "limit") {
    options.limit = member.wholeNumber();
  } else if (name == "offset") {
    options.offset = member.wholeNumber();
  } else if (name == "filter") {
    options.filter = filterOf(member);
  } else if (name == "min_score") {
    options.minScore = static_cast<float>(member.number());
  } else if (name == "exact") {
    options.exact = member.flag();
  } else if (name == "collection") {
    options.collection = collectionName(member);
  } else if (name == "collections") {
    for (const auto& element : member.elements(mostCollections)) options.collections.push_back(collectionName(element));
    if (options.collections.empty()) member.refuse("an array with the name of a collection, or several");
  } else {
    return false;
  }
  return true;
}

bool takeOption(qbatch::UpdateOptions& options, const BodyMember& member) {
  if (member.name() != "collection") return false;
  options.collection = collectionName(member);
  return true;
}

namespace {

template <class Item, class Options, class Parse>
qbatch::ParsedItems<Item> readRequest(std::string& body, std::size_t most, const Kind& kind, const Parse& parse, Options& options) {
  try {
    qbatch::ParsedRequest<Item> request = parse(body, kind.items, most);
    if (!request.items) missing(std::string(kind.items));
    for (const auto& other : request.others) {
      if (!takeOption(options, BodyMember(other.name, other.json, other.offset))) unknown(other.name, kind);
    }
    return std::move(*request.items);
  } catch (const qbatch::TooManyItems& error) {
    tooMany(kind.items, error.count(), most, kind.option);
  } catch (const qbatch::ParseError& error) {
    throw Refusal(400, std::string("the body cannot be taken: ") + error.what());
  }
}

}  // namespace

StoreRequest readStore(std::string& body, std::size_t most) {
  static const Kind kind{"patterns", "--max-patterns", "collection, existing"};
  StoreRequest request;
  request.patterns = readRequest<qbatch::Pattern>(body, most, kind, qbatch::parsePatternsIn, request.options);
  return request;
}

SearchRequest readSearch(std::string& body, std::size_t most) {
  static const Kind kind{"queries", "--max-queries", "limit, offset, filter, min_score, exact, collection, collections"};
  SearchRequest request;
  request.queries = readRequest<qbatch::Query>(body, most, kind, qbatch::parseQueriesIn, request.options);
  return request;
}

UpdateRequest readUpdate(std::string& body, std::size_t most) {
  static const Kind kind{"updates", "--max-updates", "collection"};
  UpdateRequest request;
  request.updates = readRequest<qbatch::MetricUpdate>(body, most, kind, qbatch::parseMetricUpdatesIn, request.options);
  return request;
}

DeleteRequest readDelete(std::string_view body, std::size_t most) {
  DeleteRequest request;
  bool ids = false, filter = false;
  readBody(body, {"ids", "filter", "collection"}, [&](const BodyMember& member) {
    if (member.name() == "collection") {
      request.options.collection = collectionName(member);
    } else if (member.name() == "filter") {
      filter = true;
      request.what = filterOf(member);
    } else if (member.name() == "ids") {
      ids = true;
      std::vector<qbatch::PointId> list;
      const auto elements = member.elements(qbatch::anyNumber);
      if (elements.size() > most) tooMany(member.name(), elements.size(), most, "--max-patterns");
      for (const auto& element : elements) list.push_back(idOf(element));
      request.what = std::move(list);
    } else {
      return false;
    }
    return true;
  });
  if (ids == filter) throw Refusal(400, "the body must have either \"ids\" or \"filter\": which points to delete");
  return request;
}

CollectionsRequest readCollections(std::string_view body, std::size_t most) {
  CollectionsRequest request;
  bool there = false;
  readBody(body, {"actions"}, [&](const BodyMember& member) {
    if (member.name() != "actions") return false;
    there = true;
    for (const auto& element : member.elements(most)) request.changes.push_back(changeOf(element));
    return true;
  });
  if (!there) missing("actions");
  return request;
}

}  // namespace service
