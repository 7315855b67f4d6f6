#pragma once
#include <cstddef>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "qbatch/pattern.hpp"
#include "qbatch/point_id.hpp"

namespace cli {

/// Where an item stands in the input.
struct Place {
  std::size_t index{};  ///< among the lines that are not blank, or the arguments, from 0
  std::size_t line{};   ///< from 1; 0 where the item was an argument
};

/// What to say instead of the library's words for a failed item, by its index in the call.
using Wordings = std::map<std::size_t, std::string>;

/// A line that is no item.
struct RejectedLine {
  Place place{};
  std::string problem{};
};

/// What was read: the items with their places, and the lines between them that are none.
template <class Item>
struct Input {
  std::vector<Item> items{};
  std::vector<Place> places{};
  std::vector<RejectedLine> rejected{};
};

// Each reads a file, or standard input for "-", to its end. Every line that is no item is named on stderr with its number, and the rest
// goes on. Ends soon after `stop` was asked for. Throws qbatch::InputError.

[[nodiscard]] Input<qbatch::Pattern> readPatterns(const std::string& path, std::stop_token stop);
[[nodiscard]] Input<qbatch::MetricUpdate> readUpdates(const std::string& path, std::stop_token stop);
/// A line is a query's text, or, where it begins with a brace, a JSON object with `text` or `vector`.
[[nodiscard]] Input<qbatch::Query> readQueries(const std::string& path, std::stop_token stop);
/// A line is an id.
[[nodiscard]] Input<qbatch::PointId> readIds(const std::string& path, std::stop_token stop);

/// Items that were arguments.
template <class Item>
[[nodiscard]] Input<Item> fromArguments(std::vector<Item> items) {
  Input<Item> input;
  for (std::size_t index = 0; index < items.size(); ++index) input.places.push_back({index, 0});
  input.items = std::move(items);
  return input;
}

}  // namespace cli
