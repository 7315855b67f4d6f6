#include "codec/item_arrays.hpp"

#include <simdjson.h>

#include <optional>
#include <string>
#include <utility>

#include "codec/item_lines.hpp"
#include "codec/json_check.hpp"
#include "codec/json_line.hpp"
#include "codec/json_walk.hpp"
#include "qbatch/error.hpp"

namespace qbatch::codec {
namespace {

namespace ondemand = simdjson::ondemand;

/// All items, where every one of them is good: in one pass.
template <class Item, class Of>
std::optional<std::vector<Item>> readGood(std::string_view json, std::size_t most, const Of& of) {
  std::vector<Item> items;
  std::size_t count = 0;
  try {
    const simdjson::padded_string padded(json);
    ondemand::parser parser;
    ondemand::document document = parser.iterate(padded);
    for (auto element : document.get_array()) {
      ondemand::value value = element.value();
      if (++count <= most) items.push_back(of(value));
    }
    if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) return std::nullopt;  // more follows
  } catch (const LineError&) {
    return std::nullopt;
  } catch (const simdjson::simdjson_error&) {
    return std::nullopt;
  }
  if (count > most) throw TooManyItems(count);
  return items;
}

/// Item by item, where some are not good, or where it has to be said what is wrong with the whole.
template <class Item, class Read>
ParsedItems<Item> readEach(std::string_view json, std::size_t most, const Read& read) {
  static_cast<void>(checkJson(json));
  const auto begin = json.find_first_not_of(" \t\r\n");
  if (json[begin] != '[') throw ParseError("an array is wanted here", begin);
  ParsedItems<Item> parsed;
  JsonLines lines;
  JsonWalk walk(json.substr(begin));
  std::size_t count = 0;
  for (auto element = walk.next(); element; element = walk.next()) {
    if (++count > most) continue;
    std::string line = JsonLines::copyOf(element->value);
    try {
      parsed.items.push_back(read(lines, line));
    } catch (const LineError& error) {
      parsed.refused.push_back({parsed.size(), std::string(element->value), error.what()});
    }
  }
  if (count > most) throw TooManyItems(count);
  return parsed;
}

template <class Item, class Of, class Read>
ParsedItems<Item> readArray(std::string_view json, std::size_t most, const Of& of, const Read& read) {
  if (auto items = readGood<Item>(json, most, of)) return {std::move(*items), {}};
  return readEach<Item>(json, most, read);
}

Query queryLine(JsonLines& lines, std::string& line) {
  if (!line.starts_with('"')) return readQuery(lines, line);
  return {unescape(std::string_view(line).substr(1, line.size() - 2)), {}};
}

}  // namespace

ParsedItems<Pattern> readPatterns(std::string_view json, std::size_t most) {
  const auto of = [](ondemand::value& value) {
    Member member({}, value);
    return patternOf(member);
  };
  return readArray<Pattern>(json, most, of, readPattern);
}

ParsedItems<MetricUpdate> readMetricUpdates(std::string_view json, std::size_t most) {
  const auto of = [](ondemand::value& value) {
    Member member({}, value);
    return updateOf(member);
  };
  return readArray<MetricUpdate>(json, most, of, readMetricUpdate);
}

ParsedItems<Query> readQueries(std::string_view json, std::size_t most) {
  const auto of = [](ondemand::value& value) {
    Member member({}, value);
    const bool text = value.type() == ondemand::json_type::string;
    return text ? Query{member.text(), {}} : queryOf(member);
  };
  return readArray<Query>(json, most, of, queryLine);
}

}  // namespace qbatch::codec
