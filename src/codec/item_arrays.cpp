#include "codec/item_arrays.hpp"

#include <simdjson.h>

#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "codec/item_lines.hpp"
#include "codec/json_check.hpp"
#include "codec/json_line.hpp"
#include "codec/json_walk.hpp"
#include "qbatch/error.hpp"

namespace qbatch::codec {
namespace {

namespace ondemand = simdjson::ondemand;

Query queryLine(JsonLines& lines, std::string& line) {
  if (!line.starts_with('"')) return readQuery(lines, line);
  return {unescape(std::string_view(line).substr(1, line.size() - 2)), {}};
}

Query queryValue(Member& member, ondemand::value& value) {
  return value.type() == ondemand::json_type::string ? Query{member.text(), {}} : queryOf(member);
}

/// How items of a kind are read: from a value within a larger text, or from a text of their own, which is slower and says what is wrong.
template <class Item>
struct Reading {
  Item (*ofValue)(Member& member, ondemand::value& value);
  Item (*ofLine)(JsonLines& lines, std::string& line);
};
constexpr Reading<Pattern> patternReading{[](Member& member, ondemand::value&) { return patternOf(member); }, readPattern};
constexpr Reading<MetricUpdate> updateReading{[](Member& member, ondemand::value&) { return updateOf(member); }, readMetricUpdate};
constexpr Reading<Query> queryReading{queryValue, queryLine};

void requireEnd(ondemand::document& document) {
  // Asked for what is behind the end, simdjson gives an error.
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) throw simdjson::simdjson_error(simdjson::TAPE_ERROR);
}

/// All items, where every one of them is good; LineError where one is not.
template <class Item>
std::vector<Item> readGood(ondemand::array array, std::size_t most, const Reading<Item>& reading) {
  std::vector<Item> items;
  std::size_t count = 0;
  for (auto element : array) {
    ondemand::value value = element.value();
    if (++count > most) continue;
    Member member({}, value);
    items.push_back(reading.ofValue(member, value));
  }
  if (count > most) throw TooManyItems(count);
  return items;
}

/// Item by item, where some are not good. `array` is valid JSON, in which it stands at `place`.
template <class Item>
ParsedItems<Item> readEach(std::string_view array, std::size_t place, std::size_t most, const Reading<Item>& reading) {
  if (!array.starts_with('[')) throw ParseError("an array is wanted here", place);
  ParsedItems<Item> parsed;
  JsonLines lines;
  std::size_t count = 0;
  JsonWalk walk(array);
  for (auto element = walk.next(); element; element = walk.next()) {
    if (++count > most) continue;
    std::string line = JsonLines::copyOf(element->value);
    try {
      parsed.items.push_back(reading.ofLine(lines, line));
    } catch (const LineError& error) {
      parsed.refused.push_back({parsed.size(), std::string(element->value), error.what()});
    }
  }
  if (count > most) throw TooManyItems(count);
  return parsed;
}

/// Where the one value of `json`, which is checked, begins.
std::size_t beginOf(std::string_view json) {
  static_cast<void>(checkJson(json));
  return json.find_first_not_of(" \t\r\n");
}

/// `quick` takes only what is good throughout, and throws LineError or simdjson_error for the rest, which `slow` reads.
template <class Quick, class Slow>
auto quickOrSlow(const Quick& quick, const Slow& slow) {
  try {
    return quick();
  } catch (const LineError&) {
  } catch (const simdjson::simdjson_error&) {
  }
  return slow();
}

template <class Item>
ParsedItems<Item> readArray(std::string_view json, std::size_t most, const Reading<Item>& reading) {
  const auto quick = [&] {
    const simdjson::padded_string padded(json);
    ondemand::parser parser;
    ondemand::document document = parser.iterate(padded);
    ParsedItems<Item> parsed{readGood<Item>(document.get_array(), most, reading), {}};
    requireEnd(document);
    return parsed;
  };
  return quickOrSlow(quick, [&] {
    const auto begin = beginOf(json);
    return readEach<Item>(json.substr(begin), begin, most, reading);
  });
}

/// The names of an object's members, which must differ.
class Names {
 public:
  void add(const std::string& name, std::size_t place) {
    if (!seen_.insert(name).second) throw ParseError("\"" + name + "\" stands twice", place);
  }

