#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "qbatch/json_items.hpp"

// Arrays of items (qbatch/json_items.hpp). All throw ParseError, with the place, where the text is no JSON array, and TooManyItems.
namespace qbatch::codec {

[[nodiscard]] ParsedItems<Pattern> readPatterns(std::string_view json, std::size_t most);
[[nodiscard]] ParsedItems<MetricUpdate> readMetricUpdates(std::string_view json, std::size_t most);
[[nodiscard]] ParsedItems<Query> readQueries(std::string_view json, std::size_t most);

[[nodiscard]] std::vector<JsonMember> readMembers(std::string_view json, std::size_t most);
[[nodiscard]] std::vector<JsonMember> readElements(std::string_view json, std::size_t most);

// The same of a member of an object, whose text may get more capacity.
[[nodiscard]] ParsedRequest<Pattern> readPatternsIn(std::string& object, std::string_view member, std::size_t most);
[[nodiscard]] ParsedRequest<MetricUpdate> readMetricUpdatesIn(std::string& object, std::string_view member, std::size_t most);
[[nodiscard]] ParsedRequest<Query> readQueriesIn(std::string& object, std::string_view member, std::size_t most);

}  // namespace qbatch::codec
