#include "whole_array.hpp"

#include <utility>

namespace qbatch {

WholeArray::WholeArray(ReportData data, std::span<const RefusedItem> refused) : data_(std::move(data)), refused_(refused) {
  data_.size += refused.size();
  std::size_t others = 0;
  for (std::size_t index = 0; index < data_.size; ++index) {
    const bool good = others == refused.size() || refused[others].index != index;
    good_.push_back(good);
    places_.push_back(good ? index - others : others++);
  }
  spreadFailures();
  spread(data_.ids, PointId(0));
  spread(data_.hits, {});
}

void WholeArray::spreadFailures() {
  auto failure = data_.failures.begin();
  std::vector<ItemFailure> all;
  for (std::size_t index = 0; index < data_.size; ++index) {
    if (!good_[index]) {
      all.push_back({index, Outcome::rejected, Error(Errc::invalidItem, Origin::caller, refused(index).reason), 0});
    } else if (failure != data_.failures.end() && failure->index == places_[index]) {
      all.push_back(std::move(*failure++));
      all.back().index = index;
    }
  }
  data_.failures = std::move(all);
}

template <class Value>
void WholeArray::spread(std::vector<Value>& values, const Value& none) const {
  if (values.empty()) return;
  std::vector<Value> all;
  all.reserve(data_.size);
  for (std::size_t index = 0; index < data_.size; ++index) all.push_back(good_[index] ? std::move(values[places_[index]]) : none);
  values = std::move(all);
}

}  // namespace qbatch