 private:
  std::unordered_set<std::string> seen_;
};

/// The members that a request may have beside its items, as many as ParsedRequest says.
void addOther(std::vector<JsonMember>& others, JsonMember member) {
  constexpr std::size_t most = 1000;
  if (others.size() == most) throw ParseError("the object has too many members", member.offset);
  others.push_back(std::move(member));
}

/// Hands each member of an object, or element of an array (`opening` says which), to `take`.
template <class Take>
void eachEntry(std::string_view json, char opening, const Take& take) {
  const auto begin = beginOf(json);
  if (json[begin] != opening) throw ParseError(opening == '{' ? "an object is wanted here" : "an array is wanted here", begin);
  JsonWalk walk(json.substr(begin));
  for (auto entry = walk.next(); entry; entry = walk.next())
    take(JsonMember{unescape(entry->name), entry->value, static_cast<std::size_t>(entry->value.data() - json.data())});
}

/// A value as it stands there. Read, so that the next member is looked for behind it, and checked by itself, as simdjson passes over what
/// is in an object or array without a look at it.
std::string_view rawValue(ondemand::value& value) {
  using ondemand::json_type;
  std::string_view raw;
  const json_type type = value.type();
  if (type == json_type::array || type == json_type::object) {
    raw = simdjson::to_json_string(value);
  } else {
    raw = value.raw_json_token();
    if (type == json_type::string) {
      static_cast<void>(std::string_view(value.get_string()));
    } else if (type == json_type::number) {
      static_cast<void>(double(value.get_double()));
    } else if (type == json_type::boolean) {
      static_cast<void>(bool(value.get_bool()));
    } else if (!value.is_null()) {
      throw simdjson::simdjson_error(simdjson::N_ATOM_ERROR);
    }
  }
  raw = raw.substr(0, raw.find_last_not_of(" \t\r\n") + 1);
  try {
    static_cast<void>(checkJson(raw));
  } catch (const ParseError&) {
    throw simdjson::simdjson_error(simdjson::TAPE_ERROR);  // the slow way says where
  }
  return raw;
}

template <class Item>
ParsedRequest<Item> quickRequest(std::string& object, std::string_view wanted, std::size_t most, const Reading<Item>& reading) {
  object.reserve(object.size() + simdjson::SIMDJSON_PADDING);
  const simdjson::padded_string_view padded(object.data(), object.size(), object.capacity());
  ondemand::parser parser;
  ondemand::document document = parser.iterate(padded);
  ParsedRequest<Item> request;
  Names names;
  for (auto field : document.get_object()) {
    const std::string name(std::string_view(field.unescaped_key()));
    ondemand::value value = field.value();
    // What is not in order is left to the slow way, which has the words.
    if (name == wanted) {
      if (request.items) throw LineError("twice");
      request.items = ParsedItems<Item>{readGood<Item>(value.get_array(), most, reading), {}};
      continue;
    }
    const auto raw = rawValue(value);
    const auto place = static_cast<std::size_t>(raw.data() - object.data());
    names.add(name, place);
    addOther(request.others, {name, raw, place});
  }
  requireEnd(document);
  return request;
}

template <class Item>
ParsedRequest<Item> slowRequest(std::string_view object, std::string_view wanted, std::size_t most, const Reading<Item>& reading) {
  ParsedRequest<Item> request;
  Names names;
  eachEntry(object, '{', [&](JsonMember member) {
    names.add(member.name, member.offset);
    if (member.name == wanted) {
      request.items = readEach<Item>(member.json, member.offset, most, reading);
    } else {
      addOther(request.others, std::move(member));
    }
  });
  return request;
}

template <class Item>
ParsedRequest<Item> readRequest(std::string& object, std::string_view member, std::size_t most, const Reading<Item>& reading) {
  return quickOrSlow([&] { return quickRequest(object, member, most, reading); },
                     [&] { return slowRequest(object, member, most, reading); });
}

}  // namespace

std::vector<JsonMember> readMembers(std::string_view json, std::size_t most) {
  std::vector<JsonMember> members;
  Names names;
  std::size_t count = 0;
  eachEntry(json, '{', [&](JsonMember member) {
    if (++count > most) return;
    names.add(member.name, member.offset);
    members.push_back(std::move(member));
  });
  if (count > most) throw TooManyItems(count);
  return members;
}

std::vector<JsonMember> readElements(std::string_view json, std::size_t most) {
  std::vector<JsonMember> elements;
  std::size_t count = 0;
  eachEntry(json, '[', [&](JsonMember element) {
    if (++count <= most) elements.push_back(std::move(element));
  });
  if (count > most) throw TooManyItems(count);
  return elements;
}

ParsedItems<Pattern> readPatterns(std::string_view json, std::size_t most) { return readArray(json, most, patternReading); }
ParsedItems<MetricUpdate> readMetricUpdates(std::string_view json, std::size_t most) { return readArray(json, most, updateReading); }
ParsedItems<Query> readQueries(std::string_view json, std::size_t most) { return readArray(json, most, queryReading); }

ParsedRequest<Pattern> readPatternsIn(std::string& object, std::string_view member, std::size_t most) {
  return readRequest(object, member, most, patternReading);
}
ParsedRequest<MetricUpdate> readMetricUpdatesIn(std::string& object, std::string_view member, std::size_t most) {
  return readRequest(object, member, most, updateReading);
}
ParsedRequest<Query> readQueriesIn(std::string& object, std::string_view member, std::size_t most) {
  return readRequest(object, member, most, queryReading);
}

}  // namespace qbatch::codec
