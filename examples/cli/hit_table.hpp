#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "input.hpp"
#include "qbatch/pattern.hpp"

namespace cli {

/// Search results for people: a heading for each query and a row for each hit, in the order of the input.
class HitTables {
 public:
  /// `problem` is empty where the query was answered.
  void add(const Place& place, const qbatch::Query& query, std::span<const qbatch::Hit> hits, const std::string& problem);
  void addRejected(const RejectedLine& rejected);
  [[nodiscard]] std::string text();

 private:
  std::vector<std::pair<std::size_t, std::string>> parts_;  // index in the input, text
};

}  // namespace cli
