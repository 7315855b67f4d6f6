#include "input.hpp"

#include <stdexcept>
#include <string_view>
#include <utility>

#include "messages.hpp"
#include "qbatch/json_items.hpp"
#include "qbatch/lines.hpp"

namespace cli {
namespace {

/// Reads all lines through `parse`, which makes an item of a line or throws std::invalid_argument.
template <class Item, class Parse>
Input<Item> readLines(const std::string& path, const std::stop_token& stop, const Parse& parse) {
  Input<Item> input;
  qbatch::LineReader reader(path);
  for (std::size_t index = 0; reader.next(stop); ++index) {
    const Place place{index, reader.number()};
    try {
      input.items.push_back(parse(reader.text()));
      input.places.push_back(place);
    } catch (const std::invalid_argument& error) {
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

}  // namespace

Input<qbatch::Pattern> readPatterns(const std::string& path, std::stop_token stop) {
  return readLines<qbatch::Pattern>(path, stop, qbatch::parsePattern);
}

Input<qbatch::MetricUpdate> readUpdates(const std::string& path, std::stop_token stop) {
  return readLines<qbatch::MetricUpdate>(path, stop, qbatch::parseMetricUpdate);
}

Input<qbatch::Query> readQueries(const std::string& path, std::stop_token stop) {
  return readLines<qbatch::Query>(path, stop, [](const std::string& line) {
    return trimmed(line).starts_with('{') ? qbatch::parseQuery(line) : qbatch::Query{.text = line};
  });
}

Input<qbatch::PointId> readIds(const std::string& path, std::stop_token stop) {
  return readLines<qbatch::PointId>(path, stop, [](const std::string& line) { return qbatch::PointId::parse(trimmed(line)); });
}

}  // namespace cli
