#include "qbatch/json_items.hpp"

#include "codec/item_arrays.hpp"
#include "codec/item_lines.hpp"

namespace qbatch {
namespace {

template <class Read>
auto readCopy(std::string_view json, const Read& read) {
  codec::JsonLines lines;
  std::string copy = codec::JsonLines::copyOf(json);
  return read(lines, copy);
}

}  // namespace

Pattern parsePattern(std::string_view json) { return readCopy(json, codec::readPattern); }

MetricUpdate parseMetricUpdate(std::string_view json) { return readCopy(json, codec::readMetricUpdate); }

Query parseQuery(std::string_view json) { return readCopy(json, codec::readQuery); }

TooManyItems::TooManyItems(std::size_t count) : std::length_error(std::to_string(count) + " items are too many"), count_(count) {}

ParsedItems<Pattern> parsePatterns(std::string_view json, std::size_t most) { return codec::readPatterns(json, most); }

ParsedItems<MetricUpdate> parseMetricUpdates(std::string_view json, std::size_t most) { return codec::readMetricUpdates(json, most); }

ParsedItems<Query> parseQueries(std::string_view json, std::size_t most) { return codec::readQueries(json, most); }

std::vector<JsonMember> parseMembers(std::string_view json, std::size_t most) { return codec::readMembers(json, most); }

std::vector<JsonMember> parseElements(std::string_view json, std::size_t most) { return codec::readElements(json, most); }

ParsedRequest<Pattern> parsePatternsIn(std::string& object, std::string_view member, std::size_t most) {
  return codec::readPatternsIn(object, member, most);
}

ParsedRequest<MetricUpdate> parseMetricUpdatesIn(std::string& object, std::string_view member, std::size_t most) {
  return codec::readMetricUpdatesIn(object, member, most);
}

ParsedRequest<Query> parseQueriesIn(std::string& object, std::string_view member, std::size_t most) {
  return codec::readQueriesIn(object, member, most);
}

}  // namespace qbatch
