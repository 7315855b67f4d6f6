#include "input.hpp"

#include <string_view>
#include <utility>

#include "interrupt.hpp"
#include "json_line.hpp"
#include "line_reader.hpp"
#include "messages.hpp"
#include "qbatch/error.hpp"

namespace cli {
namespace {

/// Reads all lines through `parse`, which makes an item of a line or throws LineError.
template <class Item, class Parse>
Input<Item> readLines(const std::string& path, const Parse& parse) {
  Input<Item> input;
  LineReader reader(path, &Interrupt::requested);
  for (std::size_t index = 0; reader.next(); ++index) {
    const Place place{index, reader.number()};
    try {
      input.items.push_back(parse(reader.text()));
      input.places.push_back(place);
    } catch (const LineError& error) {
      complain(reader.name() + ":" + std::to_string(place.line) + ": " + error.what());
      input.rejected.push_back({place, error.what()});
    }
  }
  if (reader.cutShort()) complain(reader.name() + ": not read to its end, because a signal asked to stop");
  return input;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  return first == std::string_view::npos ? "" : text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

qbatch::Query parseQuery(JsonLines& json, std::string& line) {
  qbatch::Query query;
  if (!trimmed(line).starts_with('{')) {
    query.text = line;
    return query;
  }
  const auto take = [&](Member& member) {
    if (member.name() == "text") {
      query.text = member.text();
    } else if (member.name() == "vector") {
      query.vector = member.vector();
    } else {
      return false;
    }
    return true;
  };
  json.read(line, take, "a query", {"text", "vector"});
  return query;
}

}  // namespace

Input<qbatch::Pattern> readPatterns(const std::string& path) {
  JsonLines json;
  return readLines<qbatch::Pattern>(path, [&](std::string& line) {
    qbatch::Pattern pattern;
    const auto take = [&](Member& member) {
      const auto name = member.name();
      if (name == "description") {
        pattern.description = member.text();
      } else if (name == "code") {
        pattern.code = member.text();
      } else if (name == "language") {
        pattern.language = member.text();
      } else if (name == "metadata") {
        pattern.metadata = member.object();
      } else if (name == "id") {
        pattern.id = member.id();
      } else if (name == "vector") {
        pattern.vector = member.vector();
      } else {
        return false;
      }
      return true;
    };
    json.read(line, take, "a pattern", {"description", "code", "language", "metadata", "id", "vector"});
    return pattern;
  });
}

Input<qbatch::MetricUpdate> readUpdates(const std::string& path) {
  JsonLines json;
  return readLines<qbatch::MetricUpdate>(path, [&](std::string& line) {
    qbatch::MetricUpdate update;
    bool named = false;
    const auto take = [&](Member& member) {
      const auto name = member.name();
      if (name == "id") {
        update.id = member.id();
        named = true;
      } else if (name == "increment_usage") {
        update.incrementUsage = member.wholeNumberOrBool();
      } else if (name == "success_rate") {
        update.successRate = member.number();
      } else if (name == "last_used") {
        update.lastUsed = member.text();
      } else if (name == "set") {
        update.set = member.object();
      } else {
        return false;
      }
      return true;
    };
    json.read(line, take, "an update", {"id", "increment_usage", "success_rate", "last_used", "set"});
    if (!named) throw LineError("\"id\" is missing: which point to update");
    return update;
  });
}

Input<qbatch::Query> readQueries(const std::string& path) {
  JsonLines json;
  return readLines<qbatch::Query>(path, [&](std::string& line) { return parseQuery(json, line); });
}

Input<qbatch::PointId> readIds(const std::string& path) {
  return readLines<qbatch::PointId>(path, [](std::string& line) {
    try {
      return qbatch::PointId::parse(trimmed(line));
    } catch (const qbatch::ParseError& error) {
      throw LineError(error.what());
    }
  });
}

}  // namespace cli
